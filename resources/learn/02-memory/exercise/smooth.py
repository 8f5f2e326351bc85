def halve(samples):
    """Halve each number of a bytearray, in place, without taking memory."""
    return bytearray(n // 2 for n in samples)  # takes memory: change it
