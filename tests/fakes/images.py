"""Images for flash, made like ESP-IDF's: bootloaders, partition tables, apps, and whole MicroPython firmware.

The shape is that of the official ``ESP32_GENERIC-20250415-v1.25.0.bin``: a bootloader, 0xFF up to the table, 0xFF up to
the app, nothing after the app. Real esptool's ``image-info`` finds them valid. Contents are the same for the same
arguments, and compress about as badly as program text does.
"""

from __future__ import annotations

import hashlib
import random
import struct
from collections.abc import Sequence
from functools import reduce
from operator import xor
from typing import NamedTuple

from toolchains.chips import chips

MODES = {"qio": 0, "qout": 1, "dio": 2, "dout": 3}
TABLE_AT = 0x8000
TABLE_SIZE = 0x1000
MB = 1 << 20

#: Where segments of a chip's app are loaded: constants read from flash, RAM, code run from flash.
_LOADED_AT = {
    "esp32": (0x3F400020, 0x3FFBDB60, 0x400D0020),
    "esp32s2": (0x3F000020, 0x3FFBE000, 0x40080020),
    "esp32s3": (0x3C000020, 0x3FC90000, 0x42000020),
    "esp32p4": (0x48000020, 0x4FF00000, 0x40000020),
}
_RISCV = (0x3C000020, 0x3FC90000, 0x42000020)
_UNIFIED = (0x42000020, 0x40800000, 0x42010020)


class Row(NamedTuple):
    """A row of a partition table. Sizes in bytes."""

    name: str
    type: int
    subtype: int
    offset: int
    size: int
    flags: int = 0


#: MicroPython's ``partitions-4MiBplus.csv``, which says nothing of the file system, and the one with the file system.
DEFAULT_TABLE = (
    Row("nvs", 1, 2, 0x9000, 0x6000),
    Row("phy_init", 1, 1, 0xF000, 0x1000),
    Row("factory", 0, 0, 0x10000, 0x1F0000),
)
TABLE_WITH_VFS = (*DEFAULT_TABLE, Row("vfs", 1, 0x81, 0x200000, 0x200000))
OTA_TABLE = (
    Row("nvs", 1, 2, 0x9000, 0x4000),
    Row("otadata", 1, 0, 0xD000, 0x2000),
    Row("phy_init", 1, 1, 0xF000, 0x1000),
    Row("ota_0", 0, 0x10, 0x10000, 0x180000),
    Row("ota_1", 0, 0x11, 0x190000, 0x180000),
)


