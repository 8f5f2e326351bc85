// What is Arm about these simulated boards; everything else is in sim_config.h.

#define MICROPY_EMIT_THUMB (1)
#define MICROPY_EMIT_INLINE_THUMB (1)
#define MICROPY_MAKE_POINTER_CALLABLE(p) ((void *)((uint32_t)(p) | 1))

#ifdef __ARM_FP
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_DOUBLE)
#define MICROPY_HW_MCU_NAME "Arm Cortex-M7"
#define SIM_UNIQUE_ID "simarm7"
#define SIM_FREQUENCY (216000000) // an STM32F7's
#define SIM_DISK (0x60000000)
#else
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_FLOAT)
#define MICROPY_HW_MCU_NAME "Arm Cortex-M3"
#define SIM_UNIQUE_ID "simarm3"
#define SIM_FREQUENCY (72000000) // an STM32F1's
#define SIM_DISK (0x21000000)
#endif

#include "sim_config.h"
