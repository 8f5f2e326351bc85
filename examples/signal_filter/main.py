# A thermometer on a long cable: the ADC sees the temperature jump up, and the hum of the 50 Hz mains on top of it.
from array import array
from math import pi, sin

from signal_filter import average, low_pass

RATE = 1000  # samples per second
BLOCK = 100  # samples that come at a time


def read_adc(start):
    """What an ADC of 12 bits would give: 1000 or 3000, and the hum."""
    block = array("H", [0] * BLOCK)
    for i in range(BLOCK):
        time = start + i
        block[i] = (3000 if time >= 100 else 1000) + int(600 * sin(2 * pi * 50 * time / RATE))
    return block


filters = average(20), low_pass(10, RATE)
seen = [], [], []  # the samples, and what each filter makes of them
for start in range(0, 300, BLOCK):
    block = read_adc(start)
    seen[0].extend(block)
    for filter, values in zip(filters, seen[1:]):
        out = array("f", [0] * BLOCK)
        filter.run(block, out)
        values.extend(out)

for i in range(78, 260, 7):
    line = [" "] * 37
    for values, mark in zip(seen, ".o#"):
        line[int(values[i] + 50) // 100] = mark
    print("".join(line).rstrip())

for name, values in zip((".  samples", "o  average(20)", "#  low_pass(10)"), seen):
    hum = max(values[-20:]) - min(values[-20:])
    print(f"{name:16} hum {hum:4.0f}")
