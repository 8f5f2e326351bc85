# Runs on the board; a simulator is enough: two words of RAM take the place of the registers.
import pins

pin, registers, mask = pins.open_pin()
for way in ("in_python", "in_native", "in_viper", "in_c"):
    module = __import__(way)
    if pins.SIMULATED:
        pin.words[0] = pin.words[1] = 0
    assert module.toggle(pin, registers, mask, 3) == 3
    if pins.SIMULATED:
        assert list(pin.words) == [mask, mask], way
    flag = bytearray(1)
    module.watch(flag)
    assert not flag[0]
    module.answer(pin)
    assert flag[0] == 1, way
print("four ways to the same pin")
