# Straight to the registers: a write to one makes the pin high, a write to the other makes it low.


@micropython.viper
def toggle(pin, registers, mask: int, n: int) -> int:
    high = ptr32(int(registers[0]))
    low = ptr32(int(registers[1]))
    for _ in range(n):
        high[0] = mask
        low[0] = mask
    return n


flag = None


def watch(noted):
    global flag
    flag = noted


@micropython.viper
def answer(pin):
    noted = ptr8(flag)
    noted[0] = 1
