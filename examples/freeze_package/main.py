# "morse" is frozen into the firmware: its code is read from flash and takes almost no RAM.
import gc

gc.collect()
before = gc.mem_alloc()
import morse  # noqa: E402 (measured)

gc.collect()
taken = gc.mem_alloc() - before

print(morse.encode("hello board"))
print(morse.decode("... --- ..."))
print("bytes of RAM for the import:", taken)
