// Interrupts and exceptions of the processor.

#include "py/mphal.h"

#define EXTERNAL_INTERRUPT (0x8000000b)
#define STACK_GUARD (4096) // start.S
#define STACK_SHOWN (1024)

extern char _stack_bottom, _stack_top;

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

// The registers and the stack, in the form of Espressif's RISC-V chips: who called whom is read from them
// (toolchains/crash). `saved` is what trap_entry (start.S) put away; its first word is the return address.
static void print_register(const char *name, uint32_t value) {
    mp_hal_stdout_tx_str(name);
    print_hex(value);
}

static void print_state(uint32_t address, uint32_t value, uint32_t cause, const uint32_t *saved) {
    uint32_t sp;
    __asm volatile ("csrr %0, mscratch" : "=r" (sp));
    print_register("MEPC    : ", address);
    print_register("  RA      : ", saved[0]);
    print_register("  SP      : ", sp);
    print_register("  MCAUSE  : ", cause);
    print_register("  MTVAL   : ", value);
    mp_hal_stdout_tx_str("\r\n\r\nStack memory:\r\n");
    uint32_t from = sp & ~31, first = (uint32_t)&_stack_bottom + STACK_GUARD, end = (uint32_t)&_stack_top;
    if (from < first) {
        from = first;
    }
    if (sp > end || sp < (uint32_t)&_stack_bottom - STACK_GUARD) {
        from = end; // it leads nowhere
    }
    for (uint32_t at = from; at < end && at < from + STACK_SHOWN; at += 32) {
        print_hex(at);
        mp_hal_stdout_tx_str(":");
        for (uint32_t word = at; word < at + 32; word += 4) {
            mp_hal_stdout_tx_str(" ");
            print_hex(*(const uint32_t *)word);
        }
        mp_hal_stdout_tx_str("\r\n");
    }
    mp_hal_stdout_tx_str("\r\n");
}

// A crash, most often of a native module: say what it was, then start again as a board's watchdog would.
static __attribute__((noreturn)) void crash(uint32_t cause, const uint32_t *saved) {
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
    print_state(address, value, cause, saved);
    mp_hal_stdout_tx_str("Rebooting...\r\n");
    machine_restart();
}

// Called by trap_entry (start.S).
void trap(uint32_t cause, const uint32_t *saved) {
    if (cause == EXTERNAL_INTERRUPT) {
        uart_interrupt();
    } else {
        crash(cause, saved);
    }
}
