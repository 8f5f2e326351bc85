// lamp: a user C module with a class, in the manner of 1.16.
#include "py/obj.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "lib/utils/interrupt_char.h"

typedef struct _lamp_obj_t {
    mp_obj_base_t base;
    mp_int_t level;
} lamp_obj_t;

extern const mp_obj_type_t lamp_type;

STATIC mp_obj_t lamp_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    lamp_obj_t *self = m_new_obj(lamp_obj_t);
    self->base.type = &lamp_type;
    self->level = n_args ? mp_obj_get_int(args[0]) : 0;
    return MP_OBJ_FROM_PTR(self);
}

STATIC void lamp_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    lamp_obj_t *self = MP_OBJ_TO_PTR(self_in);
    (void)kind;
    mp_printf(print, "Lamp(%d)", (int)self->level);
}

STATIC mp_int_t lamp_get_buffer(mp_obj_t self_in, mp_buffer_info_t *bufinfo, mp_uint_t flags) {
    lamp_obj_t *self = MP_OBJ_TO_PTR(self_in);
    (void)flags;
    bufinfo->buf = &self->level;
    bufinfo->len = sizeof(self->level);
    bufinfo->typecode = 'B';
    return 0;
}

STATIC mp_obj_t lamp_set(mp_obj_t self_in, mp_obj_t level_in) {
    lamp_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_int_t level = mp_obj_get_int(level_in);
    if (level < 0 || level > 100) {
        mp_raise_ValueError(level < 0 ? "lamp: too dark" : "lamp: "
                            "too bright");
    }
    if (self->base.type != &lamp_type) {
        nlr_raise(mp_obj_new_exception_msg_varg(&mp_type_TypeError, "lamp: not %q", self->base.type->name));
    }
    self->level = level;
    return mp_const_none;
}
STATIC MP_DEFINE_CONST_FUN_OBJ_2(lamp_set_obj, lamp_set);

STATIC const mp_rom_map_elem_t lamp_locals_table[] = {
    { MP_OBJ_NEW_QSTR(MP_QSTR_set), (mp_obj_t)&lamp_set_obj },
    { MP_OBJ_NEW_QSTR(MP_QSTR_FULL), MP_OBJ_NEW_SMALL_INT(100) },
};
STATIC MP_DEFINE_CONST_DICT(lamp_locals, lamp_locals_table);

const mp_obj_type_t lamp_type = {
    { &mp_type_type },
    .name = MP_QSTR_Lamp,
    // How a lamp is made and shown.
    .make_new = lamp_make_new,
    .print = lamp_print,
    .buffer_p = { .get_buffer = lamp_get_buffer },
    .locals_dict = (mp_obj_dict_t *)&lamp_locals,
};

STATIC const mp_map_elem_t lamp_globals_table[] = {
    { MP_OBJ_NEW_QSTR(MP_QSTR___name__), MP_OBJ_NEW_QSTR(MP_QSTR_lamp) },
    { MP_OBJ_NEW_QSTR(MP_QSTR_Lamp), (mp_obj_t)&lamp_type },
    { MP_OBJ_NEW_QSTR(MP_QSTR_OFF), mp_const_none },
};
STATIC MP_DEFINE_CONST_DICT(lamp_globals, lamp_globals_table);

const mp_obj_module_t lamp_user_cmodule = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&lamp_globals,
};

MP_REGISTER_MODULE(MP_QSTR_lamp, lamp_user_cmodule, MODULE_LAMP_ENABLED);

STATIC const mp_rom_map_elem_t lamp_tools_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_lamptools) },
};
STATIC MP_DEFINE_CONST_DICT(lamp_tools_globals, lamp_tools_table);

const mp_obj_module_t lamp_tools_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&lamp_tools_globals,
};
