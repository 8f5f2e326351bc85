"""Partition tables: how the flash of a chip is divided, read from its binary form as something that nobody checked.

The table is in the flash at :data:`TABLE_OFFSET`, with an MD5 row of its own. MicroPython from 1.26 on adds a partition
that is in no table: see :func:`with_implicit_vfs`. Sizes and addresses in bytes. Facts: ESP-IDF's
``gen_esp32part.py``; names of types are data, in ``resources/partitions/kinds.json``.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from ide.board.flash.errors import FlashError
from toolchains.paths import resources
from toolchains.text import Text, _

TABLE_OFFSET = 0x8000
TABLE_SIZE = 0x1000
#: The first address that a partition may have.
FIRST_OFFSET = TABLE_OFFSET + TABLE_SIZE
SECTOR = 0x1000
APP, DATA = 0, 1
LABEL_BYTES = 16
#: Where MicroPython keeps its files: the first of these labels that there is (ports/esp32/modules/flashbdev.py).
VFS_LABELS = ("vfs", "ffat")

#: Subtypes of data in ESP-IDF's tables: fat, spiffs, littlefs.
_FILESYSTEMS = (0x81, 0x82, 0x83)
_ROW = struct.Struct("<2sBBLL16sL")
_MAGIC = b"\xaa\x50"
_MD5_START = b"\xeb\xeb" + 14 * b"\xff"
_END = 32 * b"\xff"
_ROWS_BYTES = 0xC00
_ENCRYPTED, _READONLY = 1, 2
#: The release whose firmware began to make the partition for files by itself.
_IMPLICIT_SINCE = (1, 26)


class BadTable(FlashError):
    """What should be a partition table is none, or a broken one. ``why`` names the row."""

    code = "flash.table"

    def __init__(self, why: Text) -> None:
        super().__init__(
            _("The partition table cannot be used."),
            why=why,
            next_step=_("Choose one of the templates, or write the firmware with its own table."),
        )


@dataclass(frozen=True)
class Partition:
    """One part of the flash. ``implicit``: the firmware makes it when it starts; it is in no table."""

    name: str
    type: int
    subtype: int
    offset: int
    size: int
    encrypted: bool = False
    readonly: bool = False
    implicit: bool = False

    @property
    def end(self) -> int:
        """The first address after it."""
        return self.offset + self.size

    @property
    def is_app(self) -> bool:
        """Whether firmware is in it."""
        return self.type == APP

    @property
    def type_text(self) -> str:
        """``app``, ``data``, or a number."""
        return _type_names().get(self.type, f"0x{self.type:x}")

    @property
    def subtype_text(self) -> str:
        """``ota_0``, ``nvs``, or a number."""
        return subtype_name(self.type, self.subtype)


@dataclass(frozen=True)
class Table:
    """The partitions of a flash, in the order of their rows. ``md5``: its binary form carries a checksum."""

    partitions: tuple[Partition, ...]
    md5: bool = True

    def find(self, name: str) -> Partition | None:
        """The partition with this label."""
        return next((part for part in self.partitions if part.name == name), None)

    @property
    def vfs(self) -> Partition | None:
        """Where MicroPython keeps the files of the board; None when it has no place for them."""
        data = {part.name: part for part in reversed(self.partitions) if part.type == DATA}
        return next((data[name] for name in VFS_LABELS if name in data), None)

    @property
    def filesystems(self) -> tuple[Partition, ...]:
        """Where files may be: MicroPython's place for them first, then those of other firmware."""
        vfs = self.vfs
        rest = (part for part in self.partitions if part.type == DATA and part.subtype in _FILESYSTEMS)
        return (*((vfs,) if vfs is not None else ()), *(part for part in rest if part is not vfs))

    @property
    def apps(self) -> tuple[Partition, ...]:
        """The partitions that firmware can be in."""
        return tuple(part for part in self.partitions if part.is_app)

    @property
    def end(self) -> int:
        """The first address that no partition needs."""
        return max((part.end for part in self.partitions), default=FIRST_OFFSET)

    @property
    def written(self) -> Table:
        """The rows that are in the flash: without the implicit ones."""
        return replace(self, partitions=tuple(part for part in self.partitions if not part.implicit))


@cache
def kinds() -> tuple[dict[str, Any], ...]:
    """The types of ``resources/partitions/kinds.json``."""
    loaded: dict[str, Any] = json.loads((resources() / "partitions" / "kinds.json").read_text("utf-8"))
    return tuple(loaded["types"])


@cache
def _type_names() -> dict[int, str]:
    return {kind["number"]: kind["name"] for kind in kinds()}


@cache
def subtypes_of(type_number: int) -> dict[str, int]:
    """The names of a type's subtypes, and their numbers."""
    for kind in kinds():
        if kind["number"] == type_number:
            many = {f"{word}{n}": at + n for word, (at, count) in kind["numbered"].items() for n in range(count)}
            return {**kind["subtypes"], **many}
    return {}


