# One import: crc16 comes from checksum.c, pack and unpack from frames.py.
from mixed_python import FrameError, crc16, pack, unpack

print("checksum of 123456789 =", hex(crc16(b"123456789")))

frame = pack(b"hello board")
print("frame:", frame.hex())
print("payload:", unpack(frame))

damaged = frame[:3] + b"?" + frame[4:]
try:
    unpack(damaged)
except FrameError as error:
    print("damaged frame refused:", error)
