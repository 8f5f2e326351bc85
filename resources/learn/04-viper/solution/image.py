import micropython


@micropython.viper
def invert(pixels):
    """Turn each byte b into 255 - b, in place."""
    data = ptr8(pixels)
    for i in range(int(len(pixels))):
        data[i] = 255 - data[i]
