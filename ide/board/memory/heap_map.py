"""The heap, block by block: taken from a board, measured, and compared with an earlier one."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ide.board.errors import BoardFlood
from ide.board.link import Board
from ide.board.memory.mem_info import FREE, TAIL, UNKNOWN, Area, MemInfo, MemInfoReader
from toolchains.errors import BoardError
from toolchains.jobs import JobContext
from toolchains.text import Text, _

SCHEMA = 1
_TRIES = 2
#: A loaded board may think for a while before the next line comes, seconds.
_SILENCE = 20.0
#: No heap is described in more text, bytes: 8 MB take 0.6 MB of it.
_LONGEST = 16 << 20

_CODE = """\
import gc
try:
 from micropython import mem_info as f
except ImportError:
 f=0
{collect}
if f:f(1)
"""
_FREE_RUNS = re.compile(rb"\.+")
_OBJECTS = re.compile(rb"([^.=?])(=*)")
_LOST_TAILS = re.compile(rb"(?:^|[.?])(=+)")
#: Free, unknown, and everything else.
_USE = bytes(0 if n == FREE[0] else 2 if n == UNKNOWN[0] else 1 for n in range(256))


class NoHeapMap(BoardError):
    """The firmware was built without ``micropython.mem_info``."""

    code = "board.heap_map"

    def __init__(self) -> None:
        super().__init__(
            _("This board does not tell how its memory is laid out."),
            why=_("Its firmware was built without micropython.mem_info."),
            next_step=_("Official firmware for the board has it."),
        )


@dataclass(frozen=True)
class Kind:
    """What a symbol stands for. ``symbol`` as printed; ``title`` for a legend."""

    symbol: str
    title: Text


_KINDS = (
    Kind(".", _("free")),
    Kind("h", _("other objects, and machine code")),
    Kind("S", _("strings and bytes")),
    Kind("A", _("bytearrays and arrays")),
    Kind("B", _("functions")),
    Kind("M", _("modules")),
    Kind("D", _("dictionaries")),
    Kind("L", _("lists")),
    Kind("T", _("tuples")),
    Kind("F", _("numbers with a point")),
    Kind("m", _("marked by the garbage collector")),
    Kind("?", _("unknown: this part did not arrive")),
)


@dataclass(frozen=True)
class HeapMap:
    """A heap at one moment. ``at``: ``time.time()``. Sizes in bytes, unless a name says blocks.

    ``seconds``: how long it took to get. ``collected``: garbage was collected before.
    """

    at: float
    info: MemInfo
    seconds: float = 0.0
    collected: bool = False

    def measure(self) -> None:
        """Count what is asked later, here and now: a heap of 8 MB takes a quarter of a second."""
        _counts = self.n_blocks, self.free_blocks, self.largest_free_run, self.blocks_of

    @property
    def areas(self) -> tuple[Area, ...]:
        """The areas, as printed: an ESP32 has several."""
        return self.info.areas

    @property
    def block_size(self) -> int:
        """Bytes of a block."""
        return self.info.block_size

    @cached_property
    def n_blocks(self) -> int:
        """Blocks of all areas."""
        return sum(area.n_blocks for area in self.areas)

    @cached_property
    def free_blocks(self) -> int:
        """Blocks that are free."""
        return sum(area.blocks.count(FREE) for area in self.areas)

    @cached_property
    def largest_free_run(self) -> int:
        """The longest run of free blocks in one area, in bytes: the largest object that has room without growing."""
        runs = (len(run[0]) for area in self.areas for run in _FREE_RUNS.finditer(area.blocks))
        return max(runs, default=0) * self.block_size

    @property
    def fragmentation(self) -> float:
        """0: all free blocks are one run; towards 1: they are scattered. 1 - largest run / all free."""
        free = self.free_blocks * self.block_size
        return 1 - self.largest_free_run / free if free else 0.0

    @cached_property
    def blocks_of(self) -> Mapping[str, int]:
        """How many blocks each kind has, by symbol; what belongs to an object counts as its kind.

        40 blocks of ``D`` are dictionaries of 40 blocks in all.
        """
        found: Counter[str] = Counter()
        for area in self.areas:
            for symbol in set(area.blocks) - set(TAIL):
                found[chr(symbol)] += area.blocks.count(symbol)
            for match in _OBJECTS.finditer(area.blocks):
                found[match[1].decode("latin-1")] += len(match[2])
            found["?"] += sum(len(run[1]) for run in _LOST_TAILS.finditer(area.blocks))
        return {symbol: count for symbol, count in found.items() if count}

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        return {
            "schema": SCHEMA,
            "block_size": self.block_size,
            "blocks": self.n_blocks,
            "free_blocks": self.free_blocks,
            "largest_free_run": self.largest_free_run,
            "fragmentation": round(self.fragmentation, 4),
            "growth": self.info.growth,
            "kinds": dict(self.blocks_of),
            "areas": [{"address": area.address, "blocks": area.blocks.decode("ascii")} for area in self.areas],
            "collected": self.collected,
            "truncated": self.info.truncated,
        }


@dataclass(frozen=True)
class HeapChange:
    """What changed from one map to a later one, in blocks. ``blocks_of``: symbol to difference.

    ``marks``: for each area of the later map one byte a block: ``+`` newly used, ``-`` newly free, ``~`` used by
    something else, ``=`` as before, ``?`` unknown in one of the two. ``largest_free_run`` (bytes) and
    ``fragmentation``: differences.
    """

    newly_used: int
    newly_free: int
    other_kind: int
    blocks_of: Mapping[str, int]
    marks: tuple[bytes, ...]
    largest_free_run: int
    fragmentation: float

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        return {
            "newly_used": self.newly_used,
            "newly_free": self.newly_free,
            "other_kind": self.other_kind,
            "kinds": dict(self.blocks_of),
            "largest_free_run": self.largest_free_run,
            "fragmentation": round(self.fragmentation, 4),
        }


def kinds() -> tuple[Kind, ...]:
    """The legend: what each symbol stands for, in the order in which it is shown."""
    return _KINDS


def title_of(symbol: str) -> Text:
    """What a symbol stands for; other firmware may have symbols of its own."""
    return next((kind.title for kind in _KINDS if kind.symbol == symbol), _KINDS[1].title)


class _Listener:
    """Takes the layout out of the board's output as it comes (a ``StreamService``): typed text stays where it is."""

    busy = False

    def __init__(self, on_progress: Callable[[int, int], None]) -> None:
        self.reader = MemInfoReader()
        self._on_progress = on_progress
        self._n_bytes = 0

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        self._n_bytes += len(data)
        if self._n_bytes > _LONGEST:
            raise BoardFlood(_LONGEST)
        if data:
            self.reader.feed(data)
            self._on_progress(*self.reader.progress)
        return b"", b""


