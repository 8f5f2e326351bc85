// Included by extmod/modmachine.c: what a simulated machine can do.

#include "py/mphal.h"

static void mp_machine_idle(void) {
    MICROPY_INTERNAL_WFE(1);
}

__attribute__((noreturn)) static void mp_machine_reset(void) {
    machine_restart();
}

static mp_int_t mp_machine_reset_cause(void) {
    return 0;
}

static mp_obj_t mp_machine_unique_id(void) {
    return mp_obj_new_bytes((const byte *)SIM_UNIQUE_ID, sizeof(SIM_UNIQUE_ID) - 1);
}

static mp_obj_t mp_machine_get_freq(void) {
    return MP_OBJ_NEW_SMALL_INT(SIM_FREQUENCY); // a real board's; QEMU goes as fast as it can
}

static void mp_machine_set_freq(size_t n_args, const mp_obj_t *args) {
    mp_raise_NotImplementedError(MP_ERROR_TEXT("the simulator has no clock to set"));
}

static void mp_machine_lightsleep(size_t n_args, const mp_obj_t *args) {
    mp_hal_delay_ms(n_args ? mp_obj_get_int(args[0]) : 0);
}

__attribute__((noreturn)) static void mp_machine_deepsleep(size_t n_args, const mp_obj_t *args) {
    mp_machine_lightsleep(n_args, args);
    machine_restart();
}
