// The serial port of QEMU's "virt" machine: a 16550.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define UART(n) (*(volatile uint8_t *)(0x10000000 + (n)))
#define UART_DATA UART(0)
#define UART_INTERRUPTS UART(1)
#define UART_STATUS UART(5)
#define UART_RECEIVED (1 << 0)
#define UART_SENT (1 << 5)

static inline bool uart_waiting(void) {
    return UART_STATUS & UART_RECEIVED;
}

static inline int uart_take(void) {
    return UART_DATA;
}

static inline void uart_put(char c) {
    while (!(UART_STATUS & UART_SENT)) {
    }
    UART_DATA = c;
}

// Whether a byte that comes in makes an interrupt.
static inline void uart_listen(bool on) {
    UART_INTERRUPTS = on;
}
