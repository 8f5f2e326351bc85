# One row of the Mandelbrot set as plain Python. The other three files say the same in other ways.
#
# A point c of the picture is a complex number, cr + ci * i. Start at z = 0 and repeat z = z * z + c. How often, until
# z is further than 2 from 0? That count is the point's colour. 60 means: never, as far as we know.
#
# These are fixed-point numbers: whole numbers in which 4096 stands for 1.0. A product of two has 4096 * 4096 for 1.0,
# and ">> 12" divides it by 4096. Floats would be rounded in one way on one board and in another on the next; whole
# numbers give the same picture everywhere. None of them reaches 2 ** 30, up to where MicroPython is at its fastest.


def row(pixels, cr, ci, step):
    """Put a count into each byte of pixels. The first point is cr + ci * i, the next is one step to the right."""
    for column in range(len(pixels)):
        zr = 0
        zi = 0
        n = 0
        while n < 60:
            rr = zr * zr
            ii = zi * zi
            if rr + ii > 4 << 24:  # the distance from 0 is more than 2, so its square is more than 4
                break
            zi = (zr * zi >> 11) + ci  # 2 * zr * zi + ci
            zr = (rr - ii >> 12) + cr
            n += 1
        pixels[column] = n
        cr += step
