// A variant of MicroPython's unix port that behaves as a board does on the far end of a serial line.

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)
#define MICROPY_BANNER_MACHINE "Natmod Studio simulator with x64"

#include "variants/mpconfigvariant_common.h"
