// What is RISC-V about this simulated board; everything else is in sim_config.h.

#define MICROPY_EMIT_RV32 (1)
#define MICROPY_EMIT_INLINE_RV32 (1)
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_FLOAT)

#define MICROPY_HW_MCU_NAME "RISC-V rv32imc"
#define SIM_UNIQUE_ID "simrv32"
#define SIM_FREQUENCY (160000000) // an ESP32-C3's
#define SIM_DISK (0x82000000)

#include "sim_config.h"
