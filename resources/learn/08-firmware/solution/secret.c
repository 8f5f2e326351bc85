#include "py/dynruntime.h"

static mp_obj_t code(void) {
    return mp_obj_new_int(4711);
}
static MP_DEFINE_CONST_FUN_OBJ_0(code_obj, code);

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    mp_store_global(MP_QSTR_code, MP_OBJ_FROM_PTR(&code_obj));
    MP_DYNRUNTIME_INIT_EXIT
}
