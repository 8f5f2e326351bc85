// The least that a windowed Xtensa core needs to run C on QEMU's "sim" machine: the reset vector, and the vectors that
// spill and reload the register window (Xtensa ISA reference manual, "Windowed Register Option").

    .section .reset, "ax"
    j 1f
    .align 4
where:
    .word start
1:  l32r a0, where
    jx a0

    .section .vectors, "ax"
    .align 4096
vectors:
    .org vectors + 0x00     // overflow of 4 registers
    s32e a0, a5, -16
    s32e a1, a5, -12
    s32e a2, a5, -8
    s32e a3, a5, -4
    rfwo
    .org vectors + 0x40     // underflow of 4
    l32e a0, a5, -16
    l32e a1, a5, -12
    l32e a2, a5, -8
    l32e a3, a5, -4
    rfwu
    .org vectors + 0x80     // overflow of 8
    s32e a0, a9, -16
    l32e a0, a1, -12
    s32e a1, a9, -12
    s32e a2, a9, -8
    s32e a3, a9, -4
    s32e a4, a0, -32
    s32e a5, a0, -28
    s32e a6, a0, -24
    s32e a7, a0, -20
    rfwo
    .org vectors + 0xc0     // underflow of 8
    l32e a0, a9, -16
    l32e a1, a9, -12
    l32e a2, a9, -8
    l32e a7, a1, -12
    l32e a3, a9, -4
    l32e a4, a7, -32
    l32e a5, a7, -28
    l32e a6, a7, -24
    l32e a7, a7, -20
    rfwu

    .text
    .literal_position
    .global start
start:
    movi a0, 0
    movi a1, stack_top
    movi a2, vectors
    wsr a2, vecbase
    movi a2, 255            // the float unit
    wsr a2, cpenable
    movi a2, 1
    wsr a2, windowstart
    movi a2, 0
    wsr a2, windowbase
    rsync
    movi a2, 0x40020        // windows on, user mode
    wsr a2, ps
    rsync
    call8 main
    movi a2, 1              // exit(0)
    movi a3, 0
    .byte 0x00, 0x51, 0x00  // simcall, see sim.h
