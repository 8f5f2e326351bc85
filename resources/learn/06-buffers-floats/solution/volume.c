#include "py/dynruntime.h"

// louder(samples, factor): multiply each byte of a bytearray, in place; more than 255 becomes 255.
static mp_obj_t louder(mp_obj_t samples_in, mp_obj_t factor_in) {
    mp_buffer_info_t samples;
    mp_get_buffer_raise(samples_in, &samples, MP_BUFFER_RW);
    uint8_t *data = samples.buf;
    mp_float_t factor = mp_obj_get_float(factor_in);
    for (size_t i = 0; i < samples.len; i++) {
        mp_float_t value = data[i] * factor;
        data[i] = value > 255 ? 255 : (uint8_t)value;
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(louder_obj, louder);

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    mp_store_global(MP_QSTR_louder, MP_OBJ_FROM_PTR(&louder_obj));
    MP_DYNRUNTIME_INIT_EXIT
}
