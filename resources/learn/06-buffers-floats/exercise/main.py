from volume import louder

sound = bytearray((10, 100, 200))
louder(sound, 1.5)
print(list(sound))
