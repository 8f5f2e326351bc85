// The same lines a fourth time, in C. in_python.py explains the numbers.

#include "py/dynruntime.h"

// How often z = z * z + c until z is further than 2 from 0, and 60 at most.
static int count(int32_t cr, int32_t ci) {
    int32_t zr = 0;
    int32_t zi = 0;
    int n = 0;
    while (n < 60) {
        int32_t rr = zr * zr;
        int32_t ii = zi * zi;
        if (rr + ii > 4 << 24) {
            break;
        }
        zi = (zr * zi >> 11) + ci;
        zr = ((rr - ii) >> 12) + cr;
        n++;
    }
    return n;
}

// row(pixels, cr, ci, step). From 4 arguments up, they come as an array.
static mp_obj_t row(size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t pixels;
    mp_get_buffer_raise(args[0], &pixels, MP_BUFFER_WRITE); // raises TypeError if nothing can be written there
    int32_t cr = mp_obj_get_int(args[1]);
    int32_t ci = mp_obj_get_int(args[2]);
    int32_t step = mp_obj_get_int(args[3]);
    uint8_t *bytes = pixels.buf;
    for (size_t column = 0; column < pixels.len; column++) {
        bytes[column] = count(cr, ci);
        cr += step;
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(row_obj, 4, 4, row);

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    mp_store_global(MP_QSTR_row, MP_OBJ_FROM_PTR(&row_obj));
    MP_DYNRUNTIME_INIT_EXIT
}
