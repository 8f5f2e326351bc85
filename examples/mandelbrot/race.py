# The four ways, racing: the picture of main.py, drawn again and again. Natmod Studio brings natmod_race along.
import natmod_race

WIDTH, HEIGHT = 64, 23
LEFT, STEP = -9200, 200

picture = bytearray(WIDTH * HEIGHT)
lines = [memoryview(picture)[WIDTH * n : WIDTH * (n + 1)] for n in range(HEIGHT)]


def draw(way):
    row = way.row
    for n in range(HEIGHT):
        row(lines[n], LEFT, (n - HEIGHT // 2) * 2 * STEP, STEP)
    return bytes(picture)


natmod_race.run(draw, "in_python", "in_native", "in_viper", "in_c")
