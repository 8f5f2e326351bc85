#include "py/dynruntime.h"

// cube(n): n * n * n
static mp_obj_t cube(mp_obj_t n_in) {
    mp_int_t n = mp_obj_get_int(n_in);
    return mp_obj_new_int(n * n * n);
}
static MP_DEFINE_CONST_FUN_OBJ_1(cube_obj, cube);

// volume(a, b, c): a * b * c
static mp_obj_t volume(mp_obj_t a, mp_obj_t b, mp_obj_t c) {
    return mp_obj_new_int(mp_obj_get_int(a) * mp_obj_get_int(b) * mp_obj_get_int(c));
}
static MP_DEFINE_CONST_FUN_OBJ_3(volume_obj, volume);

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    mp_store_global(MP_QSTR_cube, MP_OBJ_FROM_PTR(&cube_obj));
    mp_store_global(MP_QSTR_volume, MP_OBJ_FROM_PTR(&volume_obj));
    MP_DYNRUNTIME_INIT_EXIT
}
