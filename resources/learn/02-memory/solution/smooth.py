def halve(samples):
    """Halve each number of a bytearray, in place, without taking memory."""
    for i in range(len(samples)):
        samples[i] //= 2
