# A message of a sensor, as bytes: packed, taken apart again, and looked at through a view.
import struct
import sys

import uctypes
from message import LAYOUT, SIZE, pack, show, unpack

data = pack(7, -125, 70000)
print("the message is", show(data))
print("and says", unpack(data))

# The same number, its large end first (as in a network) and its small end first (as most chips have it).
print("big end first   ", show(struct.pack(">I", 70000)))
print("small end first ", show(struct.pack("<I", 70000)))
print("this board has the", sys.byteorder, "end first")

# C puts a number of 4 bytes at a multiple of 4. "<" and ">" leave no gaps, the default "@" does what C does.
print("<BI takes", struct.calcsize("<BI"), "bytes,", "@BI takes", struct.calcsize("@BI"))
print("with gaps       ", show(struct.pack("@BI", 1, 2)))
print("a C long takes", struct.calcsize("@l"), "bytes here")

# A view: no copy. What is written through it is in the bytes.
buffer = bytearray(data)
view = uctypes.struct(uctypes.addressof(buffer), LAYOUT, uctypes.BIG_ENDIAN)
print("the view says", view.sensor, view.tenths, view.age)
view.tenths = 201
view.flags.alarm = 1
print("changed by it   ", show(buffer))
print("its size is", SIZE)
