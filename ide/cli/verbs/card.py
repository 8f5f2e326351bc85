"""``natmod card``: what a board is: its firmware's modules, its clock and memory, and what could be better."""

from __future__ import annotations

import argparse

from ide.board import card
from ide.board.boards import Boards
from ide.board.card import Card
from ide.cli.columns import wrapped
from ide.cli.the_board import address_of
from ide.cli.verb import Session, Verb, add_board
from toolchains.text import _
from toolchains.units import number_text, size_text

_WIDTH = 78
Row = tuple[object, object]


def _run(options: argparse.Namespace, session: Session) -> int:
    address = address_of(options, session)
    with Boards(session.toolbox) as boards:
        found = card.look(session.ctx, boards.open(session.ctx, address))
    session.out.record({**found.to_json(), "kind": "card", "address": address})
    session.out.table((_("board"), found.identity.machine), _rows(found))
    _names(session, _("Modules in C:"), [name for name in found.modules if name not in found.frozen])
    _names(session, _("Modules in Python, frozen into the firmware:"), found.frozen)
    for text in found.advice:
        session.out.text(text)
    return 0


def _rows(found: Card) -> list[Row]:
    """A row for each thing that the board tells."""
    who = found.identity
    version, sub = who.mpy_version
    rows: list[Row] = [(_("MicroPython"), f"{who.version}  (.mpy {version}.{sub})")]
    rows += [(_("firmware"), who.build)] if who.build else []
    rows.append((_("architecture"), who.arch.name if who.arch else _("none: it loads no native modules")))
    if found.frequency_hz is not None:
        rows.append((_("clock"), _("{mhz} MHz", mhz=number_text(found.frequency_hz / 1e6, 0))))
    free, used = size_text(who.heap_free), size_text(who.heap_used)
    rows.append((_("heap"), _("{free} free, {used} used", free=free, used=used)))
    if who.exec_free is not None:
        rows.append((_("machine code"), _("{free} free in one piece", free=size_text(who.exec_free))))
    if found.psram_size is not None:
        rows.append((_("PSRAM"), _psram(found.psram_size, found.psram_used)))
    if who.fs_free is not None and who.fs_total is not None:
        free, total = size_text(who.fs_free), size_text(who.fs_total)
        rows.append((_("files"), _("{free} of {total} free", free=free, total=total)))
    rows += [(_("serial number"), who.unique_id)] if who.unique_id else []
    return rows


def _psram(size: int, used: int | None) -> object:
    if not size:
        return _("none")
    return _("{size}, of which the firmware uses {used}", size=size_text(size), used=size_text(used or 0))


def _names(session: Session, title: object, names: list[str] | tuple[str, ...]) -> None:
    if names:
        session.out.text(title)
        for line in wrapped(" ".join(names), _WIDTH):
            session.out.text(f"  {line}")


VERB = Verb(
    "card",
    _("show what a board is and has, and what could be better"),
    _("Examples: natmod card; natmod card --board COM3 --json"),
    add_board,
    _run,
)
