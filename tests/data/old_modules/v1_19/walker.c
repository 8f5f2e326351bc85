// walker: a user C module with an iterator and a stream, in the manner of 1.19.
#include "py/runtime.h"
#include "py/stream.h"

typedef struct _walker_obj_t {
    mp_obj_base_t base;
    mp_int_t at;
} walker_obj_t;

STATIC mp_obj_t walker_next(mp_obj_t self_in) {
    walker_obj_t *self = MP_OBJ_TO_PTR(self_in);
    return self->at ? MP_OBJ_NEW_SMALL_INT(self->at--) : MP_OBJ_STOP_ITERATION;
}

STATIC const mp_obj_type_t walker_type = {
    .base = { &mp_type_type },
    .flags = MP_TYPE_FLAG_EQ_CHECKS_OTHER_TYPE,
    .name = MP_QSTR_walker,
    .getiter = mp_identity_getiter,
    .iternext = walker_next,
};

STATIC mp_obj_t walker_from(mp_obj_t start) {
    walker_obj_t *self = mp_obj_malloc(walker_obj_t, &walker_type);
    self->at = mp_obj_get_int(start);
    return MP_OBJ_FROM_PTR(self);
}
STATIC MP_DEFINE_CONST_FUN_OBJ_1(walker_from_obj, walker_from);

STATIC mp_obj_t walker_readable(mp_obj_t stream) {
    const mp_stream_p_t *protocol = mp_obj_get_type(stream)->protocol;
    if (protocol == NULL || ((mp_obj_base_t *)MP_OBJ_TO_PTR(stream))->type->make_new == NULL) {
        mp_raise_msg(&mp_type_OSError, MP_ERROR_TEXT("no stream"));
    }
    return mp_obj_new_bool(protocol->read != NULL);
}
STATIC MP_DEFINE_CONST_FUN_OBJ_1(walker_readable_obj, walker_readable);

STATIC const mp_rom_map_elem_t walker_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_walker) },
    { MP_ROM_QSTR(MP_QSTR_start), MP_ROM_PTR(&walker_from_obj) },
    { MP_ROM_QSTR(MP_QSTR_readable), MP_ROM_PTR(&walker_readable_obj) },
};
STATIC MP_DEFINE_CONST_DICT(walker_globals, walker_globals_table);

const mp_obj_module_t walker_user_cmodule = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&walker_globals,
};
MP_REGISTER_MODULE(MP_QSTR_walker, walker_user_cmodule);
