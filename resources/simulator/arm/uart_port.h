// The serial port of Arm's MPS2 boards: CMSDK's, which holds one byte.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define UART(offset) (*(volatile uint32_t *)(0x40004000 + (offset)))
#define UART_DATA UART(0)
#define UART_STATE UART(4)
#define UART_SENDING (1 << 0)
#define UART_RECEIVED (1 << 1)
#define UART_CONTROL UART(8)
#define UART_ON (3)
#define UART_RECEIVE_INTERRUPT (1 << 3)
#define UART_CLEAR UART(12)
#define UART_DIVISOR UART(16)

static inline bool uart_waiting(void) {
    return UART_STATE & UART_RECEIVED;
}

static inline int uart_take(void) {
    return UART_DATA;
}

static inline void uart_put(char c) {
    while (UART_STATE & UART_SENDING) {
    }
    UART_DATA = c;
}

// Whether a byte that comes in makes an interrupt.
static inline void uart_listen(bool on) {
    UART_CONTROL = UART_ON | (on ? UART_RECEIVE_INTERRUPT : 0);
}
