# Runs on the board.
import mixed_python


def raises(error, function, *args):
    try:
        function(*args)
    except error:
        return True
    return False


# The check value of this CRC in every table of CRCs.
assert mixed_python.crc16(b"123456789") == 0x29B1
assert mixed_python.crc16(b"6789", mixed_python.crc16(b"12345")) == 0x29B1
assert mixed_python.crc16(b"") == 0xFFFF
assert mixed_python.crc16(memoryview(bytearray(b"0123456789"))[1:]) == 0x29B1
assert raises(TypeError, mixed_python.crc16, 5)
print("crc16, written in C, is right")

for payload in (b"", b"x", bytes(range(255))):
    assert mixed_python.unpack(mixed_python.pack(payload)) == payload
assert raises(ValueError, mixed_python.pack, bytes(256))
print("pack and unpack, written in Python, call it")

frame = mixed_python.pack(b"some bytes")
for place in range(len(frame)):
    damaged = bytearray(frame)
    damaged[place] ^= 0x10
    assert raises(mixed_python.FrameError, mixed_python.unpack, damaged)
print("every damaged frame is refused")
