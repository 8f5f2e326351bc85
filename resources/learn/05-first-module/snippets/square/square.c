#include "py/dynruntime.h"

static mp_obj_t square(mp_obj_t n_in) {
    mp_int_t n = mp_obj_get_int(n_in); // Python object to C number
    return mp_obj_new_int(n * n);      // and back
}
static MP_DEFINE_CONST_FUN_OBJ_1(square_obj, square); // takes 1 argument

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    mp_store_global(MP_QSTR_square, MP_OBJ_FROM_PTR(&square_obj));
    MP_DYNRUNTIME_INIT_EXIT
}
