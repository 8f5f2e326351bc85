// What the processor cannot go on with: most often a crash of a native module.

#include "py/mphal.h"

#define FAULTS (*(volatile uint32_t *)0xe000ed28)
#define PROTECTED_ADDRESS (*(volatile uint32_t *)0xe000ed34)
#define BUS_ADDRESS (*(volatile uint32_t *)0xe000ed38)
#define NO_EXECUTE (1 << 0)
#define STACKING (1 << 4 | 1 << 3)
#define PROTECTED_ADDRESS_KNOWN (1 << 7)
#define BUS_INSTRUCTION (1 << 8)
#define BUS_ADDRESS_KNOWN (1 << 15)
#define UNDEFINED (1 << 16)
#define NO_THUMB (1 << 17)
#define MISALIGNED (1 << 24)
#define STACK_GUARD (4096) // start.S

extern char _stack_bottom, _stack_top;

static void print_hex(uint32_t value) {
    char text[11] = "0x";
    for (int i = 0; i < 8; i++) {
        text[2 + i] = "0123456789abcdef"[(value >> (28 - 4 * i)) & 15];
    }
    mp_hal_stdout_tx_strn(text, 10);
}

static const char *cause_name(uint32_t faults, bool overflow) {
    if (overflow) {
        return "stack overflow (native code that calls itself too deep)";
    } else if (faults & NO_THUMB) {
        return "jump to an even address";
    } else if (faults & UNDEFINED) {
        return "illegal instruction";
    } else if (faults & MISALIGNED) {
        return "misaligned address";
    } else if (faults & (NO_EXECUTE | BUS_INSTRUCTION)) {
        return "jump to where no memory is";
    } else if (faults & 0xffff) {
        return "access where no memory is";
    }
    return "processor exception";
}

// Called by fault_entry (start.S): say what it was, then start again as a board's watchdog would. `frame` is what the
// processor put on the stack: r0 to r3, r12, lr, pc, status.
__attribute__((noreturn)) void fault(const uint32_t *frame, uint32_t exception) {
    (void)exception;
    uint32_t faults = FAULTS, address = 0, at = (uint32_t)frame, bottom = (uint32_t)&_stack_bottom;
    if (faults & PROTECTED_ADDRESS_KNOWN) {
        address = PROTECTED_ADDRESS;
    } else if (faults & BUS_ADDRESS_KNOWN) {
        address = BUS_ADDRESS;
    }
    bool readable = at >= bottom + STACK_GUARD && at < (uint32_t)&_stack_top;
    bool overflow = (faults & STACKING) || address - bottom < STACK_GUARD || at - bottom < STACK_GUARD;
    mp_hal_stdout_tx_str("\r\nThe board crashed: ");
    mp_hal_stdout_tx_str(cause_name(faults, overflow));
    mp_hal_stdout_tx_str(", pc ");
    print_hex(readable ? frame[6] : 0);
    mp_hal_stdout_tx_str(", address ");
    print_hex(address);
    mp_hal_stdout_tx_str("; it restarts.\r\n");
    mp_hal_stdout_tx_str("Rebooting...\r\n");
    machine_restart();
}
