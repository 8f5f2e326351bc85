// To be included by the port's mpconfigport.h
extern const struct _mp_obj_module_t lamp_tools_module;
#define MICROPY_PORT_BUILTIN_MODULES \
    { MP_ROM_QSTR(MP_QSTR_lamptools), MP_ROM_PTR(&lamp_tools_module) }, \

