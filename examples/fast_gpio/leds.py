# The comfortable half of the module fast_gpio. ws2812, cycles and knows come from ws2812.c.
import sys
import time
from array import array


def chip_name(machine=sys.implementation._machine):
    """The name that fast_gpio.h has for this chip. machine is like "Generic ESP32C3 module with ESP32-C3FH4"."""
    if "simulator" in machine:
        return "SIMULATOR"
    name = machine.split(" with ")[-1].replace("-", "").upper()
    # ESP32C3FH4 is an ESP32C3 with memory in it. ESP32C61 is no ESP32C6.
    if knows(name[:7]) and not name[7:8].isdigit():
        return name[:7]
    # The first ESP32 is also sold as D0WD, D2WD, PICO-D4, U4WDH; some firmware calls it UNICORE.
    if name == "ESP32" or name.startswith(("ESP32D", "ESP32PICO", "ESP32U")):
        return "ESP32"
    raise ValueError("fast_gpio.h does not know the chip " + name)


def cycles_per_us(chip):
    """How fast the cycle counter runs: the chip's frequency in MHz. Takes 10 ms."""
    start_us, start = time.ticks_us(), cycles(chip)
    us = 0
    while us < 10_000:  # no time.sleep_us(): some chips do not count while they sleep
        us = time.ticks_diff(time.ticks_us(), start_us)
    return ((cycles(chip) - start & 0x3FFFFFFF) + us // 2) // us


class Leds:
    """A strip of n WS2812 LEDs at a pin: leds[0] = 255, 0, 0 and leds.show()."""

    def __init__(self, pin, n):
        self.chip = chip_name()
        self.pin = pin
        self.data = bytearray(3 * n)
        if self.chip == "SIMULATOR":
            self.mhz = 160
            self.tape = array("I", [0] * (10 + 2 * 3 * 8 * len(self.data)))
        else:
            from machine import Pin

            Pin(pin, Pin.OUT, value=0)
            self.mhz = cycles_per_us(self.chip)
            self.tape = None

    def __len__(self):
        return len(self.data) // 3

    def __setitem__(self, number, colour):
        if not 0 <= number < len(self):
            raise IndexError("there is no such LED")
        red, green, blue = colour
        self.data[3 * number : 3 * number + 3] = bytes((green, red, blue))  # the order in which the LEDs want them

    def show(self):
        if self.tape is not None:
            ws2812(self.chip, self.pin, self.data, self.mhz, self.tape)
            return
        from machine import disable_irq, enable_irq

        before = disable_irq()
        try:
            ws2812(self.chip, self.pin, self.data, self.mhz)
        finally:
            enable_irq(before)
        time.sleep_us(300)  # a pause tells the LEDs that this was all
