# What the board is made of. Its terminal is not the unix port's (simulator.c says why): the port's own functions for
# it are renamed away in the two files that define them, and ours and MicroPython's board terminal take their place.

FROZEN_MANIFEST ?= $(VARIANT_DIR)/manifest.py
# Debian's source package has no micropython-lib; mkrules.mk looks for a README.md in it before it freezes anything.
MPY_LIB_DIR = $(VARIANT_DIR)

MICROPY_PY_BTREE = 0
MICROPY_PY_THREAD = 0
MICROPY_PY_FFI = 0
MICROPY_PY_SSL = 0
MICROPY_PY_BLUETOOTH = 0
MICROPY_VFS_FAT = 0
MICROPY_VFS_LFS1 = 0
MICROPY_ROM_TEXT_COMPRESSION = 0

SHARED_SRC_C_EXTRA += runtime/sys_stdio_mphal.c runtime/stdout_helpers.c
# From 1.28 on the port has the REPL of the boards by itself.
ifeq ($(shell grep -c runtime/pyexec.c $(TOP)/ports/unix/Makefile),0)
SHARED_SRC_C_EXTRA += runtime/pyexec.c
endif

PORT_TERMINAL = mp_hal_set_interrupt_char mp_hal_stdio_mode_raw mp_hal_stdio_mode_orig mp_hal_stdin_rx_chr \
	mp_hal_stdout_tx_strn mp_hal_stdout_tx_strn_cooked mp_hal_stdout_tx_str
PORT_STDIO = mp_sys_stdin_obj mp_sys_stdout_obj mp_sys_stderr_obj
$(BUILD)/unix_mphal.o: CFLAGS += $(foreach name,$(PORT_TERMINAL),-D$(name)=port_$(name))
$(BUILD)/extmod/vfs_posix_file.o: CFLAGS += $(foreach name,$(PORT_STDIO),-D$(name)=port_$(name))
# The port's mphalport.h declares that it has no mp_hal_stdio_poll by calling it "unused".
$(BUILD)/shared/runtime/sys_stdio_mphal.o: CFLAGS += -Dunused=simulator_poll -include $(VARIANT_DIR)/simulator.h

# zig compiles fastest as a plain clang, but only its own driver, which is slower to start, links with a C library.
ifneq ($(LINKER),)
PROG = micropython
$(BUILD)/$(PROG): private override CC = $(LINKER)
endif

all: say-objects
.PHONY: say-objects
say-objects:
	@echo "objects to compile: $(words $(OBJ))"
