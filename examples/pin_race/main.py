# Up and down four times, in four ways; then the race: natmod race examples/pin_race
import pins

pin, registers, mask = pins.open_pin()
for way in ("in_python", "in_native", "in_viper", "in_c"):
    try:
        module = __import__(way)
    except SyntaxError:
        print(way, "is left out: the MicroPython of this board makes no machine code")
        continue
    print(way, "was up and down", module.toggle(pin, registers, mask, 4), "times")
