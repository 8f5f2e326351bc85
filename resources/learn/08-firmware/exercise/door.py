import secret


def opens(number):
    """Whether the number is the secret code, which the C module knows."""
    return False  # your turn
