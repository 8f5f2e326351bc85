"""A message of 8 bytes, its large end first: sensor, flags, tenths of a degree, seconds since it was measured."""

import struct

import uctypes

FORMAT = ">BBhI"
SIZE = struct.calcsize(FORMAT)

#: The same for uctypes: where each field begins, and what it is. The flags share one byte, bit by bit.
LAYOUT = {
    "sensor": uctypes.UINT8 | 0,
    "flags": (
        1,
        {
            "alarm": uctypes.BFUINT8 | 0 | 0 << uctypes.BF_POS | 1 << uctypes.BF_LEN,
            "battery": uctypes.BFUINT8 | 0 | 4 << uctypes.BF_POS | 4 << uctypes.BF_LEN,
        },
    ),
    "tenths": uctypes.INT16 | 2,
    "age": uctypes.UINT32 | 4,
}


def pack(sensor, tenths, age, flags=0):
    return struct.pack(FORMAT, sensor, flags, tenths, age)


def unpack(data):
    """sensor, flags, tenths, age. Raises ValueError if the message is of another size."""
    if len(data) != SIZE:
        raise ValueError(f"a message has {SIZE} bytes")
    return struct.unpack(FORMAT, data)


def show(data):
    return " ".join(f"{byte:02x}" for byte in data)
