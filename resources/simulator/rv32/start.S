// Reset: QEMU jumps to the first byte of RAM in machine mode, interrupts off. C needs a stack and a cleared .bss.

    .section .start, "ax"
    .globl start
start:
    la      sp, _stack_top
    la      t0, trap
    csrw    mtvec, t0
    la      t0, _bss_start
    la      t1, _bss_end
    bgeu    t0, t1, 2f
1:  sw      zero, 0(t0)
    addi    t0, t0, 4
    bltu    t0, t1, 1b
2:  call    main
3:  wfi
    j       3b
