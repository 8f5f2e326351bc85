"""``natmod mem``: how much memory a board has and has left, once or again and again."""

from __future__ import annotations

import argparse
import itertools
import threading
from contextlib import suppress

from ide.board.boards import Boards
from ide.board.lasting import lasting
from ide.board.link import Board
from ide.board.memory import vitals
from ide.board.memory.vitals import Vitals
from ide.cli.the_board import address_of, the_board
from ide.cli.verb import Session, Verb, add_board
from toolchains.errors import Cancelled, UsageError
from toolchains.jobs import JobContext
from toolchains.text import _
from toolchains.units import percent_text, short_time_text, size_text

_LEAST_S, _USUAL_S = 0.2, 5.0
Row = tuple[object, ...]


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_board(parser)
    parser.add_argument("--watch", action="store_true", help=str(_("again and again, a line each time, until Ctrl-C")))
    parser.add_argument(
        "--every", type=float, default=_USUAL_S, metavar="S", help=str(_("with --watch: seconds between (default: 5)"))
    )
    parser.add_argument("--count", type=int, metavar="N", help=str(_("with --watch: end after so many lines")))


def _run(options: argparse.Namespace, session: Session) -> int:
    if options.every < _LEAST_S:
        raise UsageError(_("--every wants at least {least} s.", least=_LEAST_S))
    if options.watch:
        return _watch(options, session)
    with the_board(options, session) as board:
        board.identity(session.ctx)  # what it is decides what is asked
        found = vitals.ask(session.ctx, board, filesystem=True)
    session.out.record({"kind": "mem", **found.to_json()})
    session.out.table((_("memory"), _("used"), _("free"), _("all"), ""), list(_rows(found)), right={1, 2, 3})
    session.out.text(_took(found))
    return 0


def _rows(found: Vitals) -> list[Row]:
    """A row for each kind of memory that the board tells of."""
    rows: list[Row] = []
    if found.heap_used is not None and found.heap_free is not None:
        rows.append(_row(_("heap"), found.heap_used, found.heap_free, _heap_words(found)))
    if found.exec_free is not None and found.exec_total is not None:
        largest = _("largest block {size}", size=size_text(found.exec_largest or 0))
        rows.append(_row(_("machine code"), found.exec_total - found.exec_free, found.exec_free, largest))
    if found.stack_used is not None and found.stack_limit is not None:
        rows.append(_row(_("stack"), found.stack_used, found.stack_limit - found.stack_used, ""))
    if found.fs_free is not None and found.fs_total is not None:
        rows.append(_row(_("files"), found.fs_total - found.fs_free, found.fs_free, ""))
    return rows


def _row(title: object, used: int, free: int, words: object) -> Row:
    share = percent_text(used, used + free)
    return (title, f"{size_text(used)} ({share})", size_text(free), size_text(used + free), words)


def _heap_words(found: Vitals) -> object:
    if found.heap_growth:
        return _("may grow by {size}", size=size_text(found.heap_growth))
    return _("largest run {size}", size=size_text(found.heap_largest)) if found.heap_largest is not None else ""


def _took(found: Vitals) -> object:
    waited = short_time_text(found.round_trip_s)
    if found.board_s is None:
        return _("Asked in {waited}.", waited=waited)
    return _(
        "Asked in {waited}, of which the board worked {worked}.", waited=waited, worked=short_time_text(found.board_s)
    )


def _watch(options: argparse.Namespace, session: Session) -> int:
    lines = itertools.count(1)

    def watch(board: Board) -> None:
        board.identity(session.ctx)
        for number in lines:
            if options.count is not None and number > options.count:
                return
            found = vitals.ask(session.ctx, board, filesystem=True)
            session.out.record({"kind": "mem", **found.to_json()})
            session.out.text(_line(found))
            if number != options.count:
                _pause(session.ctx, options.every)

    with Boards(session.toolbox) as boards, suppress(Cancelled):  # Ctrl-C is how a watch ends
        lasting(session.ctx, boards, address_of(options, session), watch)
    return 0


def _pause(ctx: JobContext, seconds: float) -> None:
    over = threading.Event()
    with ctx.cancelling(over.set):
        over.wait(seconds)
    ctx.check()


def _line(found: Vitals) -> object:
    parts = []
    if found.heap_used is not None and found.heap_free is not None:
        share = percent_text(found.heap_used, found.heap_used + found.heap_free)
        parts.append(_("heap {share} used, {free} free", share=share, free=size_text(found.heap_free)))
    if found.exec_free is not None:
        parts.append(_("machine code {free} free", free=size_text(found.exec_free)))
    if found.fs_free is not None:
        parts.append(_("files {free} free", free=size_text(found.fs_free)))
    return " · ".join(map(str, parts))


VERB = Verb(
    "mem",
    _("show a board's memory: heap, machine code, stack, files"),
    _(
        "Nothing is collected first, so that it shows what a program would find. A program that runs is stopped.\n"
        "Examples: natmod mem; natmod mem --watch --every 2; natmod heap shows the heap block by block"
    ),
    _arguments,
    _run,
)
