# Runs on the board.
import checksum

# The check value of this CRC in every table of CRCs.
assert checksum.crc8(b"123456789") == 0xF4
assert checksum.crc8(b"") == 0
assert checksum.crc8(bytearray(3)) == 0
try:
    checksum.crc8(5)
except TypeError:
    print("bytes are wanted, and said so")
else:
    raise AssertionError
