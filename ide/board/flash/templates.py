"""Partition tables to begin with: ``resources/partitions/templates.json``, MicroPython's own and one of ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from ide.board.flash.table import Table
from ide.board.flash.table_csv import read_csv
from toolchains.paths import resources
from toolchains.text import Text, _
from toolchains.units import size_text


@dataclass(frozen=True)
class TableTemplate:
    """A table and the smallest flash that it fits, in bytes."""

    name: str
    kind: str
    flash: int
    table: Table

    @property
    def title(self) -> Text:
        """What it is for."""
        size = size_text(self.table.apps[0].size)
        match self.kind:
            case "two-apps":
                return _("Two firmwares of {size} each, for updates over the air; the rest for files", size=size)
            case "romfs":
                romfs = self.table.find("romfs")
                room = size_text(romfs.size if romfs else 0)
                return _("One firmware of {size}, {room} of read-only files (ROMFS); the rest for files",
                         size=size, room=room)  # fmt: skip
            case "explicit-one-app":
                return _("One firmware of {size}; files in a row of their own, as up to MicroPython 1.25", size=size)
            case "explicit-two-apps":
                return _("Two firmwares of {size} each; files in a row of their own, as up to MicroPython 1.25",
                         size=size)  # fmt: skip
            case "fat":
                return _("Two firmwares of {size} each; files on FAT, as on the Arduino Nano ESP32", size=size)
            case _kind:
                return _("One firmware of {size}; the rest for files", size=size)


@cache
def templates() -> tuple[TableTemplate, ...]:
    """All of them, in the order in which they are offered."""
    rows = json.loads((resources() / "partitions" / "templates.json").read_text("utf-8"))["templates"]
    return tuple(TableTemplate(r["name"], r["kind"], r["flash"], read_csv("\n".join(r["csv"]))) for r in rows)


def templates_for(flash_size: int) -> tuple[TableTemplate, ...]:
    """Those that fit a flash of ``flash_size`` bytes."""
    return tuple(template for template in templates() if template.flash <= flash_size)
