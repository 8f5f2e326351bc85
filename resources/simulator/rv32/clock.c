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

static void delay_until(uint64_t deadline) {
    for (;;) {
        mp_event_handle_nowait();
        if (clock_ticks() >= deadline) {
            return;
        }
        clock_sleep_until(deadline);
    }
}

void mp_hal_delay_ms(mp_uint_t ms) {
    delay_until(clock_ticks() + (uint64_t)ms * 1000 * TICKS_PER_US);
}

void mp_hal_delay_us(mp_uint_t us) {
    uint64_t deadline = clock_ticks() + (uint64_t)us * TICKS_PER_US;
    if (us >= 1000) {
        delay_until(deadline);
    }
    while (clock_ticks() < deadline) {
    }
}

mp_uint_t mp_hal_ticks_us(void) {
    return clock_ticks() / TICKS_PER_US;
}

mp_uint_t mp_hal_ticks_ms(void) {
    return clock_ticks() / (1000 * TICKS_PER_US);
}

mp_uint_t mp_hal_ticks_cpu(void) {
    return COUNTER[0];
}

// Nanoseconds since MicroPython's epoch, which is the year 2000 on small boards, as time.time() counts.
uint64_t mp_hal_time_ns(void) {
    #if MICROPY_EPOCH_IS_1970
    return clock_unix_ns();
    #else
    return clock_unix_ns() - 946684800ull * 1000000000ull;
    #endif
}

void machine_restart(void) {
    *FINISHER = FINISHER_RESET;
    for (;;) {
    }
}
