// signal_filter: digital filters, for samples that come from an ADC.
//
//     >>> from signal_filter import Filter
//     >>> smooth = Filter([0.25, 0.25, 0.25, 0.25])
//     >>> samples, out = array("H", [0, 4, 4, 4, 4, 4]), array("f", [0] * 6)
//     >>> smooth.run(samples, out)
//     >>> out
//     array('f', [0.0, 1.0, 2.0, 3.0, 4.0, 4.0])
//
// Filter(b, a) makes from the inputs x the outputs
//     y[n] = b[0] * x[n] + b[1] * x[n-1] + b[2] * x[n-2] + ...
//                        - a[0] * y[n-1] - a[1] * y[n-2] - ...
// Without a, an input is forgotten after len(b) samples: FIR, finite impulse response. With a, outputs go into later
// outputs, and an input is never quite forgotten: IIR, infinite impulse response. Three b and two a are a "biquad".

#include "py/dynruntime.h"

#define MOST 1000 // coefficients

mp_obj_full_type_t filter_type;

// The calculation is done in "float" on every board: 32 bits are more than enough for an ADC of 12 bits, and "double"
// would be slow on all chips. ESP32 and ESP32-S3 have hardware for float. For the others the build adds functions of
// the compiler's library that calculate with whole numbers (natmod.toml: runtime = "auto", which need not be written).
typedef struct {
    float b;   // how strongly an input acts on an output, so many samples later
    float a;   // how strongly an output does
    float due; // what all samples until now add to the output that is so many samples ahead
} tap_t;

typedef struct {
    mp_obj_base_t base;
    size_t n;
    tap_t taps[];
} filter_t;

// One sample in, one out. Each sample acts at once through taps[0], and leaves with the others what is due later.
static float filter_one(filter_t *self, float x) {
    tap_t *tap = self->taps;
    float y = tap[0].b * x + tap[1].due;
    for (size_t i = 1; i < self->n; i++) {
        // One sample later, what was i + 1 ahead is i ahead.
        tap[i].due = tap[i + 1].due + tap[i].b * x - tap[i].a * y;
    }
    return y;
}

// filter.run(samples, out): array("H") as read_u16() gives them, or array("f"), into an array("f") of the same length.
// What it remembers stays for the next call, so a long signal may come in pieces.
static mp_obj_t filter_run(mp_obj_t self_in, mp_obj_t samples_in, mp_obj_t out_in) {
    filter_t *self = MP_OBJ_TO_PTR(self_in);
    mp_buffer_info_t samples, out;
    mp_get_buffer_raise(samples_in, &samples, MP_BUFFER_READ);
    mp_get_buffer_raise(out_in, &out, MP_BUFFER_WRITE);
    // C sees bytes; the letter tells what they mean.
    if ((samples.typecode != 'H' && samples.typecode != 'f') || out.typecode != 'f') {
        mp_raise_TypeError("needs array('H') or array('f'), and array('f') for the result");
    }
    size_t n = out.len / sizeof(float);
    if (samples.len / (samples.typecode == 'H' ? sizeof(uint16_t) : sizeof(float)) != n) {
        mp_raise_ValueError("samples and result must have the same length");
    }
    float *y = out.buf;
    if (samples.typecode == 'H') {
        const uint16_t *x = samples.buf;
        for (size_t i = 0; i < n; i++) {
            y[i] = filter_one(self, x[i]);
        }
    } else {
        const float *x = samples.buf;
        for (size_t i = 0; i < n; i++) {
            y[i] = filter_one(self, x[i]);
        }
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(filter_run_obj, filter_run);

// filter.reset(): forget all samples.
static mp_obj_t filter_reset(mp_obj_t self_in) {
    filter_t *self = MP_OBJ_TO_PTR(self_in);
    for (size_t i = 0; i <= self->n; i++) {
        self->taps[i].due = 0;
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(filter_reset_obj, filter_reset);

// Filter(b[, a]), both a list or a tuple.
static mp_obj_t filter_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 2, false);
    size_t n_b, n_a = 0;
    mp_obj_t *b, *a = NULL;
    mp_obj_get_array(args[0], &n_b, &b);
    if (n_args > 1) {
        mp_obj_get_array(args[1], &n_a, &a);
    }
    if (n_b < 1 || n_b > MOST || n_a > MOST) {
        mp_raise_ValueError("needs from 1 to 1000 coefficients");
    }
    size_t n = n_a + 1 > n_b ? n_a + 1 : n_b;
    // One tap more than coefficients: nothing is ever due there, so the last tap needs no rule of its own.
    filter_t *self = m_malloc(sizeof(filter_t) + (n + 1) * sizeof(tap_t));
    self->base.type = type;
    self->n = n;
    for (size_t i = 0; i <= n; i++) {
        // mp_obj_get_float gives the board's own kind of float, a double on a PC.
        self->taps[i].b = i < n_b ? (float)mp_obj_get_float(b[i]) : 0;
        self->taps[i].a = i > 0 && i <= n_a ? (float)mp_obj_get_float(a[i - 1]) : 0;
    }
    filter_reset(MP_OBJ_FROM_PTR(self));
    return MP_OBJ_FROM_PTR(self);
}

mp_map_elem_t filter_methods_table[2];
static MP_DEFINE_CONST_DICT(filter_methods, filter_methods_table);

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY

    filter_methods_table[0] = (mp_map_elem_t) {MP_OBJ_NEW_QSTR(MP_QSTR_run), MP_OBJ_FROM_PTR(&filter_run_obj)};
    filter_methods_table[1] = (mp_map_elem_t) {MP_OBJ_NEW_QSTR(MP_QSTR_reset), MP_OBJ_FROM_PTR(&filter_reset_obj)};

    filter_type.base.type = (void *)&mp_type_type;
    filter_type.flags = MP_TYPE_FLAG_NONE;
    filter_type.name = MP_QSTR_Filter;
    MP_OBJ_TYPE_SET_SLOT(&filter_type, make_new, filter_make_new, 0);
    MP_OBJ_TYPE_SET_SLOT(&filter_type, locals_dict, (void *)&filter_methods, 1);
    mp_store_global(MP_QSTR_Filter, MP_OBJ_FROM_PTR(&filter_type));

    MP_DYNRUNTIME_INIT_EXIT
}
