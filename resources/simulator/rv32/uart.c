// The serial port: a 16550 whose bytes come in by interrupt, so that Ctrl-C acts while a program runs and a fast
// sender loses nothing.

#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stream.h"

#define UART(n) (*(volatile uint8_t *)(0x10000000 + (n)))
#define DATA UART(0)
#define INTERRUPTS UART(1)
#define FIFO_CONTROL UART(2)
#define LINE_CONTROL UART(3)
#define LINE_STATUS UART(5)
#define RECEIVED (1 << 0)
#define SENT (1 << 5)

#define PLIC(offset) (*(volatile uint32_t *)(0x0c000000 + (offset)))
#define PLIC_PRIORITY(irq) PLIC(4 * (irq))
#define PLIC_ENABLE PLIC(0x2000)
#define PLIC_THRESHOLD PLIC(0x200000)
#define PLIC_CLAIM PLIC(0x200004)
#define UART_IRQ (10)

#define RING_SIZE (256 * 1024)
static uint8_t ring[RING_SIZE] __attribute__((section(".noinit")));
static volatile uint32_t ring_in, ring_out; // counts of bytes; they wrap, which is well
static volatile bool paused;

void uart_init(void) {
    // Divisor 1: QEMU holds back a burst shorter than the FIFO's trigger level for four characters' time.
    LINE_CONTROL = 0x83;
    UART(0) = 1;
    UART(1) = 0;
    LINE_CONTROL = 0x03;
    FIFO_CONTROL = 0xc1; // on, interrupt at 14 bytes: QEMU hands over that many at once
    INTERRUPTS = 1;
    PLIC_PRIORITY(UART_IRQ) = 1;
    PLIC_ENABLE = 1u << UART_IRQ;
    PLIC_THRESHOLD = 0;
    __asm volatile ("csrs mie, %0" : : "r" (1u << 11)); // machine external interrupts
    irq_restore(CSR_MSTATUS_MIE);
}

// With an interrupt character in force bytes that find no room are dropped, as on a board, since a Ctrl-C may follow.
// Without one (binary transfer) the sender is held back instead and nothing is lost.
static void receive(void) {
    while (LINE_STATUS & RECEIVED) {
        bool full = ring_in - ring_out >= RING_SIZE;
        if (full && mp_interrupt_char < 0) {
            paused = true;
            INTERRUPTS = 0;
            return;
        }
        int c = DATA;
        if (c == mp_interrupt_char) {
            mp_sched_keyboard_interrupt();
        } else if (!full) {
            ring[ring_in % RING_SIZE] = c;
            ring_in = ring_in + 1;
        }
    }
}

void uart_interrupt(void) {
    uint32_t irq = PLIC_CLAIM;
    if (irq == UART_IRQ) {
        receive();
        clock_event();
    }
    if (irq) {
        PLIC_CLAIM = irq;
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
        INTERRUPTS = 1;
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
        while (!(LINE_STATUS & SENT)) {
        }
        DATA = text[i];
    }
    return length;
}
