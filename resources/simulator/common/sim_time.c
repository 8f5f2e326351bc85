// Included by extmod/modtime.c: the time of day. MicroPython changed the shape of the first function in 1.27.

#include "shared/timeutils/timeutils.h"

static void time_now(timeutils_struct_time_t *now) {
    timeutils_seconds_since_epoch_to_struct_time(mp_hal_time_ns() / 1000000000ull, now);
}

#if MICROPY_VERSION >= MICROPY_MAKE_VERSION(1, 27, 0)

static void mp_time_localtime_get(timeutils_struct_time_t *now) {
    time_now(now);
}

#else

static mp_obj_t mp_time_localtime_get(void) {
    timeutils_struct_time_t now;
    time_now(&now);
    const mp_int_t fields[8] = {
        now.tm_year, now.tm_mon, now.tm_mday, now.tm_hour, now.tm_min, now.tm_sec, now.tm_wday, now.tm_yday,
    };
    mp_obj_tuple_t *tuple = MP_OBJ_TO_PTR(mp_obj_new_tuple(8, NULL));
    for (size_t i = 0; i < 8; i++) {
        tuple->items[i] = mp_obj_new_int(fields[i]);
    }
    return MP_OBJ_FROM_PTR(tuple);
}

#endif

static mp_obj_t mp_time_time_get(void) {
    return mp_obj_new_int_from_ull(mp_hal_time_ns() / 1000000000ull);
}
