# The same lines once more, now with types: "int" is the chip's own whole number, "ptr8" the bare address of bytes.
# That is quick, and it is no longer Python: a number that grows too large loses its upper bits, and nothing checks
# whether out[column] is still inside. Here it is: column never reaches len(pixels).


@micropython.viper
def row(pixels, cr: int, ci: int, step: int):
    out = ptr8(pixels)
    for column in range(int(len(pixels))):
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
        out[column] = n
        cr += step
