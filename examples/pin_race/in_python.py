# Up and down n times, by the pin's own object: each call goes through MicroPython's machinery.


def toggle(pin, registers, mask, n):
    for _ in range(n):
        pin(1)
        pin(0)
    return n


# What an interrupt calls: it notes that it was there.
flag = None


def watch(noted):
    global flag
    flag = noted


def answer(pin):
    flag[0] = 1
