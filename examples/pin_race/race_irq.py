# How soon is an interrupt answered? The pin goes up, which is the interrupt; the lap ends when the answer was there.
import natmod_race
import pins

WAYS = ("in_python", "in_native", "in_viper", "in_c")
flag = bytearray(1)
ready = None


def prepare(way):
    global ready
    way.watch(flag)
    try:
        pin.irq(way.answer, pin.IRQ_RISING, hard=True)  # at once, where the port can; no memory may be asked for then
    except TypeError:
        pin.irq(way.answer, pin.IRQ_RISING)  # between two steps of the program
    ready = way


def lap(way):
    if way is not ready:
        prepare(way)
    flag[0] = 0
    pin(1)
    for _ in range(100000):
        if flag[0]:
            break
    else:
        raise OSError("no interrupt came")
    pin(0)
    return True


if pins.SIMULATED:
    natmod_race.chip_only("a simulator has no pins", *WAYS)
else:
    pin = pins.open_pin()[0]
    natmod_race.run(lap, *WAYS)
    pin.irq(None)
