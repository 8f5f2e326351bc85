// The serial port: its bytes come in by interrupt, so that Ctrl-C acts while a program runs and a fast sender loses
// nothing. What the port itself is (uart_waiting, uart_take, uart_put, uart_listen) is in each board's uart_port.h.

#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "uart_port.h"

#define RING_SIZE (256 * 1024)
static uint8_t ring[RING_SIZE] __attribute__((section(".noinit")));
static volatile uint32_t ring_in, ring_out; // counts of bytes; they wrap, which is well
static volatile bool paused;

// With an interrupt character in force bytes that find no room are dropped, as on a board, since a Ctrl-C may follow.
// Without one (binary transfer) the sender is held back instead and nothing is lost.
void uart_receive(void) {
    while (uart_waiting()) {
        bool full = ring_in - ring_out >= RING_SIZE;
        if (full && mp_interrupt_char < 0) {
            paused = true;
            uart_listen(false);
            return;
        }
        int c = uart_take();
        if (c == mp_interrupt_char) {
            mp_sched_keyboard_interrupt();
        } else if (!full) {
            ring[ring_in % RING_SIZE] = c;
            ring_in = ring_in + 1;
        }
    }
}

int mp_hal_stdin_rx_chr(void) {
    while (ring_in == ring_out) {
        mp_event_wait_indefinite();
    }
    int c = ring[ring_out % RING_SIZE];
    ring_out = ring_out + 1;
    if (paused && ring_in - ring_out < RING_SIZE / 2) {
        paused = false;
        uint32_t state = irq_disable();
        uart_listen(true);
        uart_receive(); // some ports make an interrupt only for the next byte
        irq_restore(state);
    }
    return c;
}

uintptr_t mp_hal_stdio_poll(uintptr_t flags) {
    uintptr_t ready = MP_STREAM_POLL_WR;
    if (ring_in != ring_out) {
        ready |= MP_STREAM_POLL_RD;
    }
    return flags & ready;
}

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        uart_put(text[i]);
    }
    return length;
}
