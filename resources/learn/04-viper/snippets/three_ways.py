import time

import micropython


def in_python(n):
    total = 0
    for i in range(n):
        total += i & 7
    return total


@micropython.native
def in_native(n):
    total = 0
    for i in range(n):
        total += i & 7
    return total


@micropython.viper
def in_viper(n: int) -> int:
    total = 0
    for i in range(n):
        total += i & 7
    return total


for way in (in_python, in_native, in_viper):
    start = time.ticks_us()
    result = way(10_000)
    print(result, time.ticks_diff(time.ticks_us(), start), "us")
