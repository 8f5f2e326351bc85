"""Partition tables from the options of ``natmod flash``: a template, a file, changes; and how they are shown."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from ide.board.flash import table_edit
from ide.board.flash.table import BadTable, Table, read_binary
from ide.board.flash.table_csv import read_csv
from ide.board.flash.table_edit import Segment, segments
from ide.board.flash.templates import templates
from ide.cli.verb import Session
from toolchains.errors import UsageError, disk_errors
from toolchains.text import Text, _
from toolchains.units import size_text

_LARGEST = 1 << 20
_SIZE = re.compile(r"(0x[0-9a-fA-F]+|\d+)\s*([kKmM]?)[bB]?")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20}
_BAR = 64


def wants_table(options: argparse.Namespace) -> bool:
    """Whether a table is asked for."""
    return bool(options.template or options.csv or options.add or options.remove or options.resize)


def table_of(options: argparse.Namespace, base: Table | None, flash_size: int) -> Table:
    """The table that the options mean: a template, a file or ``base``, with the changes. Raises BadTable."""
    table = _named(options.template) if options.template else read_file(options.csv) if options.csv else base
    if table is None:
        raise UsageError(_("There is no table to begin with."), next_step=_("Name one with --template or --csv."))
    for name in options.remove:
        table = table_edit.remove(table, name)
    for words in options.resize:
        name, _equals, size = words.partition("=")
        table = table_edit.resize(table, name, size_of(size), flash_size, shift=True)
    for row in options.add:
        (part,) = read_csv(row if row.split(",")[3:4] != [""] else row.replace(",,", ",0,", 1)).partitions
        table = table_edit.add(table, part, flash_size)
    return table


def _named(name: str) -> Table:
    found = next((one.table for one in templates() if one.name == name), None)
    if found is None:
        raise UsageError(
            _("There is no table called {name}.", name=name),
            next_step=_("Use one of: {names}.", names=", ".join(one.name for one in templates())),
        )
    return found


def read_file(path: Path) -> Table:
    """The table in a CSV file, or in a binary one. Raises BadTable, DiskError."""
    with disk_errors(path):
        if path.stat().st_size > _LARGEST:
            raise BadTable(_("The file is too long for a partition table."))
        data = path.read_bytes()
    return read_binary(data) if data[:2] == b"\xaa\x50" else read_csv(data.decode("utf-8", "replace"))


def size_of(text: str) -> int:
    """``2M``, ``1984k``, ``0x1f0000`` in bytes. Raises UsageError."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(_("{word} is no size.", word=repr(text)), next_step=_("Write it like 2M, 1984k or 0x1f0000."))
    return int(found[1], 0) * _UNITS[found[2].lower()]


def list_templates(session: Session) -> None:
    """Our tables, each with the smallest flash that it fits."""
    rows = [(one.name, size_text(one.flash), one.title) for one in templates()]
    session.out.table((_("template"), _("flash from"), _("what it is for")), rows, right={1})
    session.out.record(
        {
            "kind": "flash-templates",
            "templates": [{"name": one.name, "flash": one.flash, "title": str(one.title)} for one in templates()],
        }
    )


def show_table(session: Session, table: Table) -> None:
    """Its rows."""
    rows = [
        (
            part.name,
            part.type_text,
            part.subtype_text,
            f"0x{part.offset:x}",
            size_text(part.size),
            _("made by the firmware") if part.implicit else "",
        )
        for part in table.partitions
    ]
    session.out.table((_("partition"), _("type"), _("subtype"), _("address"), _("size"), ""), rows, right={3, 4})


def bar(table: Table, flash_size: int) -> str:
    """The flash as a line of text: ``|boot|nvs|factory……|vfs……|``; widths as sizes, but each can be seen."""
    found = [part for part in segments(table, flash_size) if part.kind != "table"]
    words = [_short(part) for part in found]
    spare = max(0, _BAR - sum(len(word) for word in words))
    cells = [
        word + ("." if part.kind == "free" else " ") * round(spare * part.size / flash_size)
        for word, part in zip(words, found, strict=True)
    ]
    return f"|{'|'.join(cells)}|"


def _short(part: Segment) -> str:
    names: dict[str, Text] = {"boot": _("boot"), "free": _("free")}
    return part.name or str(names.get(part.kind, part.kind))


def table_record(table: Table, flash_size: int) -> dict[str, object]:
    """A table as JSON; sizes and addresses in bytes."""
    rows = [
        {
            "name": part.name,
            "type": part.type_text,
            "subtype": part.subtype_text,
            "offset": part.offset,
            "size": part.size,
            "encrypted": part.encrypted,
            "readonly": part.readonly,
            "implicit": part.implicit,
        }
        for part in table.partitions
    ]
    return {"flash_size": flash_size, "partitions": rows}
