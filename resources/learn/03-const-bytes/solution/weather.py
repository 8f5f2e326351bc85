import struct


def pack(tenths, humidity):
    """3 bytes: the temperature in tenths of a degree (it may be negative), then the humidity, little-endian."""
    return struct.pack("<hB", tenths, humidity)


def unpack(packet):
    """(tenths, humidity) from such 3 bytes."""
    return struct.unpack("<hB", packet)
