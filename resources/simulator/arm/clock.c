// Time, sleep and restart.

#include "py/mphal.h"
#include "py/runtime.h"

// CMSDK timers count down at 25 MHz. The first one never stops: its wraps (every 171 s) are counted.
typedef struct { volatile uint32_t control, value, reload, clear; } cmsdk_timer_t;
#define COUNTER ((cmsdk_timer_t *)0x40000000)
#define ALARM ((cmsdk_timer_t *)0x40001000)
#define TIMER_ON (1 << 0)
#define TIMER_INTERRUPT (1 << 3)
#define IRQ_ALARM (1u << 9)
#define NVIC_FORGET (*(volatile uint32_t *)0xe000e280)
#define RESET_CONTROL (*(volatile uint32_t *)0xe000ed0c)
#define RESET_REQUEST (0x05fa0004)

static volatile uint32_t wraps;
static volatile bool event;

void clock_init(void) {
    COUNTER->reload = 0xffffffff;
    COUNTER->value = 0xffffffff;
    COUNTER->control = TIMER_ON | TIMER_INTERRUPT;
}

// QEMU looks for bytes that came before the serial port was on when it is woken: by this alarm, at once.
void clock_kick(void) {
    ALARM->value = 1;
    ALARM->control = TIMER_ON | TIMER_INTERRUPT;
}

void clock_alarm(void) {
    ALARM->control = 0;
    ALARM->clear = 1;
}

// Interrupts are off, here and in clock_ticks, so that each wrap counts once.
void clock_wrapped(void) {
    if (COUNTER->clear) {
        COUNTER->clear = 1;
        wraps = wraps + 1;
    }
}

uint64_t clock_ticks(void) {
    uint32_t state = irq_disable();
    uint32_t low = ~COUNTER->value;
    if (COUNTER->clear) { // it wrapped just before or after the reading
        clock_wrapped();
        low = ~COUNTER->value;
    }
    uint64_t now = (uint64_t)wraps << 32 | low;
    irq_restore(state);
    return now;
}

// A board without a battery: its time begins with the year 2000.
uint64_t clock_unix_ns(void) {
    return 946684800ull * 1000000000ull + clock_ticks() * (1000 / TICKS_PER_US);
}

uint32_t clock_seed(void) {
    return clock_ticks();
}

// Called by interrupts: whoever sleeps, or is about to, must look again.
void clock_event(void) {
    event = true;
}

// Interrupts are held off between the look at `event` and wfi, and wfi wakes for a held-off interrupt: none is missed.
void clock_sleep_until(uint64_t deadline) {
    uint64_t now = clock_ticks();
    uint32_t state = irq_disable();
    if (!event && deadline > now) {
        uint64_t left = deadline - now;
        ALARM->value = left > 0xffffffff ? 0xffffffff : (uint32_t)left;
        ALARM->control = TIMER_ON | TIMER_INTERRUPT;
        __asm volatile ("wfi" : : : "memory");
        clock_alarm();
        NVIC_FORGET = IRQ_ALARM;
    }
    event = false;
    irq_restore(state);
}

void machine_restart(void) {
    RESET_CONTROL = RESET_REQUEST;
    for (;;) {
    }
}
