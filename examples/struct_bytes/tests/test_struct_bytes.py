# Runs on the board.
import struct

import uctypes
from message import LAYOUT, SIZE, pack, unpack

for message in ((0, 0, 0), (255, -32768, 0x3FFFFFFF), (7, -125, 70000)):
    sensor, flags, tenths, age = unpack(pack(*message))
    assert (sensor, tenths, age) == message and flags == 0
try:
    unpack(b"short")
except ValueError:
    print("what is packed can be unpacked, and nothing else")

assert SIZE == 8 and struct.calcsize("<BI") == 5 and struct.calcsize("@BI") == 8
assert struct.pack("<H", 1) == b"\x01\x00" and struct.pack(">H", 1) == b"\x00\x01"
print("byte order and gaps are as in C")

data = bytearray(pack(7, -125, 70000))
view = uctypes.struct(uctypes.addressof(data), LAYOUT, uctypes.BIG_ENDIAN)
assert (view.sensor, view.tenths, view.age) == (7, -125, 70000)
view.flags.battery = 9
view.age = 1
assert unpack(data) == (7, 0x90, -125, 1)
print("a view changes the bytes themselves")
