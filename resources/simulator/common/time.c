// Delays and the clocks that Python asks, on each board's counter (clock_ticks) and sleep (clock_sleep_until).

#include "py/mphal.h"
#include "py/runtime.h"

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
    return clock_ticks();
}

// Nanoseconds since MicroPython's epoch, which is the year 2000 on small boards, as time.time() counts.
uint64_t mp_hal_time_ns(void) {
    #if MICROPY_EPOCH_IS_1970
    return clock_unix_ns();
    #else
    return clock_unix_ns() - 946684800ull * 1000000000ull;
    #endif
}
