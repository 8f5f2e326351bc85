// The board's set-up, and its interrupts: a byte came in, the counter began anew, the time to wake has come.

#include "py/mphal.h"
#include "uart_port.h"

#define NVIC_ENABLE (*(volatile uint32_t *)0xe000e100)
#define IRQ_UART (1u << 0)
#define IRQ_COUNTER (1u << 8)
#define IRQ_ALARM (1u << 9)

void board_init(void) {
    clock_init();
    UART_DIVISOR = 16;
    uart_listen(true);
    NVIC_ENABLE = IRQ_UART | IRQ_COUNTER | IRQ_ALARM;
    clock_kick();
    irq_restore(0);
}

void uart_interrupt(void) {
    UART_CLEAR = UART_RECEIVED;
    uart_receive();
    clock_event();
}

void counter_interrupt(void) {
    clock_wrapped();
}

void alarm_interrupt(void) {
    clock_alarm();
    clock_event();
}
