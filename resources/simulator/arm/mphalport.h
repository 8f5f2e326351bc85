// What MicroPython's core and our files need to know of this machine.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "shared/runtime/interrupt_char.h"

#define TICKS_PER_US (25)
#define TICKS_FOREVER (~0ull)

// Interrupts off, and back to what they were.
static inline uint32_t irq_disable(void) {
    uint32_t before;
    __asm volatile ("mrs %0, primask\n cpsid i" : "=r" (before) : : "memory");
    return before;
}
static inline void irq_restore(uint32_t before) {
    __asm volatile ("msr primask, %0" : : "r" (before) : "memory");
}
#define MICROPY_BEGIN_ATOMIC_SECTION() irq_disable()
#define MICROPY_END_ATOMIC_SECTION(state) irq_restore(state)

// Sleep until an interrupt came, at most timeout_ms (negative: for ever).
#define MICROPY_INTERNAL_WFE(timeout_ms) \
    clock_sleep_until((timeout_ms) < 0 ? TICKS_FOREVER : clock_ticks() + (uint64_t)(timeout_ms) * 1000 * TICKS_PER_US)

uint64_t clock_ticks(void);
uint64_t clock_unix_ns(void);
uint32_t clock_seed(void);
void clock_init(void);
void clock_wrapped(void);
void clock_kick(void);
void clock_alarm(void);
void clock_sleep_until(uint64_t deadline);
void clock_event(void);
void machine_restart(void) __attribute__((noreturn));

void board_init(void);
void uart_receive(void);
