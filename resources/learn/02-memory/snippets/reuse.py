import micropython

buffer = bytearray(64)  # taken once, before the loop


def fill(value):
    for i in range(len(buffer)):
        buffer[i] = value


micropython.heap_lock()  # from here on, whoever takes memory fails
try:
    fill(7)
finally:
    micropython.heap_unlock()
print("filled without one new byte:", buffer[0], buffer[63])
