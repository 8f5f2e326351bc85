# The lines of in_python.py under another roof. MicroPython normally translates a function into byte code, which it then
# reads step by step; "native" makes it translate into the chip's own machine code. All numbers stay Python objects, so
# nothing else changes: no types, no limits, the same errors.


@micropython.native
def row(pixels, cr, ci, step):
    for column in range(len(pixels)):
        zr = 0
        zi = 0
        n = 0
        while n < 60:
            rr = zr * zr
            ii = zi * zi
            if rr + ii > 4 << 24:
                break
            zi = (zr * zi >> 11) + ci
            zr = (rr - ii >> 12) + cr
            n += 1
        pixels[column] = n
        cr += step
