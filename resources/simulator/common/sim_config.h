// Which parts of MicroPython the simulated boards have: about those of an ESP32 without radio and pins. Each board's
// mpconfigport.h adds its processor, and where its disk is.

#include <stdint.h>
#include <alloca.h>

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

#define MICROPY_PERSISTENT_CODE_LOAD (1)

#define MICROPY_ENABLE_GC (1)
#define MICROPY_HEAP_BYTES (1024 * 1024)
#define MICROPY_MALLOC_USES_ALLOCATED_SIZE (1)
#define MICROPY_LONGINT_IMPL (MICROPY_LONGINT_IMPL_MPZ)
#define MP_NEED_LOG2 (1)

#define MICROPY_KBD_EXCEPTION (1)
#define MICROPY_ENABLE_SCHEDULER (1)
#define MICROPY_ENABLE_FINALISER (1)
#define MICROPY_ENABLE_EMERGENCY_EXCEPTION_BUF (1)
#define MICROPY_EMERGENCY_EXCEPTION_BUF_SIZE (256)
#define MICROPY_WARNINGS (1)

#define MICROPY_VFS (1)
#define MICROPY_READER_VFS (1)
#define MICROPY_VFS_ROM (0)

// "qemu" is what MicroPython's own port for this machine answers, so that scripts that know it feel at home.
#define MICROPY_PY_SYS_PLATFORM "qemu"
#define MICROPY_HW_BOARD_NAME "Natmod Studio simulator"
#define MICROPY_PY_SYS_STDIO_BUFFER (1)
#define MICROPY_PY_OS_UNAME (1)
#define MICROPY_PY_SELECT (1)

#define MICROPY_PY_TIME (1)
#define MICROPY_PY_TIME_GMTIME_LOCALTIME_MKTIME (1)
#define MICROPY_PY_TIME_TIME_TIME_NS (1)
#define MICROPY_PY_TIME_INCLUDEFILE "sim_time.c"

#define MICROPY_PY_MACHINE (1)
#define MICROPY_PY_MACHINE_INCLUDEFILE "sim_machine.c"
#define MICROPY_PY_MACHINE_RESET (1)
#define MICROPY_PY_MACHINE_MEMX (1)
#define MICROPY_PY_MACHINE_BARE_METAL_FUNCS (1)
#define MICROPY_PY_MACHINE_DISABLE_IRQ_ENABLE_IRQ (1)

#define MICROPY_PY_RANDOM_SEED_INIT_FUNC (clock_seed())
uint32_t clock_seed(void);

#define MP_SSIZE_MAX (0x7fffffff)
#define UINT_FMT "%u"
#define INT_FMT "%d"
#define HEX_FMT "%x"
typedef intptr_t mp_int_t; // newer releases define them themselves, in the same way
typedef uintptr_t mp_uint_t;
typedef long mp_off_t;

#define MP_STATE_PORT MP_STATE_VM
