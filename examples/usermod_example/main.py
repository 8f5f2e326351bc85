# Runs on the firmware that holds the module: nothing is copied to the board.
import checksum

print("crc8 of 123456789 =", hex(checksum.crc8(b"123456789")))
print("imported from a file:", hasattr(checksum, "__file__"))
