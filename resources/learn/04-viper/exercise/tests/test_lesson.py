import image


def plain():
    pass


pixels = bytearray((0, 1, 100, 255))
image.invert(pixels)
assert list(pixels) == [255, 254, 155, 0], "each byte b must become 255 - b"
assert type(image.invert) is not type(plain), "invert() is still bytecode: make it @micropython.viper"
