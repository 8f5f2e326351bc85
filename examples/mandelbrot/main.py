# Draws the Mandelbrot set in four ways, and measures how fast each of them is.
import sys
import time

WIDTH, HEIGHT = 64, 23
LEFT, STEP = -9200, 200  # 4096 stands for 1.0; a character is twice as high as wide

rows = {}
ways = []
for way in ("in_python", "in_native", "in_viper", "in_c"):
    try:
        rows[way] = __import__(way).row
        ways.append(way)
    except SyntaxError:
        print(way, "is left out: the MicroPython of this board makes no machine code")


def draw(way):
    """The picture, and how many microseconds it took."""
    row = rows[way]
    picture = [bytearray(WIDTH) for _ in range(HEIGHT)]
    start = time.ticks_us()
    for line in range(HEIGHT):
        row(picture[line], LEFT, (line - HEIGHT // 2) * 2 * STEP, STEP)
    return picture, time.ticks_diff(time.ticks_us(), start)


# First whether it is right, then how fast it is.
picture, _ = draw("in_python")
for way in ways:
    assert draw(way)[0] == picture, way

for line in picture:
    print("".join(" .,:;-=+*%@"[min(n // 2, 9) if n < 60 else 10] for n in line).rstrip())
print(len(ways), "ways, one picture")

times = {way: max(min(draw(way)[1] for _ in range(3)), 1) for way in ways}
for way in ways:
    print("{:9}{:10.2f} ms{:9.1f} times as fast".format(way, times[way] / 1000, times["in_python"] / times[way]))
if "simulator" in sys.implementation._machine:
    print("These are the times of a simulator. Measure on a chip.")
