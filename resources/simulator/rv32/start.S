// Reset: QEMU jumps to the first byte of RAM in machine mode, interrupts off. C needs a stack and a cleared .bss.

    .section .start, "ax"
    .globl start
start:
    la      sp, _stack_top
    la      t0, _trap_stack_top
    csrw    mscratch, t0
    la      t0, trap_entry
    csrw    mtvec, t0

    // The lowest page of the stack may not be touched by anyone (physical memory protection: locked, 4 kB): a function
    // that calls itself without end, a beginner's classic, is stopped here before it overwrites the heap.
    la      t0, _stack_bottom
    srli    t0, t0, 2
    ori     t0, t0, 0x1ff
    csrw    pmpaddr0, t0
    li      t0, 0x98
    csrw    pmpcfg0, t0

    la      t0, _bss_start
    la      t1, _bss_end
    bgeu    t0, t1, 2f
1:  sw      zero, 0(t0)
    addi    t0, t0, 4
    bltu    t0, t1, 1b
2:  call    main
3:  wfi
    j       3b

// Interrupts and exceptions have a stack of their own, since the stack may be what went wrong.
    .balign 4
trap_entry:
    csrrw   sp, mscratch, sp
    addi    sp, sp, -64
    sw      ra, 0(sp)
    sw      t0, 4(sp)
    sw      t1, 8(sp)
    sw      t2, 12(sp)
    sw      a0, 16(sp)
    sw      a1, 20(sp)
    sw      a2, 24(sp)
    sw      a3, 28(sp)
    sw      a4, 32(sp)
    sw      a5, 36(sp)
    sw      a6, 40(sp)
    sw      a7, 44(sp)
    sw      t3, 48(sp)
    sw      t4, 52(sp)
    sw      t5, 56(sp)
    sw      t6, 60(sp)
    csrr    a0, mcause
    mv      a1, sp
    call    trap
    lw      ra, 0(sp)
    lw      t0, 4(sp)
    lw      t1, 8(sp)
    lw      t2, 12(sp)
    lw      a0, 16(sp)
    lw      a1, 20(sp)
    lw      a2, 24(sp)
    lw      a3, 28(sp)
    lw      a4, 32(sp)
    lw      a5, 36(sp)
    lw      a6, 40(sp)
    lw      a7, 44(sp)
    lw      t3, 48(sp)
    lw      t4, 52(sp)
    lw      t5, 56(sp)
    lw      t6, 60(sp)
    addi    sp, sp, 64
    csrrw   sp, mscratch, sp
    mret
