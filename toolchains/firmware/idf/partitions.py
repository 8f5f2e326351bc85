"""Where an app goes in the flash: the first app of a partition table, and the layouts of ours that give it more."""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from toolchains.errors import disk_errors
from toolchains.paths import resources

_ROW = struct.Struct("<2sBBLL16sL")
_MAGIC, _APP = b"\xaa\x50", 0
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|\d+)([kKmM]?)")
_ROMFS = re.compile(r"^(\s*[^,#]+,\s*(?:data|1|0x01)\s*,\s*)romfs\b", re.MULTILINE)
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20}


@dataclass(frozen=True)
class Layout:
    """One of ``resources/partitions/templates.json``: its name, bytes of flash that it needs, bytes for the app."""

    name: str
    kind: str
    flash: int
    app: int
    rows: tuple[str, ...]

    @property
    def text(self) -> str:
        """As a CSV file of ESP-IDF."""
        return plain("\n".join(("# Name, Type, SubType, Offset, Size, Flags", *self.rows)) + "\n")


@cache
def layouts() -> tuple[Layout, ...]:
    """All layouts, in the order of the file."""
    rows: list[dict[str, Any]] = json.loads((resources() / "partitions" / "templates.json").read_text("utf-8"))[
        "templates"
    ]
    return tuple(
        Layout(row["name"], row["kind"], row["flash"], app_bytes("\n".join(row["csv"])) or 0, tuple(row["csv"]))
        for row in rows
    )


def plain(csv: str) -> str:
    """The same table without a word that ESP-IDF does not know: ROMFS is MicroPython's, its subtype a number there."""
    return _ROMFS.sub(r"\g<1>0x8f", csv)


def layout(name: str) -> Layout:
    """The layout of that name; KeyError."""
    return next(one for one in layouts() if one.name == name)


def larger(app: int, partition: int) -> tuple[str, ...]:
    """Names of layouts with a larger app partition that ``app`` bytes fit, those for the smallest flash first."""
    found = [one for one in layouts() if one.app >= app and one.app > partition and one.kind != "romfs"]
    return tuple(one.name for one in sorted(found, key=lambda one: (one.flash, one.app)))


def app_bytes(csv: str) -> int | None:
    """The size of the first app in a table as CSV; None where it names none."""
    for line in csv.splitlines():
        cells = [cell.strip() for cell in line.partition("#")[0].split(",")]
        if len(cells) >= 5 and cells[1] in ("app", "0", "0x00", "0x0"):
            return _bytes(cells[4])
    return None


def first_app(table: Path) -> int | None:
    """The size of the first app in a binary table; None where there is none. Raises ``DiskError``."""
    with disk_errors(table):
        data = table.read_bytes()[:0xC00]
    for at in range(0, len(data) - _ROW.size + 1, _ROW.size):
        magic, kind, _subtype, _offset, size, _label, _flags = _ROW.unpack_from(data, at)
        if magic != _MAGIC:
            return None
        if kind == _APP:
            return int(size)
    return None


def flash_of(csv: Path) -> int | None:
    """Bytes of the smallest flash (a power of two) that a layout's file fits; None where it has no rows."""
    with disk_errors(csv):
        text = csv.read_text("utf-8", "replace")
    end = 0
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.partition("#")[0].split(",")]
        if len(cells) >= 5:
            at, size = _bytes(cells[3]), _bytes(cells[4])
            end = max(end, (end if at is None else at) + (size or 0))
    flash = 1 << 20
    while flash < end:
        flash <<= 1
    return flash if end else None


def _bytes(cell: str) -> int | None:
    found = _NUMBER.fullmatch(cell)
    return int(found[1], 0) * _UNITS[found[2].lower()] if found else None
