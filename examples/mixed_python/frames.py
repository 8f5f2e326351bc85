# The comfortable half of the module mixed_python: frames for a serial line.
# crc16 is not defined in this file: it comes from checksum.c, which shares its namespace with this code.


class FrameError(ValueError):
    pass


def pack(payload):
    """A frame: one byte of length, the payload, two bytes of checksum."""
    if len(payload) > 255:
        raise FrameError("a frame holds at most 255 bytes")
    body = bytes([len(payload)]) + payload
    return body + crc16(body).to_bytes(2, "big")


def unpack(frame):
    """The payload of a frame, or FrameError when it was damaged on its way."""
    if len(frame) < 3 or len(frame) != frame[0] + 3:
        raise FrameError("wrong length")
    body = frame[:-2]
    if crc16(body).to_bytes(2, "big") != frame[-2:]:
        raise FrameError("wrong checksum")
    return bytes(body[1:])
