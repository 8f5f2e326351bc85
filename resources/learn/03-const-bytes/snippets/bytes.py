message = b"ABC"  # bytes: numbers from 0 to 255, cannot change
print(message[0], list(message))

packet = bytearray(message)  # the same, but it can change
packet[0] = 0x61
print(packet)

part = memoryview(packet)[1:]  # a window on it: nothing is copied
part[0] = 0x62
print(packet)
