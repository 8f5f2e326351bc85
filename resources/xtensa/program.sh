#!/bin/sh
# @NAME@ of Debian, with the C library that came with it. Written by Natmod Studio; made of @MADE_OF@.
self=$0
[ -L "$self" ] && self=$(readlink -f "$self")
root=${self%/*}/@UP@
lib=$root/usr/lib/x86_64-linux-gnu
export XTENSA_GNU_CONFIG="$root/esp32.so"
@ANSWER@
exec "$lib/ld-linux-x86-64.so.2" --library-path "$lib" "$root/@PROGRAM@" @FLAGS@ "$@"
