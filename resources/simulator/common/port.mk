# What the simulated boards' ports have in common. Each port's Makefile says before it includes this:
#   SIM_BOARD, NATIVE (mpy-cross's name of the processor), TARGET (clang's flags for it), EMULATION (ld.lld's name),
#   HEADERS (the folder of C library headers), SCRIPT (the linker's), SRC_PORT, SRC_START, GCHELPER (in shared/runtime)
# and is given on the make line:
#   TREE       the MicroPython sources (1.25 to 1.29), only read
#   COMMON     this folder
#   ZIG        the folder of the ziglang wheel
#   RT         zig's compiler_rt for this machine: 64-bit and floating-point helpers
#   BUILD, PYTHON, MICROPY_MPYCROSS    as in every MicroPython port
# None of these paths may contain a blank: make splits there. toolchains/firmware/sim_ports.py sees to it.

BOARD = $(SIM_BOARD)
QSTR_DEFS = $(COMMON)/qstrdefsport.h
FROZEN_MANIFEST ?= $(COMMON)/manifest.py
MPY_CROSS_FLAGS += -march=$(NATIVE)
# Debian's source package has no micropython-lib; mkrules.mk looks for a README.md in it before it freezes anything.
MPY_LIB_DIR = $(COMMON)

MICROPY_ROM_TEXT_COMPRESSION = 0
MICROPY_VFS_LFS2 = 1

include $(TOP)/py/py.mk
include $(TOP)/extmod/extmod.mk

CLANG = $(ZIG)/zig clang $(TARGET)
CC = $(CLANG)
CPP = $(CLANG) -E
AS = $(CLANG) -c
LD = $(ZIG)/zig ld.lld
SIZE = @true

INC += -I. -I$(COMMON) -I$(TOP) -I$(BUILD)
INC += $(addprefix -isystem $(ZIG)/lib/libc/include/, $(HEADERS)) -isystem $(ZIG)/lib/include

CFLAGS += $(INC) -std=gnu99 -Os -DNDEBUG -w -fno-pic -fno-common -fno-unwind-tables
CFLAGS += -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections
# clang takes the search for the end of a table of words for wcslen, which nobody has here.
CFLAGS += -fno-builtin-wcslen

vpath %.c $(COMMON)
SRC_C += $(SRC_PORT) main.c uart.c time.c ramdisk.c
SRC_SHARED_C += $(addprefix shared/, \
	libc/__errno.c \
	libc/string0.c \
	readline/readline.c \
	runtime/gchelper_native.c \
	runtime/interrupt_char.c \
	runtime/pyexec.c \
	runtime/stdout_helpers.c \
	runtime/sys_stdio_mphal.c \
	timeutils/timeutils.c \
	)
SRC_LIB_C += $(SRC_MATHS)

SRC_QSTR += $(SRC_C) $(SRC_SHARED_C)
OBJ += $(PY_O) $(addprefix $(BUILD)/, $(SRC_C:.c=.o) $(SRC_SHARED_C:.c=.o) $(SRC_LIB_C:.c=.o))
OBJ += $(BUILD)/$(SRC_START:.S=.o) $(BUILD)/shared/runtime/$(GCHELPER:.s=.o)

# The single-precision library expects newlib's names for its integers.
$(BUILD)/lib/libm/%.o: CFLAGS += -D__int32_t=int -D__uint32_t=unsigned "-D__uint8_t=unsigned char"
# Otherwise clang recognises the loop inside memcpy and replaces it by a call of memcpy.
$(BUILD)/shared/libc/string0.o: CFLAGS += -fno-builtin

all: say-objects $(BUILD)/firmware.elf
.PHONY: say-objects
say-objects:
	@echo "objects to compile: $(words $(OBJ))"

$(BUILD)/firmware.elf: $(OBJ) $(RT) $(SCRIPT)
	$(ECHO) "LINK $@"
	$(Q)$(LD) -m $(EMULATION) --gc-sections -T $(SCRIPT) -o $@ $(OBJ) $(RT)

include $(TOP)/py/mkrules.mk
