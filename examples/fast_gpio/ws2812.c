// The fast half of the module fast_gpio: sends bytes to WS2812 LEDs ("NeoPixel"). leds.py is the other half.
//
// These LEDs hang on one wire. Each bit is a pulse that starts 1.25 us after the one before; a short pulse is a 0, a
// long one a 1. A program in Python cannot switch a pin that exactly. Here it is done by hand ("bit-banged"), with the
// chip's cycle counter as the clock.

#include "py/dynruntime.h"

#include "fast_gpio.h"

// From the data sheet of the WS2812B, in nanoseconds. Each may be wrong by 150.
#define SHORT_NS 400
#define LONG_NS 800
#define PERIOD_NS 1250

// One byte, its highest bit first. All times in cycles.
static void send_byte(fast_gpio_t *io, uint8_t byte, const uint32_t high[2], uint32_t period) {
    for (int bit = 7; bit >= 0; bit--) {
        uint32_t start = fast_gpio_cycles(io);
        fast_gpio_high(io);
        fast_gpio_wait(io, start, high[byte >> bit & 1]);
        fast_gpio_low(io);
        fast_gpio_wait(io, start, period);
    }
}

static const fast_gpio_chip_t *get_chip(mp_obj_t name_in) {
    const fast_gpio_chip_t *chip = fast_gpio_find(mp_obj_str_get_str(name_in));
    if (chip == NULL) {
        mp_raise_ValueError("fast_gpio.h does not know this chip");
    }
    return chip;
}

// ws2812(chip, pin, data, mhz[, tape]): send all bytes of `data`. `mhz`: cycles in a microsecond. `tape`, an array("I"),
// takes the chip's place, see fast_gpio.h. An interrupt would make a pulse longer, so the caller turns them off.
static mp_obj_t ws2812(size_t n_args, const mp_obj_t *args) {
    const fast_gpio_chip_t *chip = get_chip(args[0]);
    mp_int_t pin = mp_obj_get_int(args[1]);
    mp_buffer_info_t data, tape = {0};
    mp_get_buffer_raise(args[2], &data, MP_BUFFER_READ);
    mp_int_t mhz = mp_obj_get_int(args[3]);
    if (mhz < 64 || mhz > 4000) {
        mp_raise_ValueError("mhz must be from 64 to 4000"); // slower is too slow for such short pulses
    }
    if (n_args > 4) {
        mp_get_buffer_raise(args[4], &tape, MP_BUFFER_WRITE);
        if (tape.typecode != 'I') {
            mp_raise_TypeError("the tape must be an array('I')");
        }
    }
    fast_gpio_t io;
    if (pin < 0 || !fast_gpio_open(&io, chip, pin, tape.buf, tape.len)) {
        mp_raise_ValueError("this chip has no such pin");
    }
    const uint32_t high[2] = {SHORT_NS * mhz / 1000, LONG_NS * mhz / 1000};
    const uint8_t *bytes = data.buf;
    for (size_t i = 0; i < data.len; i++) {
        send_byte(&io, bytes[i], high, PERIOD_NS * mhz / 1000);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(ws2812_obj, 4, 5, ws2812);

// cycles(chip): the cycle counter, 30 bits of it, so that it is a small number for Python on every board.
static mp_obj_t cycles(mp_obj_t chip_in) {
    return mp_obj_new_int(fast_gpio_counter(get_chip(chip_in)->own_counter) & 0x3fffffff);
}
static MP_DEFINE_CONST_FUN_OBJ_1(cycles_obj, cycles);

// knows(name): is this chip in fast_gpio.h?
static mp_obj_t knows(mp_obj_t name_in) {
    return mp_obj_new_bool(fast_gpio_find(mp_obj_str_get_str(name_in)) != NULL);
}
static MP_DEFINE_CONST_FUN_OBJ_1(knows_obj, knows);

mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {
    MP_DYNRUNTIME_INIT_ENTRY
    mp_store_global(MP_QSTR_ws2812, MP_OBJ_FROM_PTR(&ws2812_obj));
    mp_store_global(MP_QSTR_cycles, MP_OBJ_FROM_PTR(&cycles_obj));
    mp_store_global(MP_QSTR_knows, MP_OBJ_FROM_PTR(&knows_obj));
    MP_DYNRUNTIME_INIT_EXIT
}
