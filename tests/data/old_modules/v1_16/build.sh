#!/bin/sh
make -C ports/esp32 BOARD=GENERIC_SPIRAM USER_C_MODULES=../../../modules
cp ports/esp32/boards/GENERIC/manifest.py .
