// Reset: the processor takes the stack of its exceptions and this address from the table. The program has a stack of
// its own, since the stack may be what went wrong.

    .syntax unified
    .thumb

    .section .vectors, "a"
    .word   _fault_stack_top
    .word   start
    .word   fault_entry             // not maskable
    .word   fault_entry             // hard fault
    .word   fault_entry             // memory protection
    .word   fault_entry             // bus
    .word   fault_entry             // instruction
    .rept   9
    .word   fault_entry
    .endr
    .word   uart_interrupt          // interrupt 0
    .rept   7
    .word   fault_entry
    .endr
    .word   counter_interrupt       // interrupt 8
    .word   alarm_interrupt         // interrupt 9

    .section .text.start, "ax"
    .globl  start
    .thumb_func
start:
    cpsid   i
    ldr     r0, =_stack_top
    msr     psp, r0
    movs    r0, #2
    msr     control, r0
    isb
#ifdef __ARM_FP
    ldr     r0, =0xe000ed88         // the floating-point unit, for everybody
    ldr     r1, =0x00f00000
    str     r1, [r0]
    dsb
    isb
#endif

    // Two pages that nobody may touch: the one at address 0, where null pointers lead, and the lowest of the stack,
    // where a function that calls itself without end is stopped before it overwrites the heap.
    ldr     r0, =0xe000ed9c         // memory protection: base, then size and rights
    movs    r1, #0x10
    str     r1, [r0]
    ldr     r2, =0x10000017         // 4 kB, no access
    str     r2, [r0, #4]
    ldr     r1, =_stack_bottom
    adds    r1, #0x11
    str     r1, [r0]
    str     r2, [r0, #4]
    movs    r1, #5                  // on; all else as without it
    str     r1, [r0, #-8]
    ldr     r0, =0xe000ed24         // each kind of fault has an entry of its own
    ldr     r1, =0x00070000
    str     r1, [r0]
    dsb
    isb

    ldr     r0, =_bss_start
    ldr     r1, =_bss_end
    movs    r2, #0
1:  cmp     r0, r1
    bhs     2f
    str     r2, [r0], #4
    b       1b
2:  bl      main
3:  wfi
    b       3b

    .section .text.fault_entry, "ax"
    .thumb_func
fault_entry:
    mrs     r0, psp
    mrs     r1, ipsr
    b       fault
