from volume import louder

sound = bytearray((0, 10, 100, 200))
louder(sound, 1.5)
assert list(sound) == [0, 15, 150, 255], "times 1.5; more than 255 becomes 255"
louder(sound, 0)
assert list(sound) == [0, 0, 0, 0], "times 0 is silence"
try:
    louder(b"fixed", 2)
except TypeError:
    pass
else:
    assert False, "bytes cannot change: ask for MP_BUFFER_RW"
