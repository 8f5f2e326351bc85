# Runs on the board. The rule at the top of filter.c, word by word in Python, says what is right.
from array import array

from signal_filter import Filter, average, low_pass


def raises(error, function, *args):
    try:
        function(*args)
    except error:
        return True
    return False


def by_the_rule(b, a, x):
    y = []
    for n in range(len(x)):
        value = sum(b[i] * x[n - i] for i in range(min(len(b), n + 1)))
        y.append(value - sum(a[i] * y[n - 1 - i] for i in range(min(len(a), n))))
    return y


def run(filter, x, kind="f"):
    out = array("f", [0] * len(x))
    filter.run(array(kind, x), out)
    return list(out)


def near(got, wanted, tolerance=2e-5):
    """Single precision keeps about 7 digits; many sums in a row cost a few of them."""
    most = tolerance * max(1, *(abs(value) for value in wanted))
    return len(got) == len(wanted) and all(abs(g - w) <= most for g, w in zip(got, wanted))


signal = [(i * i * 37 + i * 11) % 4096 for i in range(200)]
impulse = [1] + [0] * 20

assert near(run(Filter([1, 2, 3]), impulse), [1, 2, 3] + [0] * 18)
assert near(run(Filter([0.25] * 4), signal, "H"), by_the_rule([0.25] * 4, [], signal))
assert near(run(Filter([2.0]), signal, "H"), [2 * x for x in signal])
assert near(run(average(10), [7] * 30)[10:], [7] * 20)
print("FIR: as in Python")

assert near(run(Filter([1], [-0.5]), impulse), [0.5**i for i in range(21)])
assert near(run(Filter([0.1, 0.2], [-0.4, 0.3, -0.1]), signal, "H"), by_the_rule([0.1, 0.2], [-0.4, 0.3, -0.1], signal))
b, a = [0.0675, 0.1349, 0.0675], [-1.143, 0.4128]  # a low pass at a tenth of the rate, from a book
assert near(run(Filter(b, a), signal, "H"), by_the_rule(b, a, signal))
assert near(run(low_pass(100, 1000), impulse), run(Filter(b, a), impulse), 1e-3)
print("IIR: as in Python")

whole, pieces = run(low_pass(5, 100), signal), low_pass(5, 100)
assert run(pieces, signal[:77]) + run(pieces, signal[77:]) == whole
pieces.reset()
assert run(pieces, signal) == whole
both = array("f", signal)
low_pass(5, 100).run(both, both)
assert list(both) == whole
print("in pieces, after a reset, and in place: the same")

smooth = average(4)
assert raises(TypeError, smooth.run, [1, 2], array("f", [0, 0])) and raises(TypeError, smooth.run, b"1234", both)
assert raises(TypeError, smooth.run, array("f", [1]), array("H", [0])) and raises(TypeError, Filter, 5)
assert raises(ValueError, smooth.run, array("H", [1]), array("f", [0, 0])) and raises(ValueError, Filter, [])
assert raises(TypeError, Filter, ["a"]) and raises(ValueError, low_pass, 500, 1000)
print("wrong arguments raise TypeError or ValueError")
