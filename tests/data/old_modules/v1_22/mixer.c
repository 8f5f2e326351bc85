// mixer: a native module with a class, in the manner of 1.22.
#include "py/dynruntime.h"

typedef struct {
    mp_obj_base_t base;
    mp_int_t level;
} mixer_obj_t;

mp_obj_full_type_t mixer_type;

STATIC mp_obj_t mixer_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    mixer_obj_t *self = mp_obj_malloc(mixer_obj_t, type);
    self->level = mp_obj_get_int(args[0]);
    return MP_OBJ_FROM_PTR(self);
}

STATIC mp_obj_t mixer_level(mp_obj_t self_in) {
    mixer_obj_t *self = MP_OBJ_TO_PTR(self_in);
    return mp_obj_new_int(self->level);
}
STATIC MP_DEFINE_CONST_FUN_OBJ_1(mixer_level_obj, mixer_level);

mp_map_elem_t mixer_locals_table[1];
STATIC MP_DEFINE_CONST_DICT(mixer_locals, mixer_locals_table);

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    mixer_type.base.type = (void *)&mp_type_type;
    mixer_type.flags = MP_TYPE_FLAG_NONE;
    mixer_type.name = MP_QSTR_Mixer;
    MP_OBJ_TYPE_SET_SLOT(&mixer_type, make_new, mixer_make_new, 0);
    mixer_locals_table[0] = (mp_map_elem_t){ MP_OBJ_NEW_QSTR(MP_QSTR_level), MP_OBJ_FROM_PTR(&mixer_level_obj) };
    MP_OBJ_TYPE_SET_SLOT(&mixer_type, locals_dict, (void *)&mixer_locals, 1);
    mp_store_global(MP_QSTR_Mixer, MP_OBJ_FROM_PTR(&mixer_type));
    MP_DYNRUNTIME_INIT_EXIT
}
