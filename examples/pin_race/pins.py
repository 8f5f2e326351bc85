# Which pin, and where the registers are that make it high and low. Change PIN to one that nothing is attached to.
import sys
from array import array

PIN = 2

# The name of the chip as firmware says it, then the register that makes pins high, and the one that makes them low.
# Espressif: GPIO_OUT_W1TS_REG and the one behind it. Raspberry Pi: SIO GPIO_OUT_SET and GPIO_OUT_CLR.
CHIPS = (
    ("ESP32S2", 0x3F404008, 0x3F40400C),
    ("ESP32S3", 0x60004008, 0x6000400C),
    ("ESP32C3", 0x60004008, 0x6000400C),
    ("ESP32C6", 0x60091008, 0x6009100C),
    ("ESP32", 0x3FF44008, 0x3FF4400C),
    ("RP2040", 0xD0000014, 0xD0000018),
    ("RP2350", 0xD0000018, 0xD0000020),
)
SIMULATED = "simulator" in sys.implementation._machine.lower() or "QEMU" in sys.implementation._machine


class Ram:
    """What a simulator has instead of a pin: two words, the last thing that went to each register."""

    def __init__(self, mask):
        self.words = array("I", [0, 0])
        self.mask = mask

    def __call__(self, value):
        self.words[0 if value else 1] = self.mask


def open_pin():
    """The pin, the addresses of its two registers ("L": a number as long as an address), and its bit in them."""
    if SIMULATED:
        from uctypes import addressof

        ram = Ram(1 << PIN)
        return ram, array("L", [addressof(ram.words), addressof(ram.words) + 4]), ram.mask
    from machine import Pin

    name = sys.implementation._machine.split(" with ")[-1].replace("-", "").upper()
    for chip, high, low in CHIPS:
        if name.startswith(chip):
            return Pin(PIN, Pin.OUT, value=0), array("L", [high, low]), 1 << PIN
    raise ValueError("pins.py does not know the chip " + name)
