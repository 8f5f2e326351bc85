from counter import Counter

c = Counter(10)
assert c.add(4) == 4, "add() gives the new count"
assert hasattr(c, "reset"), "Counter has no reset(): is it in the table of methods?"
assert c.reset() is None, "reset() returns None"
assert c.add(10) == 10, "after reset() it counts from 0"
try:
    c.add(1)
except ValueError:
    pass
else:
    assert False, "the limit still holds"
