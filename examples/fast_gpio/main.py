# Three LEDs: red, green, blue. Connect the strip's data wire to pin 4, or write another number here. Many boards have
# such an LED of their own, see their manual. Not 6 to 11 on the first ESP32: its flash memory hangs on those.
from fast_gpio import Leds

leds = Leds(4, 3)
leds[0] = 255, 0, 0
leds[1] = 0, 255, 0
leds[2] = 0, 0, 255
leds.show()
print(len(leds), "LEDs on pin", leds.pin, "of", leds.chip)

# On a simulator nothing shines, but what the pin did stands on a tape: time, register and value of each write.
if leds.tape:
    for start, name in (0, "green"), (8, "red"), (16, "blue"):
        wave = ""
        for bit in range(start, start + 8):
            up, _, _, down, _, _, next_up = leds.tape[10 + 6 * bit :][:7]
            high, low = (down - up) // 32, (next_up - down) // 32  # a character is 32 of 160 cycles a microsecond
            wave += "#" * high + "." * low
        print(wave, name)
