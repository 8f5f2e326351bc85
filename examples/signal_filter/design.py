# Which coefficients? Filter itself is in filter.c; both halves are the module signal_filter.
from math import cos, pi, sin, sqrt


def average(n):
    """The average of the last n samples (FIR). It removes what repeats every n samples altogether."""
    return Filter([1 / n] * n)


def low_pass(frequency, rate):
    """Lets through what is slower than frequency (IIR, Butterworth, second order). rate: samples per second."""
    if not 0 < frequency < rate / 2:
        raise ValueError("the frequency must be less than half the rate")
    turn = 2 * pi * frequency / rate  # how far the wave of this frequency turns from one sample to the next
    width = sin(turn) / sqrt(2)
    b = (1 - cos(turn)) / 2 / (1 + width)
    return Filter([b, 2 * b, b], [-2 * cos(turn) / (1 + width), (1 - width) / (1 + width)])
