# Runs on the board.
import gc

import heap

plain, constant = heap.cost_of_import("plain_names"), heap.cost_of_import("const_names")
assert 0 < constant < plain, (constant, plain)
print("const with an underscore saves memory")

import const_names  # noqa: E402 (measured)
import plain_names  # noqa: E402

assert plain_names.total() == const_names.total() == sum(range(11, 11 + 7 * 16, 7))
assert hasattr(plain_names, "WIDTH") and not hasattr(const_names, "_WIDTH")
print("both calculate the same, and only one keeps its names")


def take(n):
    """Take n * 1000 bytes and forget them again; how many the heap had in use meanwhile."""
    before = heap.used()
    buffers = [bytearray(1000) for _ in range(n)]
    return heap.used() - before, len(buffers)


start = heap.used()
assert take(10)[0] >= 10 * 1000
assert heap.used() - start < 5 * 1000
assert gc.mem_free() > 0
print("what is forgotten comes back")
