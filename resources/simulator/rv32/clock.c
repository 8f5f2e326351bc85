// Time, sleep and restart.

#include "py/mphal.h"
#include "py/runtime.h"

// The 10 MHz counter and its comparator, the clock that knows the date (nanoseconds since 1970), the reset register.
#define COUNTER ((volatile uint32_t *)0x0200bff8)
#define COMPARE ((volatile uint32_t *)0x02004000)
#define DATE ((volatile uint32_t *)0x00101000)
#define FINISHER ((volatile uint32_t *)0x00100000)
#define FINISHER_RESET (0x7777)
#define MIE_TIMER (1u << 7)

static volatile bool event;

uint64_t clock_ticks(void) {
    uint32_t high, low;
    do {
        high = COUNTER[1];
        low = COUNTER[0];
    } while (high != COUNTER[1]);
    return (uint64_t)high << 32 | low;
}

uint64_t clock_unix_ns(void) {
    uint32_t low = DATE[0]; // reading the low half holds the high half still
    return (uint64_t)DATE[1] << 32 | low;
}

uint32_t clock_seed(void) {
    return DATE[0] ^ COUNTER[0];
}

// Called by interrupts: whoever sleeps, or is about to, must look again.
void clock_event(void) {
    event = true;
}

// Interrupts are held off between the look at `event` and wfi, and wfi wakes for a held-off interrupt: none is missed.
// The timer wakes in the same way and never traps.
void clock_sleep_until(uint64_t deadline) {
    uint32_t state = irq_disable();
    if (!event) {
        COMPARE[1] = 0xffffffff;
        COMPARE[0] = (uint32_t)deadline;
        COMPARE[1] = (uint32_t)(deadline >> 32);
        __asm volatile ("csrs mie, %0" : : "r" (MIE_TIMER));
        __asm volatile ("wfi" : : : "memory");
        __asm volatile ("csrc mie, %0" : : "r" (MIE_TIMER));
    }
    event = false;
    irq_restore(state);
}

void machine_restart(void) {
    *FINISHER = FINISHER_RESET;
    for (;;) {
    }
}
