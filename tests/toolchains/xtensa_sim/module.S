// The module under test, between the pages of the board's program.

    .section .rodata, "a"
    .global module
module:
    .incbin "module.mpy"
