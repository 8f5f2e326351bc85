// The same in C: "volatile" because each write is meant, and the compiler must not leave one out.

#include "py/dynruntime.h"

// toggle(pin, registers, mask, n). From 4 arguments up, they come as an array.
static mp_obj_t toggle(size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t registers;
    mp_get_buffer_raise(args[1], &registers, MP_BUFFER_READ);
    if (registers.len < 2 * sizeof(uintptr_t)) {
        mp_raise_ValueError("two addresses, please");
    }
    const uintptr_t *address = registers.buf;
    volatile uint32_t *high = (volatile uint32_t *)address[0];
    volatile uint32_t *low = (volatile uint32_t *)address[1];
    uint32_t mask = mp_obj_get_int_truncated(args[2]);
    mp_int_t n = mp_obj_get_int(args[3]);
    for (mp_int_t i = 0; i < n; i++) {
        *high = mask;
        *low = mask;
    }
    return args[3];
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(toggle_obj, 4, 4, toggle);

// The byte that an interrupt sets. Python keeps the bytearray that it is in. Not "static": a native module cannot have
// such variables that start at zero.
volatile uint8_t *flag;

static mp_obj_t watch(mp_obj_t noted) {
    mp_buffer_info_t byte;
    mp_get_buffer_raise(noted, &byte, MP_BUFFER_WRITE);
    if (byte.len == 0) {
        mp_raise_ValueError("one byte, please");
    }
    flag = byte.buf;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(watch_obj, watch);

static mp_obj_t answer(mp_obj_t pin) {
    if (flag != NULL) {
        *flag = 1;
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(answer_obj, answer);

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    mp_store_global(MP_QSTR_toggle, MP_OBJ_FROM_PTR(&toggle_obj));
    mp_store_global(MP_QSTR_watch, MP_OBJ_FROM_PTR(&watch_obj));
    mp_store_global(MP_QSTR_answer, MP_OBJ_FROM_PTR(&answer_obj));
    MP_DYNRUNTIME_INIT_EXIT
}
