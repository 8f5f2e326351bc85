"""``natmod partitions``: how a board's flash is divided, as its firmware sees it; which app runs and which is next."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.board.storage import explain, on_board
from ide.board.storage.on_board import Part, Storage
from ide.cli.flash_tables import bar
from ide.cli.the_board import the_board
from ide.cli.verb import Session, Verb, add_board
from toolchains.errors import disk_errors
from toolchains.text import Text, _, sentences
from toolchains.units import percent_text, size_text


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_board(parser)
    parser.add_argument("--csv", type=Path, metavar="FILE", help=str(_("save the table for gen_esp32part.py")))


def _run(options: argparse.Namespace, session: Session) -> int:
    with the_board(options, session) as board:
        found = on_board.look(session.ctx, board)
    why = explain.why(found)
    record = {**found.to_json(), "kind": "partitions", "why": [str(text) for text in why]}
    if found.parts:
        _show(session, found)
    for text in why:
        session.out.text(text)
    if options.csv is not None and found.parts:
        with disk_errors(options.csv):
            options.csv.write_text(on_board.csv(found), "utf-8", newline="\n")
        record["saved"] = str(options.csv)
        session.out.text(_("Saved as {path}.", path=options.csv))
    session.out.record(record)
    return 0


def _show(session: Session, found: Storage) -> None:
    rows = [
        (
            part.partition.name,
            part.partition.type_text,
            part.partition.subtype_text,
            f"0x{part.partition.offset:x}",
            size_text(part.partition.size),
            _used(part),
            sentences(*_remarks(part)),
        )
        for part in found.parts
    ]
    head = (_("partition"), _("type"), _("subtype"), _("address"), _("size"), _("used"), "")
    session.out.table(head, rows, right={3, 4, 5})
    size = max(found.flash_size or 0, found.table.end)
    session.out.text(bar(found.table, size))
    if found.flash_size is not None:
        flash, end = size_text(found.flash_size), size_text(found.table.end)
        session.out.text(_("The flash has {flash}, and the partitions end at {end}.", flash=flash, end=end))


def _used(part: Part) -> str:
    if part.used is None:
        return ""
    return f"{size_text(part.used)} ({percent_text(part.used, part.partition.size)})"


def _remarks(part: Part) -> list[Text]:
    said = []
    if part.running and part.boots_next:
        said.append(_("runs, and boots next"))
    elif part.running:
        said.append(_("runs"))
    elif part.boots_next:
        said.append(_("boots next"))
    if part.partition.implicit:
        said.append(_("made by the firmware"))
    return said


VERB = Verb(
    "partitions",
    _("show how a board's flash is divided, and why"),
    _(
        "MicroPython is asked, so the board need not be reset. To change the table: natmod flash partitions.\n"
        "Examples: natmod partitions; natmod partitions --csv mine.csv; natmod df shows the filesystems"
    ),
    _arguments,
    _run,
)
