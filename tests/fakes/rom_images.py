"""Firmware images as MicroPython's are, of any size, and what a chip's own loader thinks of the flash it starts from.

An image: bootloader at the chip's offset, partition table at 0x8000, application at 0x10000, each with checksum and
hash (facts f.4, g.1). The code in it is noise; the headers, the table and the application's description are as real ones.
"""

from __future__ import annotations

import functools
import hashlib
import random
import struct

from tests.fakes.rom_table import ChipRow, rows

TABLE_AT, APP_AT = 0x8000, 0x10000
#: Where each family keeps constants in flash and code in RAM; enough to look right.
_ADDRESSES = {"xtensa": (0x3F400020, 0x40080000), "riscv": (0x3C000020, 0x40380000)}
_SIZES = {1 << 20 + n: n for n in range(8)}
_HEADER, _EXTENDED, _SEGMENT = struct.Struct("<BBBBI"), struct.Struct("<B3sHBHH4sB"), struct.Struct("<II")
_ENTRY = struct.Struct("<2sBBLL16sL")


def application(
    chip: str,
    size: int = 200_000,
    *,
    name: str = "micropython",
    version: str = "v1.26.1",
    seed: int = 0,
    flash_size: int = 4 << 20,
    revisions: tuple[int, int] = (0, 65535),
    hashed: bool = True,
    text: float = 0.7,
) -> bytes:
    """An application of about ``size`` bytes; ``text`` is how much of it is not noise (a real one packs to 0.6)."""
    description = struct.pack(
        "<II8s32s32s16s16s32s32s80s",
        0xABCD5432,
        0,
        b"",
        version.encode(),
        name.encode(),
        b"12:00:00",
        b"Sep 11 2025",
        b"v5.4.2",
        hashlib.sha256(f"{chip}{seed}".encode()).digest(),
        b"",
    )
    return _image(chip, [description, _code(seed, size - len(description), text)], flash_size, revisions, hashed)


def bootloader(chip: str, *, flash_size: int = 4 << 20, revisions: tuple[int, int] = (0, 65535)) -> bytes:
    """A second-stage bootloader."""
    return _image(chip, [_code(1, 18_000, 0.7)], flash_size, revisions, hashed=True)


def table(entries: list[tuple[str, int, int, int, int]] | None = None) -> bytes:
    """A partition table: (label, type, subtype, offset, size); MicroPython's of 4 MiB if none are given."""
    entries = entries or [
        ("nvs", 1, 2, 0x9000, 0x6000),
        ("phy_init", 1, 1, 0xF000, 0x1000),
        ("factory", 0, 0, 0x10000, 0x1F0000),
        ("vfs", 1, 0x81, 0x200000, 0x200000),
    ]
    packed = b"".join(
        _ENTRY.pack(b"\xaaP", kind, sub, at, size, label.encode(), 0) for label, kind, sub, at, size in entries
    )
    packed += b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(packed).digest()
    return packed.ljust(0xC00, b"\xff")


@functools.cache
def firmware(
    chip: str, size: int = 200_000, *, version: str = "v1.26.1", seed: int = 0, flash_size: int = 4 << 20
) -> bytes:
    """A whole image, to be written at the chip's offset, with an application of about ``size`` bytes."""
    offset = rows()[chip].boot
    image = bootloader(chip, flash_size=flash_size).ljust(TABLE_AT - offset, b"\xff") + table()
    return image.ljust(APP_AT - offset, b"\xff") + application(
        chip, size, version=version, seed=seed, flash_size=flash_size
    )


def _code(seed: int, size: int, text: float) -> bytes:
    rng = random.Random(seed)
    pieces = []
    while size > 0:
        piece = rng.randbytes(64) if rng.random() > text else bytes([rng.randrange(64)]) * 64
        pieces.append(piece[:size])
        size -= len(piece)
    return b"".join(pieces)


def _image(chip: str, contents: list[bytes], flash_size: int, revisions: tuple[int, int], hashed: bool) -> bytes:
    row = rows()[chip]
    rodata, code = _ADDRESSES[row.stack]
    out = _HEADER.pack(0xE9, len(contents), 2, _SIZES[flash_size] << 4 | (0 if chip != "esp32h2" else 0xF), code)
    out += _EXTENDED.pack(0xEE, b"\0\0\0", row.id, 0, *revisions, b"", hashed)
    check = 0xEF
    for number, content in enumerate(contents):
        content += b"\0" * (-len(content) % 4)
        out += _SEGMENT.pack(code if number or len(contents) == 1 else rodata, len(content)) + content
        check ^= functools.reduce(lambda a, b: a ^ b, content)
    out += b"\0" * (15 - len(out) % 16) + bytes([check])
    return out + hashlib.sha256(out).digest() if hashed else out


def why_not(flash: bytearray, row: ChipRow, at: int, revision: tuple[int, int] | None = None) -> str:
    """Why there is no image for this chip at ``at``, in the ROM's or bootloader's words; empty if there is one."""
    magic, count, _mode, _size, _entry = _HEADER.unpack_from(flash, at)
    if magic != 0xE9 or not 0 < count <= 16:
        return f"invalid header: 0x{int.from_bytes(flash[at : at + 4], 'little'):08x}"
    _wp, _drive, chip_id, _old, least, most, _reserved, hashed = _EXTENDED.unpack_from(flash, at + _HEADER.size)
    if chip_id != row.id:
        return f"mismatch chip ID, expected {row.id}, found {chip_id}"
    major, minor = revision or row.revision
    if not least <= major * 100 + minor <= (most or 65535):
        return "chip revision not in the image's range"
    end, check = at + _HEADER.size + _EXTENDED.size, 0xEF
    for _ in range(count):
        _address, length = _SEGMENT.unpack_from(flash, end)
        end += _SEGMENT.size
        if end + length > len(flash):
            return f"segment length {length:#x} is outside of flash"
        check ^= functools.reduce(lambda a, b: a ^ b, flash[end : end + length], 0)
        end += length
    end += 16 - end % 16
    if flash[end - 1] != check:
        return "Checksum failed"
    if hashed and hashlib.sha256(flash[at:end]).digest() != bytes(flash[end : end + 32]):
        return "image hash failed - image is corrupt"
    return ""


def first_app(flash: bytearray) -> int | None:
    """Where the table says that an application is (the factory's first)."""
    apps = []
    for at in range(TABLE_AT, TABLE_AT + 0xC00, _ENTRY.size):
        magic, kind, sub, start, _size, _label, _flags = _ENTRY.unpack_from(flash, at)
        if magic != b"\xaaP":
            break
        if kind == 0:
            apps.append((sub, start))
    return min(apps)[1] if apps else None


def app_version(flash: bytearray, at: int) -> str:
    """The version in the application's description, or nothing."""
    start = at + _HEADER.size + _EXTENDED.size + _SEGMENT.size
    if int.from_bytes(flash[start : start + 4], "little") != 0xABCD5432:
        return ""
    return bytes(flash[start + 16 : start + 48]).split(b"\0")[0].decode("ascii", "replace")
