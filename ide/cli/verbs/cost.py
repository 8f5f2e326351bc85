"""``natmod cost``: what it costs a board to import a module, as source, as bytecode and as machine code."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.board.boards import Boards
from ide.board.memory import import_cost
from ide.board.memory.import_cost import Cost
from ide.cli.the_board import address_of
from ide.cli.verb import Session, Verb, add_board
from toolchains.errors import UsageError
from toolchains.text import Text, _
from toolchains.units import short_time_text, size_text

Row = tuple[object, ...]


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("module", metavar="MODULE", help=str(_("a module of the project, as import takes it")))
    parser.add_argument("--project", type=Path, default=Path(), metavar="FOLDER", help=str(_("default: this folder")))
    add_board(parser)
    parser.add_argument("--runs", type=int, default=3, metavar="N", help=str(_("measure each so often (default: 3)")))


def _run(options: argparse.Namespace, session: Session) -> int:
    if options.runs < 1:
        raise UsageError(_("--runs wants a number from 1 on."), next_step=_("Example: natmod cost blink --runs 5"))
    address = address_of(options, session)
    with Boards(session.toolbox) as boards:
        report = import_cost.cost_of(session.ctx, boards, address, options.project, options.module, runs=options.runs)
    session.out.record({**report.to_json(), "kind": "cost", "address": address})
    head = (_("form"), _("file"), _("flash"), _("RAM"), _("RAM for code"), _("time"), "")
    session.out.table(head, [_row(cost) for cost in report.costs], right={1, 2, 3, 4, 5})
    return 0 if any(cost.why_not is None for cost in report.costs) else 1


def _row(cost: Cost) -> Row:
    sizes = (cost.file_size, cost.flash, cost.ram, cost.exec_ram)
    seconds = "" if cost.seconds is None else short_time_text(cost.seconds)
    return (_title(cost), *("" if size is None else size_text(size) for size in sizes), seconds, cost.why_not or "")


def _title(cost: Cost) -> Text:
    titles = {"py": _("source (.py)"), "mpy": _("bytecode (.mpy)"), "native": _("machine code (.mpy)")}
    return titles.get(cost.way) or _("Frozen module")


VERB = Verb(
    "cost",
    _("measure what importing a module costs: RAM, flash, time"),
    _(
        "Each form is measured after a soft reset, from a folder on the board that is removed again.\n"
        "The module is imported, so what stands at its top runs on the board.\n"
        "Example: natmod cost in_python --project examples/mandelbrot --board sim:rv32"
    ),
    _arguments,
    _run,
)