def take(
    ctx: JobContext,
    board: Board,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    *,
    collect: bool = True,
) -> HeapMap:
    """The heap of ``board`` now. ``on_progress`` gets bytes of the heap read so far, and of all.

    ``collect``: garbage is collected first, so that only what is in use is shown. Raises NoHeapMap where the firmware
    has no ``mem_info``, and the errors of :meth:`ide.board.link.Board.exec`. A map that came with holes twice is given
    all the same: its ``info.truncated`` says so.
    """
    code = _CODE.format(collect="gc.collect()" if collect else "")
    began = time.perf_counter()
    for left in reversed(range(_TRIES)):
        listener = _Listener(on_progress)
        board.exec(ctx, code, isolated=True, service=listener, timeout=_SILENCE)
        info = listener.reader.result()
        if (not info.truncated and (info.consistent or not info.areas)) or not left:
            break
    if not info.areas:
        raise NoHeapMap
    heap = HeapMap(time.time(), info, time.perf_counter() - began, collect)
    heap.measure()
    return heap


def compare(before: HeapMap, after: HeapMap) -> HeapChange:
    """What is different in ``after``. Areas are matched by their address; one that is gone has become free."""
    old = {area.address: area.blocks for area in before.areas}
    marks = tuple(_marks(old.pop(area.address, b""), area.blocks) for area in after.areas)
    gone = sum(len(blocks) - blocks.count(FREE) - blocks.count(UNKNOWN) for blocks in old.values())
    symbols = {*before.blocks_of, *after.blocks_of}
    differences = {symbol: after.blocks_of.get(symbol, 0) - before.blocks_of.get(symbol, 0) for symbol in symbols}
    return HeapChange(
        newly_used=sum(mark.count(b"+") for mark in marks),
        newly_free=sum(mark.count(b"-") for mark in marks) + gone,
        other_kind=sum(mark.count(b"~") for mark in marks),
        blocks_of={symbol: difference for symbol, difference in sorted(differences.items()) if difference},
        marks=marks,
        largest_free_run=after.largest_free_run - before.largest_free_run,
        fragmentation=after.fragmentation - before.fragmentation,
    )


def _marks(before: bytes, after: bytes) -> bytes:
    """One mark a block of ``after``. Most of two maps is the same, so that is found in whole pieces first."""
    before = before[: len(after)].ljust(len(after), FREE)
    return b"".join(_piece(before[at : at + _PIECE], after[at : at + _PIECE]) for at in range(0, len(after), _PIECE))


_PIECE = 256
#: By use before and use after; used both times is looked at closer.
_BY_USE = {(0, 0): b"=", (0, 1): b"+", (1, 0): b"-", (1, 1): b"~"}


def _piece(before: bytes, after: bytes) -> bytes:
    if before == after and UNKNOWN not in after:
        return b"=" * len(after)
    return b"".join(_each(before, after))


def _each(before: bytes, after: bytes) -> Iterator[bytes]:
    uses = zip(before.translate(_USE), after.translate(_USE), strict=True)
    for (old, new), old_use in zip(zip(before, after, strict=True), uses, strict=True):
        yield b"?" if 2 in old_use else b"=" if old == new else _BY_USE[old_use]
