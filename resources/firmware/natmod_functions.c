// Functions of native modules that get all their arguments as they come. Once in a firmware.
#include "natmod_in_firmware.h"

typedef struct {
    mp_obj_base_t base;
    natmod_function_t function;
    const mp_module_context_t *context;
} natmod_function_obj_t;

static mp_obj_t natmod_call(mp_obj_t self_in, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    natmod_function_obj_t *made = MP_OBJ_TO_PTR(self_in);
    mp_obj_fun_bc_t self = { .context = made->context };
    return made->function(&self, n_args, n_kw, (mp_obj_t *)args);
}

static MP_DEFINE_CONST_OBJ_TYPE(
    natmod_type_function, MP_QSTR_function, MP_TYPE_FLAG_BINDS_SELF, call, natmod_call
    );

mp_obj_t natmod_make_function(natmod_function_t function, mp_obj_fun_bc_t *self) {
    natmod_function_obj_t *made = mp_obj_malloc(natmod_function_obj_t, &natmod_type_function);
    made->function = function;
    made->context = self->context;
    return MP_OBJ_FROM_PTR(made);
}
