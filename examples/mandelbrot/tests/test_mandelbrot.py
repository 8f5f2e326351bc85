# Runs on the board. Every way must agree with plain Python on every point, not only on those of main.py's picture.
import in_c
import in_python


def raises(error, function, *args):
    try:
        function(*args)
    except error:
        return True
    return False


def counts(row, *args, width=100):
    pixels = bytearray(width)
    row(pixels, *args)
    return bytes(pixels)


ONE = 4096  # 1.0

for row in (in_python.row, in_c.row):
    # 0 stays where it is for ever. 2 goes to 2 * 2 + 2 = 6 in two rounds. -2 goes to 2, and stays there.
    assert counts(row, 0, 0, 0, width=1) == b"\x3c"
    assert counts(row, 2 * ONE, 0, 0, width=1) == b"\x02"
    assert counts(row, -2 * ONE, 0, 0, width=1) == b"\x3c"
    # A row that is empty, and one that can only be read.
    assert counts(row, 0, 0, 0, width=0) == b""
    assert raises(TypeError, row, b"no room", 0, 0, 0)
    assert raises(TypeError, row, bytearray(1), "left", 0, 0)
print("known points have their counts")


def same_as_python(row):
    for ci in range(-2 * ONE, 2 * ONE, 531):
        if counts(row, -2 * ONE - 700, ci, 53) != counts(in_python.row, -2 * ONE - 700, ci, 53):
            return False
    return True


assert same_as_python(in_c.row)
print("C agrees with Python on every point")

for way in ("native", "viper"):
    try:
        row = __import__("in_" + way).row
    except SyntaxError:
        print(way, "is left out: the MicroPython of this board makes no machine code")
        continue
    assert same_as_python(row)
    print(way, "agrees with Python on every point")
