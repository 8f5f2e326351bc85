// A board that is compiled for and never made: enough for the headers.
#include <stdint.h>

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_FLOAT)
#define MICROPY_LONGINT_IMPL (MICROPY_LONGINT_IMPL_MPZ)
#define MICROPY_HW_BOARD_NAME "nothing"
#define MICROPY_HW_MCU_NAME "nothing"
#define MICROPY_USE_INTERNAL_ERRNO (1)
#define MP_SSIZE_MAX (0x7fffffff)

typedef intptr_t mp_int_t;
typedef uintptr_t mp_uint_t;
typedef long mp_off_t;

#define MP_STATE_PORT MP_STATE_VM