def subtype_name(type_number: int, subtype: int) -> str:
    """The name of a subtype, or its number."""
    names = {number: name for name, number in subtypes_of(type_number).items()}
    return names.get(subtype, f"0x{subtype:x}")


def type_number(word: str) -> int:
    """The number of ``app`` or ``data``, or of a number in words. Raises ValueError."""
    names = {name: number for number, name in _type_names().items()}
    return names[word] if word in names else _byte(word)


def subtype_number(type_of: int, word: str) -> int:
    """The number of a subtype of a type. Raises ValueError."""
    names = subtypes_of(type_of)
    return names[word] if word in names else _byte(word)


def _byte(word: str) -> int:
    if not re.fullmatch(r"0[xX][0-9a-fA-F]{1,2}|[0-9]{1,3}", word):
        raise ValueError(word)
    number = int(word, 16) if word[:2].lower() == "0x" else int(word)
    if not 0 <= number <= 254:
        raise ValueError(word)
    return number


def alignment_of(type_of: int) -> int:
    """What the address of a partition of this type must be a multiple of."""
    return next((int(kind["alignment"]) for kind in kinds() if kind["number"] == type_of), SECTOR)


def read_binary(data: bytes) -> Table:
    """The table in ``data``, which begins where the table begins. Raises BadTable."""
    rows: list[Partition] = []
    if not data.strip(b"\xff"):
        raise BadTable(_("There is none: that part of the flash is empty."))
    for start in range(0, min(len(data), _ROWS_BYTES), _ROW.size):
        row = data[start : start + _ROW.size]
        if row == _END:
            return _some(rows, md5=False)
        if row.startswith(_MD5_START):
            _check_md5(data[:start], row)
            return _some(rows, md5=True)
        rows.append(_read_row(row, len(rows) + 1))
    raise BadTable(_("It does not end: it was cut off, or it is no partition table."))


def _read_row(row: bytes, number: int) -> Partition:
    if len(row) != _ROW.size:
        raise BadTable(_("It was cut off in row {row}.", row=number))
    magic, type_of, subtype, offset, size, label, flags = _ROW.unpack(row)
    if magic != _MAGIC:
        raise BadTable(_("Row {row} does not begin as rows of a partition table do.", row=number))
    try:
        name = label.rstrip(b"\0").decode()
    except UnicodeDecodeError:
        name = ""
    if not is_label(name):
        raise BadTable(_("Row {row} has a name that nobody can read.", row=number))
    return Partition(name, type_of, subtype, offset, size, bool(flags & _ENCRYPTED), bool(flags & _READONLY))


def is_label(name: str) -> bool:
    """Whether a partition can be called so: 1 to 16 bytes that can be seen, none of CSV's own."""
    if not name or len(name.encode("utf-8", "replace")) > LABEL_BYTES:
        return False
    return name.isprintable() and name == name.strip() and not set(name) & set(",#")


def _check_md5(rows: bytes, row: bytes) -> None:
    if len(row) != _ROW.size or hashlib.md5(rows, usedforsecurity=False).digest() != row[16:]:
        raise BadTable(_("Its checksum does not fit: some of its bytes were changed."))


def _some(rows: list[Partition], *, md5: bool) -> Table:
    if not rows:
        raise BadTable(_("It has no rows."))
    return Table(tuple(rows), md5)


def write_binary(table: Table) -> bytes:
    """The table as it is written to the flash, :data:`TABLE_SIZE` bytes. Raises BadTable when it has too many rows."""
    data = b"".join(_write_row(part) for part in table.written.partitions)
    if table.md5:
        data += _MD5_START + hashlib.md5(data, usedforsecurity=False).digest()
    if len(data) + _ROW.size > _ROWS_BYTES:
        raise BadTable(_("It has more rows than fit."))
    return data.ljust(TABLE_SIZE, b"\xff")


def _write_row(part: Partition) -> bytes:
    flags = _ENCRYPTED * part.encrypted | _READONLY * part.readonly
    label = part.name.encode().ljust(LABEL_BYTES, b"\0")
    try:
        return _ROW.pack(_MAGIC, part.type, part.subtype, part.offset, part.size, label, flags)
    except struct.error:
        raise BadTable(_("{name} has a number that no table can hold.", name=part.name)) from None


def with_implicit_vfs(table: Table, flash_size: int, firmware_version: str | None = None) -> Table:
    """The table as the firmware sees it.

    Without a partition ``vfs`` or ``ffat``, MicroPython from 1.26 on makes ``vfs`` of what is left of the flash behind
    the last partition (ports/esp32/main.c, ``boardctrl_startup``). Without a version it is taken for a new one: older
    ones have the row.
    """
    version = re.match(r"v?(\d+)\.(\d+)", firmware_version or "")
    if version is not None and (int(version[1]), int(version[2])) < _IMPLICIT_SINCE:
        return table
    end = table.end
    if table.vfs is not None or not table.partitions or end >= flash_size:
        return table
    vfs = Partition("vfs", DATA, subtypes_of(DATA)["fat"], end, flash_size - end, implicit=True)
    return replace(table, partitions=(*table.partitions, vfs))
