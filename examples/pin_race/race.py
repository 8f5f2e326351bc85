# How fast does a pin go up and down? A hundred times in a call. Natmod Studio brings natmod_race along.
import natmod_race
import pins

WAYS = ("in_python", "in_native", "in_viper", "in_c")
N = 100

if pins.SIMULATED:
    natmod_race.chip_only("a simulator has no pins", *WAYS)
else:
    pin, registers, mask = pins.open_pin()
    natmod_race.run(lambda way: way.toggle(pin, registers, mask, N), *WAYS)
