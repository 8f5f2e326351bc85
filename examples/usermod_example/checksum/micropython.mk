# For ports that are built by make. USERMOD_DIR is this folder.
SRC_USERMOD_C += $(USERMOD_DIR)/checksum.c
