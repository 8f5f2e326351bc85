// fast_gpio.h: pins as fast as the chip can switch them, and a clock that counts its cycles. For your own modules too.
//
// A GPIO register is a word of memory with a special address: each of its bits is a pin. Writing a 1 to a bit of the
// "set" register makes that pin high, to a bit of the "clear" register low; a 0 leaves the pin as it is. So one pin
// needs one write, and nobody else's pins are touched.
//
// The addresses differ from chip to chip, but a native module is built for a kind of processor: the same .mpy runs on an
// ESP32-C3 and on an ESP32-C6. So the address is looked up when the program runs, by the name of the chip, once; it
// costs nothing while the pin is switched. A #define at build time would make a module that writes to a wrong address,
// without any error, as soon as somebody copies the file to another chip.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Where these numbers come from: Espressif's ESP-IDF, commit 102122904ade (2026-07-23), components/soc/<chip>/:
// the address is DR_REG_GPIO_BASE in register/soc/reg_base.h (ESP32-P4: register/hw_ver3/soc, and hw_ver1 is the same),
// the number of pins is SOC_GPIO_OUT_RANGE_MAX + 1 in include/soc/soc_caps.h. Which counter a RISC-V chip has:
// SOC_CPU_HAS_CSR_PC there, and rv_utils_get_cycle_count() in components/riscv/include/riscv/rv_utils.h.
typedef struct {
    char name[10];
    uint8_t pins;
    bool own_counter; // RISC-V only: the counter is Espressif's own register 0x7e2, not the standard one
    uint32_t gpio;    // address of the GPIO registers
} fast_gpio_chip_t;

static const fast_gpio_chip_t fast_gpio_chips[] = {
    {"ESP32", 34, false, 0x3ff44000},
    {"ESP32S2", 46, false, 0x3f404000},
    {"ESP32S3", 49, false, 0x60004000},
    {"ESP32C2", 21, true, 0x60004000},
    {"ESP32C3", 22, true, 0x60004000},
    {"ESP32C5", 29, false, 0x60091000},
    {"ESP32C6", 31, true, 0x60091000},
    {"ESP32H2", 28, true, 0x60091000},
    {"ESP32P4", 55, false, 0x500e0000},
    {"SIMULATOR", 64, false, 0}, // has no pins; works with a tape only
};
#define FAST_GPIO_CHIPS (sizeof(fast_gpio_chips) / sizeof(fast_gpio_chips[0]))

// The registers behind that address are the same on all of them (GPIO_OUT_W1TS_REG and so on in soc/gpio_reg.h).
#define FAST_GPIO_SET 0x08
#define FAST_GPIO_CLEAR 0x0c
#define FAST_GPIO_SET_1 0x14 // pins 32 and up
#define FAST_GPIO_CLEAR_1 0x18

// A simulator has no pins. There, this piece of RAM takes their place: it holds the registers, a clock, and a tape on
// which each write to a register is noted down. The program is the same; a test reads the tape and sees the waveform.
// The clock goes on only when somebody looks at it, so a test gives the same result on a busy PC and on an idle one.
typedef struct {
    uint32_t now;     // cycles
    uint32_t n;       // so many writes are on the tape
    uint32_t gpio[8]; // the registers
    struct {
        uint32_t cycle; // when
        uint32_t offset; // which register: FAST_GPIO_SET ...
        uint32_t value; // what was written
    } writes[];
} fast_gpio_tape_t;
#define FAST_GPIO_LOOK 7 // cycles that a look at the simulated clock takes

// One open pin.
typedef struct {
    volatile uint32_t *set; // "volatile": each write is meant, the compiler must not leave one out
    volatile uint32_t *clear;
    uint32_t mask; // the pin's bit
    bool own_counter;
    fast_gpio_tape_t *tape; // NULL on a chip
    size_t room;            // so many writes fit on the tape
} fast_gpio_t;

