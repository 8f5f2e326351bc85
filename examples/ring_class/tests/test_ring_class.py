# Runs on the board.
import gc

from ring_class import Ring


def raises(error, function, *args):
    try:
        function(*args)
    except error:
        return True
    return False


r = Ring(3)
assert len(r) == 0 and not r and not r.full and r.capacity == 3
for value in (1, 2, 3):
    r.push(value)
assert len(r) == 3 and r and r.full
r.push("four")
assert list(r) == [2, 3, "four"]
assert repr(r) == "Ring([2, 3, 'four'], capacity=3)"
print("a full ring forgets the oldest")

assert r[0] == 2 and r[-1] == "four"
r[1] = None
assert r[1] is None
assert raises(IndexError, lambda: r[3]) and raises(IndexError, lambda: r[-4])
print("ring[i] reads and writes")

assert r.pop() == 2 and r.pop() is None and r.pop() == "four"
assert raises(IndexError, r.pop)
r.push(5)
r.clear()
assert len(r) == 0 and list(r) == []
print("pop and clear")

assert raises(ValueError, Ring, 0) and raises(TypeError, Ring) and raises(TypeError, Ring, "3")
assert raises(AttributeError, setattr, r, "capacity", 4)
assert raises(AttributeError, getattr, r, "colour")
print("wrong use raises")

# The ring keeps its objects alive, and a long life does not use up memory.
big = Ring(50)
for i in range(2000):
    big.push([i, str(i)])
gc.collect()
assert [item[0] for item in big] == list(range(1950, 2000))
assert all(item[1] == str(item[0]) for item in big)
print("the garbage collector finds what is in the ring")


class Named(Ring):
    def newest(self):
        return self[-1]


n = Named(2)
n.push("a")
n.push("b")
assert n.newest() == "b" and len(n) == 2
print("a Python class can inherit from Ring")
