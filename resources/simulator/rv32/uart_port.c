// The serial port's set-up, and its interrupt.

#include "py/mphal.h"
#include "uart_port.h"

#define FIFO_CONTROL UART(2)
#define LINE_CONTROL UART(3)

#define PLIC(offset) (*(volatile uint32_t *)(0x0c000000 + (offset)))
#define PLIC_PRIORITY(irq) PLIC(4 * (irq))
#define PLIC_ENABLE PLIC(0x2000)
#define PLIC_THRESHOLD PLIC(0x200000)
#define PLIC_CLAIM PLIC(0x200004)
#define UART_IRQ (10)

void board_init(void) {
    // Divisor 1: QEMU holds back a burst shorter than the FIFO's trigger level for four characters' time.
    LINE_CONTROL = 0x83;
    UART(0) = 1;
    UART(1) = 0;
    LINE_CONTROL = 0x03;
    FIFO_CONTROL = 0xc1; // on, interrupt at 14 bytes: QEMU hands over that many at once
    uart_listen(true);
    PLIC_PRIORITY(UART_IRQ) = 1;
    PLIC_ENABLE = 1u << UART_IRQ;
    PLIC_THRESHOLD = 0;
    __asm volatile ("csrs mie, %0" : : "r" (1u << 11)); // machine external interrupts
    irq_restore(CSR_MSTATUS_MIE);
}

void uart_interrupt(void) {
    uint32_t irq = PLIC_CLAIM;
    if (irq == UART_IRQ) {
        uart_receive();
        clock_event();
    }
    if (irq) {
        PLIC_CLAIM = irq;
    }
}
