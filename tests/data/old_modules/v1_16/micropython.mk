# A user C module, as one was written for MicroPython 1.16.
LAMP_DIR := $(USERMOD_DIR)
SRC_USERMOD += $(LAMP_DIR)/modlamp.c
CFLAGS_USERMOD += -I$(LAMP_DIR) -I$(TOP)/lib/utils
