#include "py/dynruntime.h"

// cube(n): n * n * n
static mp_obj_t cube(mp_obj_t n_in) {
    mp_int_t n = mp_obj_get_int(n_in);
    return mp_obj_new_int(n); // your turn
}
static MP_DEFINE_CONST_FUN_OBJ_1(cube_obj, cube);

// volume(a, b, c): a * b * c. Write it like cube(), with three arguments and MP_DEFINE_CONST_FUN_OBJ_3.

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    mp_store_global(MP_QSTR_cube, MP_OBJ_FROM_PTR(&cube_obj));
    // and tell Python its name here
    MP_DYNRUNTIME_INIT_EXIT
}
