#include "py/dynruntime.h"

static mp_obj_t mean(mp_obj_t samples_in) {
    mp_buffer_info_t samples;
    mp_get_buffer_raise(samples_in, &samples, MP_BUFFER_READ);
    if (samples.typecode != 'H' || samples.len == 0) {
        mp_raise_ValueError("needs array('H') that is not empty");
    }
    const uint16_t *data = samples.buf;    // the array itself: no copy
    size_t n = samples.len / sizeof(*data); // len counts bytes
    mp_float_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += data[i];
    }
    return mp_obj_new_float(sum / n);
}
static MP_DEFINE_CONST_FUN_OBJ_1(mean_obj, mean);

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    mp_store_global(MP_QSTR_mean, MP_OBJ_FROM_PTR(&mean_obj));
    MP_DYNRUNTIME_INIT_EXIT
}
