"""Files for DFU: ``.dfu`` (DfuSe, with addresses), ``.bin``, ``.hex``; read as something that nobody checked."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from toolchains.errors import disk_errors
from toolchains.firmware.dfu_errors import DfuError
from toolchains.text import Text, _
from toolchains.units import size_text

#: Where an STM32's flash begins.
FLASH = 0x08000000
_MAX = 64 << 20
_PREFIX, _TARGET, _ELEMENT, _SUFFIX = 11, 274, 8, 16


@dataclass(frozen=True)
class Part:
    """Bytes for one address."""

    address: int
    data: bytes

    @property
    def end(self) -> int:
        """The address behind the last byte."""
        return self.address + len(self.data)


@dataclass(frozen=True)
class DfuFile:
    """What a file holds for alternate setting 0, the internal flash; parts in order of their addresses."""

    path: Path
    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """How many bytes are written."""
        return sum(len(part.data) for part in self.parts)


def _bad(path: Path, why: Text) -> DfuError:
    return DfuError(
        "file",
        _("{file} is no firmware that can be written by DFU.", file=path.name),
        _("Use the firmware.dfu, .bin or .hex that was built for this board."),
        why=why,
    )


def read(path: Path, address: int | None = None) -> DfuFile:
    """Read a file by the end of its name. ``address``: where a ``.bin`` goes, default the beginning of the flash.

    Raises :class:`~toolchains.firmware.dfu_errors.DfuError` (``file``), ``DiskError``.
    """
    with disk_errors(path):
        size = path.stat().st_size
        data = path.read_bytes() if size <= _MAX else b""
    if not data:
        raise _bad(path, _("It has {size}.", size=size_text(size)))
    kind = path.suffix.lower()
    if kind == ".hex":
        parts = _hex_parts(path)
    elif kind == ".dfu":
        parts = _dfu_parts(path, data)
    elif kind == ".bin":
        parts = (Part(FLASH if address is None else address, data),)
    else:
        raise _bad(path, _("Its name ends in none of: .dfu .bin .hex"))
    return DfuFile(path, _in_order(path, parts))


def _in_order(path: Path, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    found = tuple(sorted(parts, key=lambda part: part.address))
    if not found or not all(part.data for part in found):
        raise _bad(path, _("There is nothing in it to write."))
    if any(one.end > after.address for one, after in pairwise(found)):
        raise _bad(path, _("Its parts overlap."))
    if found[-1].end > 1 << 32:
        raise _bad(path, _("An address in it is beyond 32 bits."))
    return found


def _hex_parts(path: Path) -> tuple[Part, ...]:
    from intelhex import IntelHex, IntelHexError

    try:
        read_in = IntelHex(str(path))
    except (IntelHexError, UnicodeDecodeError) as error:
        raise _bad(path, _("It is no Intel HEX file: {words}", words=str(error)[:200])) from error
    return tuple(Part(start, read_in.tobinstr(start=start, end=end - 1)) for start, end in read_in.segments())


def _dfu_parts(path: Path, data: bytes) -> tuple[Part, ...]:
    if data[:5] != b"DfuSe" or len(data) < _PREFIX + _SUFFIX or data[-8:-5] != b"UFD":
        raise _bad(path, _("It has no DfuSe header: addresses are missing."))
    if zlib.crc32(data[:-4]) ^ 0xFFFFFFFF != struct.unpack_from("<I", data, len(data) - 4)[0]:
        raise _bad(path, _("Its checksum is wrong: it was damaged or cut off on its way."))
    parts, at, end = [], _PREFIX, len(data) - _SUFFIX
    try:
        for _number in range(data[10]):
            mark, setting, _named, _name, _size, count = struct.unpack_from("<6sBI255sII", data, at)
            if mark != b"Target":
                raise _bad(path, _("It is cut off."))
            at += _TARGET
            for _element in range(count):
                address, length = struct.unpack_from("<II", data, at)
                at += _ELEMENT
                if at + length > end:
                    raise _bad(path, _("It is cut off."))
                if setting == 0:
                    parts.append(Part(address, data[at : at + length]))
                at += length
    except struct.error as error:
        raise _bad(path, _("It is cut off.")) from error
    return tuple(parts)


def dfuse(parts: tuple[Part, ...], vendor: int = 0x0483, product: int = 0xDF11) -> bytes:
    """These parts as a ``.dfu`` file, which one call of dfu-util writes at all their addresses."""
    elements = b"".join(struct.pack("<II", part.address, len(part.data)) + part.data for part in parts)
    target = struct.pack("<6sBI255sII", b"Target", 0, 1, b"natmod", len(elements), len(parts)) + elements
    body = struct.pack("<5sBIB", b"DfuSe", 1, _PREFIX + len(target), 1) + target
    body += struct.pack("<HHHH3sB", 0, product, vendor, 0x011A, b"UFD", _SUFFIX)
    return body + struct.pack("<I", zlib.crc32(body) ^ 0xFFFFFFFF)
