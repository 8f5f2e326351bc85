# Where does the memory of a program go? Each step is measured after a collection, so what is left is really in use.
import gc

import heap

print("at the start", heap.used(), "bytes are used and", gc.mem_free(), "are free")

plain = heap.cost_of_import("plain_names")
constant = heap.cost_of_import("const_names")
print("a module with 16 names takes", plain, "bytes")
print("with const and an underscore it takes", constant, "bytes")
print("const saves memory:", constant < plain)

before = heap.used()

print("a second import takes", heap.used() - before, "bytes")

before = heap.used()
buffer = bytearray(1000)
print("a bytearray of 1000 bytes takes", heap.used() - before, "bytes")
before = heap.used()
numbers = [0] * 1000
print("a list of 1000 numbers takes", heap.used() - before, "bytes")

before = heap.used()
gc.disable()  # so that nothing is collected behind our back
for _ in range(100):
    bytes(100)  # made, and forgotten at once
waste = gc.mem_alloc() - before
gc.enable()
print("100 forgotten objects still take", waste, "bytes")
left = heap.used() - before
print("gc.collect() brings them back:", waste > 100 * 100 and left < 1000)
