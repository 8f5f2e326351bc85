# Runs on the board; a simulator is enough. It plays the LEDs: it looks at the pin, and must understand the bits.
from array import array

from fast_gpio import Leds, chip_name, cycles_per_us, knows, ws2812

# Registers that make pins 0 to 31 and pins 32 to 63 high, or low (fast_gpio.h).
HIGH, LOW = (0x08, 0x14), (0x0C, 0x18)
FIRST, EACH = 10, 3  # words before the first write, and words for each write: cycle, register, value


def raises(error, function, *args):
    try:
        function(*args)
    except error:
        return True
    return False


def send(chip, pin, data, mhz):
    """What happened: the tape as a list of (cycle, register, value)."""
    tape = array("I", [0] * (FIRST + EACH * 16 * len(data)))
    ws2812(chip, pin, data, mhz, tape)
    return [tuple(tape[i : i + EACH]) for i in range(FIRST, FIRST + EACH * tape[1], EACH)]


def understood(writes, pin, mhz):
    """The bytes that a WS2812 reads from these writes. Only this pin changes, and every time is what it accepts."""
    bits = []
    for i in range(0, len(writes), 2):
        up, down = writes[i : i + 2]
        assert up[1:] == (HIGH[pin // 32], 1 << pin % 32) and down[1:] == (LOW[pin // 32], 1 << pin % 32)
        high = (down[0] - up[0]) * 1000 // mhz  # nanoseconds
        assert 250 <= high <= 550 or 650 <= high <= 950, high
        bits.append(high > 600)
        if i:
            assert 1100 <= (up[0] - writes[i - 2][0]) * 1000 // mhz <= 1400
    return bytes(sum(bits[i + k] << 7 - k for k in range(8)) for i in range(0, len(bits), 8))


DATA = bytes([0, 255, 0xA5, 1, 0x80, 77])
for mhz in (80, 96, 160, 240, 400):
    assert understood(send("SIMULATOR", 8, DATA, mhz), 8, mhz) == DATA
print("the LEDs understand every bit, at every clock")

for chip, last in (("ESP32", 33), ("ESP32S2", 45), ("ESP32S3", 48), ("ESP32C2", 20), ("ESP32C3", 21),
                   ("ESP32C5", 28), ("ESP32C6", 30), ("ESP32H2", 27), ("ESP32P4", 54)):  # fmt: skip
    for pin in (0, 5, last):
        assert understood(send(chip, pin, b"\x3c", 160), pin, 160) == b"\x3c"
    assert raises(ValueError, send, chip, last + 1, b"", 160) and raises(ValueError, send, chip, -1, b"", 160)
print("every chip, from its first pin to its last")

leds = Leds(8, 2)
leds[0] = 1, 2, 3
leds[1] = 255, 128, 0
leds.show()
assert leds.data == b"\x02\x01\x03\x80\xff\x00"
assert leds.tape is None or leds.tape[1] == 2 * 48
assert raises(IndexError, leds.__setitem__, 2, (0, 0, 0)) and raises(ValueError, leds.__setitem__, 0, (0, 0, 256))
print("green comes first, then red, then blue")

assert chip_name("Generic ESP32 module with ESP32") == "ESP32" == chip_name("TinyPICO with ESP32-PICO-D4")
assert chip_name("a board with ESP32-D2WD") == "ESP32" and chip_name("x with ESP32S3") == "ESP32S3"
assert chip_name("Generic ESP32C3 module with ESP32-C3FH4") == "ESP32C3" and chip_name("x with ESP32-P4") == "ESP32P4"
assert raises(ValueError, chip_name, "a board with ESP32-C61") and raises(ValueError, chip_name, "Pico with RP2040")
assert knows(chip_name()) and not knows("ESP32C61") and not knows("")
print("chips are known by their names")

once, again = cycles_per_us(chip_name()), cycles_per_us(chip_name())
assert once > 0 and again < 2 * once < 4 * again
print("the cycle counter counts")

assert raises(ValueError, ws2812, "ESP8266", 8, b"", 160) and raises(ValueError, ws2812, "ESP32", 8, b"", 20)
assert raises(TypeError, ws2812, "ESP32", 8, b"", 160, bytearray(100)) and raises(TypeError, ws2812, "ESP32", 8, 5, 160)
assert raises(ValueError, ws2812, "SIMULATOR", 8, b"", 160) and raises(ValueError, send, "SIMULATOR", 64, b"", 160)
assert raises(ValueError, ws2812, "ESP32", 8, b"", 160, array("I", [0] * 9))
short = array("I", [0] * (FIRST + EACH + 1))
ws2812("SIMULATOR", 0, b"long", 160, short)
assert short[1] == 1 and short[-1] == 0
print("wrong arguments raise, and a short tape is not overwritten")
