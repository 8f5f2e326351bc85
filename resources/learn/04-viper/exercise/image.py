import micropython


# Make it a viper function: @micropython.viper, and ptr8 for the bytes.
def invert(pixels):
    """Turn each byte b into 255 - b, in place."""
    for i in range(len(pixels)):
        pixels[i] = 255 - pixels[i]