static inline const fast_gpio_chip_t *fast_gpio_find(const char *name) {
    for (size_t i = 0; i < FAST_GPIO_CHIPS; i++) {
        const char *a = fast_gpio_chips[i].name, *b = name;
        while (*a != 0 && *a == *b) {
            a++;
            b++;
        }
        if (*a == *b) {
            return &fast_gpio_chips[i];
        }
    }
    return NULL;
}

// Open a pin. `tape` is NULL, or `bytes` bytes of RAM that stand in for the chip. false: there is no such pin.
// That the pin is an output at all was arranged before, by machine.Pin(pin, machine.Pin.OUT).
static inline bool fast_gpio_open(fast_gpio_t *io, const fast_gpio_chip_t *chip, size_t pin, void *tape, size_t bytes) {
    if (pin >= chip->pins || (tape == NULL ? chip->gpio == 0 : bytes < sizeof(fast_gpio_tape_t))) {
        return false;
    }
    uintptr_t gpio = chip->gpio;
    io->tape = tape;
    io->room = 0;
    io->own_counter = chip->own_counter;
    if (tape != NULL) {
        io->room = (bytes - sizeof(fast_gpio_tape_t)) / sizeof(io->tape->writes[0]);
        io->tape->n = 0;
        gpio = (uintptr_t)io->tape->gpio;
    }
    io->set = (volatile uint32_t *)(gpio + (pin < 32 ? FAST_GPIO_SET : FAST_GPIO_SET_1));
    io->clear = (volatile uint32_t *)(gpio + (pin < 32 ? FAST_GPIO_CLEAR : FAST_GPIO_CLEAR_1));
    io->mask = (uint32_t)1 << pin % 32;
    return true;
}

// The compiler has been told to make small code, and would rather call these few instructions than repeat them. But a
// call takes longer than all of them.
#define FAST_GPIO_INLINE static inline __attribute__((always_inline))

FAST_GPIO_INLINE void fast_gpio_write(fast_gpio_t *io, volatile uint32_t *reg) {
    *reg = io->mask;
    fast_gpio_tape_t *tape = io->tape;
    if (tape != NULL && tape->n < io->room) {
        tape->writes[tape->n].cycle = tape->now;
        tape->writes[tape->n].offset = (uintptr_t)reg - (uintptr_t)tape->gpio;
        tape->writes[tape->n].value = *reg;
        tape->n++;
    }
}

FAST_GPIO_INLINE void fast_gpio_high(fast_gpio_t *io) {
    fast_gpio_write(io, io->set);
}

FAST_GPIO_INLINE void fast_gpio_low(fast_gpio_t *io) {
    fast_gpio_write(io, io->clear);
}

// The chip's cycle counter. It starts again at 0 after 2 ** 32 cycles; differences are right all the same.
FAST_GPIO_INLINE uint32_t fast_gpio_counter(bool own_counter) {
    uint32_t n = 0;
    #if defined(__XTENSA__)
    __asm__ volatile ("rsr %0, ccount" : "=r" (n));
    #elif defined(__riscv)
    // Older assemblers know "csrr" only when they are told that the chip has it.
    if (own_counter) {
        __asm__ volatile (".option push\n.option arch, +zicsr\ncsrr %0, 0x7e2\n.option pop" : "=r" (n));
    } else {
        __asm__ volatile (".option push\n.option arch, +zicsr\ncsrr %0, 0xc00\n.option pop" : "=r" (n));
    }
    #elif defined(__x86_64__) || defined(__i386__)
    n = __builtin_ia32_rdtsc();
    #endif // none for other processors: none of their chips is in the table
    return n;
}

FAST_GPIO_INLINE uint32_t fast_gpio_cycles(fast_gpio_t *io) {
    return io->tape != NULL ? io->tape->now += FAST_GPIO_LOOK : fast_gpio_counter(io->own_counter);
}

// Wait until `cycles` have passed since the counter was at `start`.
FAST_GPIO_INLINE void fast_gpio_wait(fast_gpio_t *io, uint32_t start, uint32_t cycles) {
    while (fast_gpio_cycles(io) - start < cycles) {
    }
}
