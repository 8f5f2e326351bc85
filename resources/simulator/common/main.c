// Boot, REPL and soft reset, in the order that a board keeps.

#include "py/compile.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/readline/readline.h"
#include "shared/runtime/gchelper.h"
#include "shared/runtime/pyexec.h"

extern char _stack_bottom, _stack_top;

static char heap[MICROPY_HEAP_BYTES] __attribute__((section(".noinit"), aligned(16)));

// boot.py always, main.py only for a person at the friendly prompt, then commands until somebody asks for a reset.
static void run_until_reset(void) {
    pyexec_frozen_module("_boot.py", false);
    int result = pyexec_file_if_exists("boot.py");
    if (result & PYEXEC_FORCED_EXIT) {
        return;
    }
    if (pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL) {
        result = pyexec_file_if_exists("main.py");
        if (result & PYEXEC_FORCED_EXIT) {
            return;
        }
    }
    do {
        result = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl();
    } while (result == 0);
}

int main(void) {
    board_init();
    // Python stops 12 kB above the end: 4 kB are the guard page, the rest is for C in between two checks.
    mp_cstack_init_with_top(&_stack_top, &_stack_top - &_stack_bottom - 12 * 1024);
    for (;;) {
        gc_init(heap, heap + sizeof(heap));
        mp_init();
        readline_init0();
        run_until_reset();
        mp_hal_set_interrupt_char(-1);
        mp_hal_stdout_tx_str("MPY: soft reboot\r\n");
        gc_sweep_all();
        mp_deinit();
    }
}

void gc_collect(void) {
    gc_collect_start();
    gc_helper_collect_regs_and_stack();
    gc_collect_end();
}

void nlr_jump_fail(void *val) {
    mp_hal_stdout_tx_str("\r\nAn exception found no handler; the board restarts.\r\n");
    machine_restart();
}