def image(
    chip: str,
    segments: Sequence[tuple[int, bytes]],
    *,
    mode: str = "dio",
    flash_size: int = 4 * MB,
    chip_id: int | None = None,
    revisions: tuple[int, int] = (0, 399),
    hashed: bool = True,
    entry: int | None = None,
) -> bytes:
    """One image as the ROM loader reads it. ``revisions``: the first and last that it runs on, major * 100 + minor."""
    number = chips()[chip].image_id if chip_id is None else chip_id
    size_code = (flash_size // MB).bit_length() - 1
    # 0xEE: no write-protect pin; the old one-byte minimum stays 0
    head = struct.pack("<BBBBI", 0xE9, len(segments), MODES[mode], size_code << 4, entry or segments[0][0])
    head += struct.pack("<B3sHBHH4sB", 0xEE, b"", number, 0, *revisions, b"", hashed)
    body = b"".join(struct.pack("<II", at, len(data)) + data for at, data in segments)
    whole = head + body
    whole += bytes(-(len(whole) + 1) % 16)
    whole += bytes([reduce(xor, b"".join(data for _at, data in segments), 0xEF)])
    return whole + hashlib.sha256(whole).digest() if hashed else whole


def app(
    chip: str = "esp32",
    *,
    version: str = "1.26.1",
    date: str = "2025-09-11",
    machine: str = "",
    idf: str = "v5.4.2",
    size: int = 96 * 1024,
    seed: int = 1,
    **header: object,
) -> bytes:
    """MicroPython alone (``micropython.bin``), of about ``size`` bytes; ``header`` as for :func:`image`."""
    constants, ram, code = _loaded_at(chip)
    title = chips()[chip].title
    banner = f"MicroPython v{version} on {date}\0\0; {machine or f'Generic {title} module with {title}'}\0"
    text = app_description(idf=idf) + banner.encode() + b'Type "help()" for more information.\r\n\0'
    parts = [(constants, _aligned(text)), (ram, _text(seed, 2048)), (code, _text(seed + 1, max(size - 4096, 1024)))]
    return image(chip, parts, **header)  # type: ignore[arg-type]


def app_description(*, name: str = "", version: str = "", idf: str = "v5.4.2") -> bytes:
    """``esp_app_desc_t``, 256 bytes. Official MicroPython leaves name and version empty."""
    packed = struct.pack("<II8x32s32s16s16s32s", 0xABCD5432, 0, version.encode(), name.encode(), b"14:50:29",
                         b"Sep 11 2025", idf.encode())  # fmt: skip
    return packed.ljust(256, b"\0")


def bootloader(chip: str = "esp32", *, idf: str = "v5.4.2", size: int = 20 * 1024, **header: object) -> bytes:
    """The second-stage bootloader, with ``esp_bootloader_desc_t`` at its start."""
    _constants, ram, _code = _loaded_at(chip)
    described = struct.pack("<B3xI32s24s16x", 0x50, 1, idf.encode(), b"Sep 11 2025 14:49:36")
    return image(chip, [(ram, described), (ram + 0x4000, _text(7, size - 512))], **header)  # type: ignore[arg-type]


def table(rows: Sequence[Row] = DEFAULT_TABLE, *, md5: bool = True) -> bytes:
    """A partition table as it lies in flash, 0x1000 bytes (facts g.1)."""
    packed = b"".join(
        struct.pack("<2sBBII16sI", b"\xaa\x50", row.type, row.subtype, row.offset, row.size, row.name.encode(),
                    row.flags) for row in rows
    )  # fmt: skip
    if md5:
        packed += b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(packed, usedforsecurity=False).digest()
    return packed.ljust(TABLE_SIZE, b"\xff")


def joined(chip: str, boot: bytes, rows: bytes, program: bytes, app_at: int = 0x10000) -> bytes:
    """What MicroPython's ``makeimg.py`` makes of the three: it begins at the chip's bootloader offset."""
    base = chips()[chip].flash_offset
    whole = boot.ljust(TABLE_AT - base, b"\xff") + rows
    return whole.ljust(app_at - base, b"\xff") + program


def firmware(
    chip: str = "esp32",
    *,
    rows: Sequence[Row] = DEFAULT_TABLE,
    version: str = "1.26.1",
    machine: str = "",
    size: int = 96 * 1024,
    seed: int = 1,
    **header: object,
) -> bytes:
    """A whole firmware, as on the download page: to be written at the chip's bootloader offset."""
    program = app(chip, version=version, machine=machine, size=size, seed=seed, **header)  # type: ignore[arg-type]
    app_at = next(row.offset for row in rows if row.type == 0)
    return joined(chip, bootloader(chip, **header), table(rows), program, app_at)  # type: ignore[arg-type]


def _loaded_at(chip: str) -> tuple[int, int, int]:
    return _LOADED_AT.get(chip) or (_UNIFIED if chip in ("esp32c5", "esp32c6", "esp32h2") else _RISCV)


def _text(seed: int, size: int) -> bytes:
    """Bytes that zlib makes about half as long."""
    dice = random.Random(seed)
    words = [dice.randbytes(4) for _number in range(256)]
    return b"".join(dice.choices(words, k=size // 4))


def _aligned(data: bytes) -> bytes:
    return data.ljust(-(-len(data) // 4) * 4, b"\0")
