"""A firmware with another partition table, as one job; and whether a bootloader takes a table.

The bootloader believes its own header about the size of the flash and refuses a table that goes further (ESP-IDF's
``esp_partition_table_verify``: "exceeds flash chip size"). The partition that MicroPython makes itself is not in it.
"""

from __future__ import annotations

from pathlib import Path

from ide.board.flash import image
from ide.board.flash.errors import WrongImage
from ide.board.flash.image_parts import Image
from ide.board.flash.records import FlashFile, FlashJob
from ide.board.flash.table import TABLE_OFFSET, TABLE_SIZE, BadTable, Partition, Table, read_binary, write_binary
from ide.board.flash.table_check import refuse_bad
from toolchains.chips import chips
from toolchains.errors import disk_errors
from toolchains.text import _
from toolchains.units import size_text

_MAGIC = 0xE9
#: Length of an image's header, up to its flash size.
HEADER_BYTES = 4
_LARGEST_SIZE = 7
_ONLY_WHOLE = _("Only a whole firmware can be given another partition table.")


def header_flash_size(header: bytes) -> int | None:
    """Bytes of flash that the image which begins so was made for; None when it is no image (facts.md f.4)."""
    if len(header) < HEADER_BYTES or header[0] != _MAGIC or header[3] >> 4 > _LARGEST_SIZE:
        return None
    return 1 << 20 + (header[3] >> 4)


def check_bootloader(table: Table, header: bytes) -> None:
    """Raise BadTable when the bootloader that begins with ``header`` would refuse ``table``."""
    size = header_flash_size(header)
    end = table.written.end
    if size is not None and end > size:
        raise BadTable(
            _("The firmware on the board is made for a flash of {size}, and this table goes up to {end}. Write the "
              "firmware together with the table.", size=size_text(size), end=size_text(end))
        )  # fmt: skip


def app_place(table: Table) -> Partition:
    """Where a new firmware goes: the factory partition, or else the first for updates. Raises BadTable."""
    apps = sorted((part for part in table.apps if part.subtype == 0 or part.subtype >= 0x10), key=lambda p: p.subtype)
    if not apps:
        raise BadTable(_("There is no partition for firmware (type app)."))
    return apps[0]


def table_in(firmware: Path) -> Table:
    """The table in a whole firmware. Raises WrongImage, BadTable, DiskError."""
    found = image.read(firmware)
    if found.kind != "whole" or found.address is None:
        raise WrongImage(firmware.name, _ONLY_WHOLE)
    at = TABLE_OFFSET - found.address
    return read_binary(found.data[at : at + TABLE_SIZE])


def job_with_table(port: str, firmware: Path, table: Table, flash_size: int, into: Path) -> FlashJob:
    """The job that writes a whole firmware with ``table`` instead of its own; the new image is made at ``into``.

    The app goes where the table says. Raises WrongImage, BadTable, DiskError.
    """
    found = image.read(firmware)
    if found.kind != "whole" or found.app is None or found.address is None:
        raise WrongImage(firmware.name, _ONLY_WHOLE)
    refuse_bad(table, flash_size, found.app.size)
    with disk_errors(into):
        into.write_bytes(_with_table(found, table))
    word = "keep" if table.written.end <= found.first.flash_size else f"{_power_of_two(table.written.end) >> 20}MB"
    return FlashJob(port, found.chip, (FlashFile(found.address, into),), flash_size=word)


def _with_table(found: Image, table: Table) -> bytes:
    assert found.app is not None
    base = chips()[found.chip].flash_offset
    app = found.data[found.app.offset : found.app.offset + found.app.size]
    start = found.data[: TABLE_OFFSET - base] + write_binary(table)
    assert len(start) == TABLE_OFFSET - base + TABLE_SIZE
    return start.ljust(app_place(table).offset - base, b"\xff") + app


def _power_of_two(size: int) -> int:
    """The smallest flash that holds so many bytes."""
    return 1 << max(20, (size - 1).bit_length())
