# The lines of in_python.py as machine code.


@micropython.native
def toggle(pin, registers, mask, n):
    for _ in range(n):
        pin(1)
        pin(0)
    return n


flag = None


def watch(noted):
    global flag
    flag = noted


@micropython.native
def answer(pin):
    flag[0] = 1
