// What MicroPython's core and our files need to know of this machine.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "shared/runtime/interrupt_char.h"

#define TICKS_PER_US (10)
#define TICKS_FOREVER (1ull << 50) // three years: QEMU, counting instructions, never rests before a much later one
#define CSR_MSTATUS_MIE (1u << 3)

// Interrupts off, and back to what they were.
static inline uint32_t irq_disable(void) {
    uint32_t before;
    __asm volatile ("csrrci %0, mstatus, 8" : "=r" (before) : : "memory");
    return before & CSR_MSTATUS_MIE;
}
static inline void irq_restore(uint32_t before) {
    __asm volatile ("csrs mstatus, %0" : : "r" (before) : "memory");
}
#define MICROPY_BEGIN_ATOMIC_SECTION() irq_disable()
#define MICROPY_END_ATOMIC_SECTION(state) irq_restore(state)

// Sleep until an interrupt came, at most timeout_ms (negative: for ever).
#define MICROPY_INTERNAL_WFE(timeout_ms) \
    clock_sleep_until((timeout_ms) < 0 ? TICKS_FOREVER : clock_ticks() + (uint64_t)(timeout_ms) * 1000 * TICKS_PER_US)

uint64_t clock_ticks(void);
uint64_t clock_unix_ns(void);
uint32_t clock_seed(void);
void clock_sleep_until(uint64_t deadline);
void clock_event(void);
void machine_restart(void) __attribute__((noreturn));

void board_init(void);
void uart_receive(void);
void uart_interrupt(void);
