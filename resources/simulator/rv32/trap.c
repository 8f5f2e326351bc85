// Interrupts and exceptions of the processor.

#include "py/mphal.h"

#define EXTERNAL_INTERRUPT (0x8000000b)
#define STACK_GUARD (4096) // start.S

extern char _stack_bottom;

static const char *cause_name(uint32_t cause) {
    switch (cause) {
        case 0: return "jump to an odd address";
        case 1: return "jump to where no memory is";
        case 2: return "illegal instruction";
        case 3: return "breakpoint";
        case 4: case 6: return "misaligned address";
        case 5: return "read where no memory is";
        case 7: return "write where no memory is";
        default: return "processor exception";
    }
}

static void print_hex(uint32_t value) {
    char text[11] = "0x";
    for (int i = 0; i < 8; i++) {
        text[2 + i] = "0123456789abcdef"[(value >> (28 - 4 * i)) & 15];
    }
    mp_hal_stdout_tx_strn(text, 10);
}

// A crash, most often of a native module: say what it was, then start again as a board's watchdog would.
static __attribute__((noreturn)) void crash(uint32_t cause) {
    uint32_t address, value;
    __asm volatile ("csrr %0, mepc" : "=r" (address));
    __asm volatile ("csrr %0, mtval" : "=r" (value));
    mp_hal_stdout_tx_str("\r\nThe board crashed: ");
    bool overflow = value - (uint32_t)&_stack_bottom < STACK_GUARD;
    mp_hal_stdout_tx_str(overflow ? "stack overflow (native code that calls itself too deep)" : cause_name(cause));
    mp_hal_stdout_tx_str(", pc ");
    print_hex(address);
    mp_hal_stdout_tx_str(", address ");
    print_hex(value);
    mp_hal_stdout_tx_str("; it restarts.\r\n");
    machine_restart();
}

// Called by trap_entry (start.S).
void trap(uint32_t cause) {
    if (cause == EXTERNAL_INTERRUPT) {
        uart_interrupt();
    } else {
        crash(cause);
    }
}
