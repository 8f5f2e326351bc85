import image

pixels = bytearray((0, 100, 255))
image.invert(pixels)
print(list(pixels))
