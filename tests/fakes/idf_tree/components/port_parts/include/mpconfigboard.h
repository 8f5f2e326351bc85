// A board has one of its own in the folder that MICROPY_BOARD_DIR names.
