"""``natmod heap``: the heap of a board block by block, in figures and as a picture of letters; and what changed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from ide.board.link import Board
from ide.board.memory import heap_file, heap_map
from ide.board.memory.heap_map import HeapMap, kinds, title_of
from ide.board.memory.mem_info import A_LINE, FREE, Area
from ide.cli.keyboard import wait_for_enter
from ide.cli.the_board import the_board
from ide.cli.verb import Session, Verb, add_board
from toolchains.errors import UsageError, disk_errors
from toolchains.text import _, _n
from toolchains.units import percent_text, signed_size_text, size_text

_COLUMNS, _LINES = 64, 16
#: ``--compare`` without a file; no file is called so.
_TWICE = Path()
#: From free to full, so that each letter of the small picture stands for many blocks.
_SHADES = ".-=+*#"


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_board(parser)
    parser.add_argument("--full", action="store_true", help=str(_("one letter a block")))
    parser.add_argument("--garbage", action="store_true", help=str(_("collect no garbage first")))
    parser.add_argument("--save", type=Path, metavar="FILE", help=str(_("keep the map, to be compared with later")))
    parser.add_argument(
        "--compare",
        type=Path,
        nargs="?",
        const=_TWICE,
        metavar="FILE",
        help=str(_("what changed since the map in FILE; without FILE: look now, and again at Enter or after --script")),
    )
    parser.add_argument(
        "--script",
        type=Path,
        metavar="SCRIPT",
        help=str(_("with --compare: run this Python file between two looks, without a reset")),
    )


def _run(options: argparse.Namespace, session: Session) -> int:
    if options.script is not None and options.compare != _TWICE:
        raise UsageError(
            _("--script runs between two looks at the heap."),
            next_step=_("Example: {example}", example="natmod heap --script main.py --compare"),
        )
    before: HeapMap | None
    if options.compare == _TWICE:
        before, heap = _look_twice(options, session)
    else:
        before = heap_file.load(options.compare) if options.compare is not None else None
        with the_board(options, session) as board:
            heap = _look(options, session, board)
    record: dict[str, object] = {"kind": "heap", **heap.to_json()}
    if options.save is not None:
        heap_file.save(session.ctx, options.save, heap)
        record["saved"] = str(options.save)
    _show(session, heap, full=options.full)
    if before is not None:
        record["change"] = heap_map.compare(before, heap).to_json()
        _show_change(session, before, heap)
    session.out.record(record)
    if options.save is not None:
        session.out.text(_("Saved as {path}.", path=options.save))
    return 0


def _look(options: argparse.Namespace, session: Session, board: Board) -> HeapMap:
    with session.ctx.step(_("Read the heap")):
        return heap_map.take(session.ctx, board, session.ctx.progress, collect=not options.garbage)


def _look_twice(options: argparse.Namespace, session: Session) -> tuple[HeapMap, HeapMap]:
    """The heap now, and after a script, or when Enter is pressed."""
    if options.script is None:
        with the_board(options, session) as board:
            before = _look(options, session, board)
        # The port is free meanwhile: whatever is done to the board may need it.
        session.ctx.note(_("Looked. Do something on the board, then press Enter to look again."))
        wait_for_enter(session.ctx)
        with the_board(options, session) as board:
            return before, _look(options, session, board)
    with disk_errors(options.script):
        code = options.script.read_bytes()
    with the_board(options, session) as board:
        before = _look(options, session, board)
        with session.ctx.step(_("Run {name}", name=options.script.name)):
            board.exec(session.ctx, code, timeout=None, on_output=session.out.board_output)
        return before, _look(options, session, board)


def _show(session: Session, heap: HeapMap, *, full: bool) -> None:
    out, size = session.out, heap.block_size
    for number, area in enumerate(heap.areas, 1):
        where = f"0x{area.address:x}"
        out.text(_("Area {number} of {count}: {size} from {where}", number=number, count=len(heap.areas),
                   size=size_text(area.n_blocks * size), where=where))  # fmt: skip
        for line in _every_block(area, size) if full else _small(area):
            out.text(line)
    found = heap.blocks_of
    known = [kind.symbol for kind in kinds()]
    rows = [
        (symbol, title_of(symbol), size_text(found[symbol] * size), percent_text(found[symbol], heap.n_blocks))
        for symbol in sorted(found, key=lambda symbol: known.index(symbol) if symbol in known else len(known))
    ]
    out.table(("", _("what"), _("size"), _("share")), rows, right={2, 3})
    out.text(
        _(
            "{free} of {total} are free; the largest run is {run}, fragmentation {share}.",
            free=size_text(heap.free_blocks * size),
            total=size_text(heap.n_blocks * size),
            run=size_text(heap.largest_free_run),
            share=percent_text(heap.fragmentation, 1),
        )
    )
    if heap.info.growth:
        out.text(_("When that is not enough, the heap grows by up to {size}.", size=size_text(heap.info.growth)))
    if heap.info.truncated:
        out.text(_("Part of it got lost on the way; try again for all of it."))


def _every_block(area: Area, block_size: int) -> Iterator[str]:
    """As MicroPython prints it."""
    for at in range(0, area.n_blocks, A_LINE):
        yield f"{at * block_size:08x}: {area.blocks[at : at + A_LINE].decode('ascii')}"


def _small(area: Area) -> Iterator[str]:
    """The area in a few lines: each letter stands for as many blocks as needed."""
    a_cell = max(1, -(-area.n_blocks // (_COLUMNS * _LINES)))
    cells = [area.blocks[at : at + a_cell] for at in range(0, area.n_blocks, a_cell)]
    letters = "".join(_SHADES[round((len(_SHADES) - 1) * (1 - cell.count(FREE) / len(cell)))] for cell in cells)
    for at in range(0, len(letters), _COLUMNS):
        yield f"  {letters[at : at + _COLUMNS]}"
    yield "  " + str(
        _n(
            "a letter is {n} block: {free} free … {full} full",
            "a letter is {n} blocks: {free} free … {full} full",
            a_cell,
            free=_SHADES[0],
            full=_SHADES[-1],
        )
    )


def _show_change(session: Session, before: HeapMap, after: HeapMap) -> None:
    change, size, out = heap_map.compare(before, after), after.block_size, session.out
    rows = [(title_of(symbol), signed_size_text(difference * size)) for symbol, difference in change.blocks_of.items()]
    if rows:
        out.table((_("what changed"), _("size")), rows, right={1})
    out.text(
        _(
            "Since then {used} became used, {free} became free; largest free run {run}.",
            used=size_text(change.newly_used * size),
            free=size_text(change.newly_free * size),
            run=signed_size_text(change.largest_free_run),
        )
    )


VERB = Verb(
    "heap",
    _("show a board's heap block by block, and what changed"),
    _(
        "Garbage is collected first, so that only what is in use is shown. A program that runs is stopped.\n"
        "Examples: natmod heap --save before.json; natmod heap --compare before.json; natmod heap --full\n"
        "What does my program leave in the heap? natmod heap --script main.py --compare"
    ),
    _arguments,
    _run,
)
