"""How an ESP chip starts from flash: what its ROM and its bootloader think of the images, and what then runs.

Images: :mod:`tests.fakes.images`. Headers and table: facts f.4, g.1.
"""

from __future__ import annotations

import functools
import hashlib
import operator
import re
import struct

from tests.fakes.rom_table import ChipRow

_TABLE_AT, _TABLE_BYTES = 0x8000, 0xC00
_HEADER, _EXTENDED, _SEGMENT = struct.Struct("<BBBBI"), struct.Struct("<B3sHBHH4sB"), struct.Struct("<II")
_ENTRY = struct.Struct("<2sBBLL16sL")
_BANNER = re.compile(rb"MicroPython (v\d[^\0 ]*) on [\d-]+\0*(?:; ([^\0]+))?")


def why_not(flash: bytearray, row: ChipRow, at: int, revision: tuple[int, int]) -> str:
    """Why there is no image for this chip at ``at``, in the ROM's or bootloader's words; empty if there is one."""
    magic, count, _mode, _size, _entry = _HEADER.unpack_from(flash, at)
    if magic != 0xE9 or not 0 < count <= 16:
        return f"invalid header: 0x{int.from_bytes(flash[at : at + 4], 'little'):08x}"
    _wp, _drive, chip_id, _old, least, most, _reserved, hashed = _EXTENDED.unpack_from(flash, at + _HEADER.size)
    if chip_id != row.id:
        return f"mismatch chip ID, expected {row.id}, found {chip_id}"
    major, minor = revision
    if not least <= major * 100 + minor <= (most or 65535):
        return "chip revision not in the image's range"
    end, check = at + _HEADER.size + _EXTENDED.size, 0xEF
    for _ in range(count):
        _address, length = _SEGMENT.unpack_from(flash, end)
        end += _SEGMENT.size
        if end + length + 64 > len(flash):
            return f"segment length {length:#x} is outside of flash"
        check = functools.reduce(operator.xor, flash[end : end + length], check)
        end += length
    end = at + -(-(end - at + 1) // 16) * 16
    if flash[end - 1] != check:
        return "Checksum failed"
    if hashed and hashlib.sha256(flash[at:end]).digest() != bytes(flash[end : end + 32]):
        return "image hash failed - image is corrupt"
    return ""


def first_app(flash: bytearray) -> int | None:
    """Where the table says that an application is (the factory's first)."""
    apps = []
    for at in range(_TABLE_AT, _TABLE_AT + _TABLE_BYTES, _ENTRY.size):
        magic, kind, sub, start, _size, _label, _flags = _ENTRY.unpack_from(flash, at)
        if magic != b"\xaaP":
            break
        if kind == 0:
            apps.append((sub, start))
    return min(apps)[1] if apps else None


def banner(flash: bytearray, at: int) -> tuple[str, str]:
    """Version and machine of the MicroPython at ``at`` (``v1.26.1``, ``Generic …``); empty if it is something else."""
    found = _BANNER.search(flash, at)
    return (found[1].decode(), (found[2] or b"").decode("utf-8", "replace")) if found else ("", "")
