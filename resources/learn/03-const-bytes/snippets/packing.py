import struct

packet = struct.pack("<BHh", 1, 2000, -5)
print(len(packet), packet)
print(struct.unpack("<BHh", packet))
