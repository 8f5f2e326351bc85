"""A heap map made ready for drawing: one byte a block, from the board's symbols to places in a table of colours. No Qt.

Made in a worker: the heap of a board with 8 MB of PSRAM has half a million blocks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ide.board.memory.heap_map import HeapChange, HeapMap
from ide.board.memory.mem_info import FREE, TAIL, UNKNOWN

#: Set in a byte whose block belongs to the object before it.
TAIL_BIT = 0x80
_OBJECT = re.compile(rb"([^.=?])(=+)")
_RUN = re.compile(rb"\.+")
_KEPT_RUNS = 12
#: The places of :func:`changed`: what the block is in the later map, and below what happened to it.
FREE_PLACE, USED_PLACE = 0, 1
_MARKS = {b"=": 0, b"+": 2, b"-": 4, b"~": 6, b"?": 8}
CHANGE_PLACES = 10


@dataclass(frozen=True)
class Run:
    """Free blocks in a row: where, in which area, and how many."""

    address: int
    area: int
    n_blocks: int


@dataclass(frozen=True)
class Snapshot:
    """A heap map with what is drawn of it. ``symbols``: for each area, one byte a block."""

    map: HeapMap
    symbols: tuple[bytes, ...]
    free_runs: tuple[Run, ...]


def snapshot(heap: HeapMap) -> Snapshot:
    """Make it ready: its sums, too, which are counted once."""
    _counted = (heap.blocks_of, heap.largest_free_run, heap.free_blocks, heap.n_blocks)
    return Snapshot(heap, tuple(owned(area.blocks) for area in heap.areas), _runs(heap))


def owned(blocks: bytes) -> bytes:
    """Each block with the symbol of the object that it belongs to; all but an object's first with :data:`TAIL_BIT`."""
    return _OBJECT.sub(lambda found: found[1] + bytes([found[1][0] | TAIL_BIT]) * len(found[2]), blocks)


def _runs(heap: HeapMap) -> tuple[Run, ...]:
    found = [
        Run(area.address + match.start() * heap.block_size, at, match.end() - match.start())
        for at, area in enumerate(heap.areas)
        for match in _RUN.finditer(area.blocks)
    ]
    return tuple(sorted(found, key=lambda run: run.n_blocks, reverse=True)[:_KEPT_RUNS])


def changed(heap: HeapMap, change: HeapChange) -> tuple[bytes, ...]:
    """For each area one byte a block: :data:`FREE_PLACE` or :data:`USED_PLACE`, plus the place of its mark."""
    use = bytes(FREE_PLACE if n in (FREE[0], UNKNOWN[0]) else USED_PLACE for n in range(256))
    marks = bytes(_MARKS.get(bytes([n]), 0) for n in range(256))
    return tuple(
        _joined(area.blocks.translate(use), mark.translate(marks))
        for area, mark in zip(heap.areas, change.marks, strict=True)
    )


def _joined(one: bytes, other: bytes) -> bytes:
    """Byte by byte "or", as one large number: half a million blocks take no time."""
    joined = int.from_bytes(one, "little") | int.from_bytes(other, "little")
    return joined.to_bytes(len(one), "little")


def object_at(blocks: bytes, at: int) -> tuple[int, int]:
    """The first block and the length of the object, or the run of free blocks, that block ``at`` belongs to."""
    if blocks[at : at + 1] in (FREE, UNKNOWN):
        same = blocks[at]
        start = at
        while start > 0 and blocks[start - 1] == same:
            start -= 1
        end = at
        while end < len(blocks) and blocks[end] == same:
            end += 1
        return start, end - start
    start = at
    while start > 0 and blocks[start : start + 1] == TAIL:
        start -= 1
    end = at + 1
    while end < len(blocks) and blocks[end : end + 1] == TAIL:
        end += 1
    return start, end - start


def places(symbols: Sequence[str]) -> bytes:
    """For ``bytes.translate``: symbol to place in the table of colours; tails come after all heads."""
    table = bytearray([1] * 256)
    for place, symbol in enumerate(symbols):
        table[ord(symbol)] = place
        table[ord(symbol) | TAIL_BIT] = place + len(symbols)
    return bytes(table)
