"""How a board is, in one round trip: heap, executable memory, stack, files. Nothing is installed, nothing collected.

The heap's figures are those that ``micropython.mem_info()`` prints, in one walk over the heap: ``gc.mem_alloc()`` and
``gc.mem_free()`` walk it once each, which a heap of 8 MB in PSRAM feels. Where a firmware has no ``mem_info``, they are
asked all the same.
"""

from __future__ import annotations

import re
import time
from dataclasses import asdict, dataclass
from typing import Any

from ide.board import printed
from ide.board.errors import BoardGarbled
from ide.board.link import Board
from ide.board.memory.mem_info import MemInfo, parse
from toolchains.jobs import JobContext

SCHEMA = 1
_ANSWERS = 4
#: The lines of ``mem_info()``.
_OURS = re.compile(rb"^(?:mem|stack|GC|qstr|Memory| No\. of)[^\n]*\n", re.MULTILINE)

#: Every look is a ``try`` of its own, and short: what is sent becomes garbage on the board. Which parts are asked
#: goes by what the board is, since an import that fails looks through all folders of sys.path first.
_HEAP = """\
try:
 from micropython import mem_info as q
 q();h=1
except Exception:
 try:
  import gc
  h=gc.mem_alloc(),gc.mem_free()
 except Exception:h=0
e=s=0
"""
#: HEAP_EXEC is 1 on every release that has it.
_MACHINE_CODE = """\
try:
 import esp32
 e=esp32.idf_heap_info(1)
except Exception:pass
"""
_FILES = """\
try:
 import os
 s=os.statvfs(os.getcwd())
except Exception:pass
"""
#: The look is compiled inside of what is timed, since that is most of the work.
_TIMED = """\
try:
 from time import ticks_us as T,ticks_diff as S
 t=T()
except ImportError:
 t=None
exec({look!r})
"""
_ANSWER = "(h,e,s,t is not None and S(T(),t))"


@dataclass(frozen=True)
class Vitals:
    """How a board was. Sizes in bytes, times in seconds; None is what the board cannot tell.

    ``at``: ``time.monotonic()`` of this computer when the answer was here. ``heap_free`` is what ``gc.mem_free()``
    says: free blocks, and ``heap_growth``, by which the heap of an ESP32 may still grow; None on boards whose heap is
    fixed. ``heap_largest``: the largest free run of blocks. ``exec_*``: memory for machine code (ESP32), all of it, its
    free bytes and the largest free block, which limits what a native module may have. ``fs_*``: the filesystem of the
    current folder. ``board_s``: how long the board worked on it, by its own clock; ``round_trip_s``: how long we
    waited.
    """

    at: float
    heap_used: int | None = None
    heap_free: int | None = None
    heap_growth: int | None = None
    heap_largest: int | None = None
    exec_free: int | None = None
    exec_total: int | None = None
    exec_largest: int | None = None
    stack_used: int | None = None
    stack_limit: int | None = None
    fs_free: int | None = None
    fs_total: int | None = None
    round_trip_s: float = 0.0
    board_s: float | None = None

    @property
    def heap_total(self) -> int | None:
        """What the heap has, and may grow to."""
        return None if self.heap_used is None or self.heap_free is None else self.heap_used + self.heap_free

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        record = asdict(self)
        del record["at"]  # of no use to another process
        return {"schema": SCHEMA, **record}


def ask(ctx: JobContext, board: Board, *, filesystem: bool) -> Vitals:
    """How ``board`` is now; ``filesystem``: and how full it is, which takes a large one some 10 ms to find out.

    Raises the errors of :meth:`ide.board.link.Board.exec`.
    """
    known = board.known
    parts = [_HEAP, *[_MACHINE_CODE] * (known is None or known.chip is not None), *[_FILES] * filesystem]
    return printed.ask(
        ctx,
        board,
        _ANSWER,
        _TIMED.format(look="".join(parts)),
        lambda said, value, took: vitals_from(parse(said), value, time.monotonic(), took),
        ours=_OURS,
    )


def vitals_from(info: MemInfo, value: object, at: float, round_trip_s: float) -> Vitals:
    """The record from what was printed and the answer; :class:`BoardGarbled` if they are not what we asked for."""
    if not isinstance(value, tuple) or len(value) != _ANSWERS:
        raise BoardGarbled(repr(value))
    heap, regions, disk, took = value
    if heap == 1 and not info.consistent:  # the printed text has no checksum; its sums have to do
        raise BoardGarbled(repr(info))
    return Vitals(
        at=at,
        round_trip_s=round_trip_s,
        board_s=took / 1e6 if _is_number(took) else None,
        **(_printed(info) if heap == 1 else _asked(heap)),
        **_machine_code(regions),
        **_disk(disk),
    )


def _printed(info: MemInfo) -> dict[str, int | None]:
    free = info.free if info.growth is None or info.free is None else info.free + info.growth
    largest = None if info.largest_free is None else info.largest_free * info.block_size
    return {
        "heap_used": info.used,
        "heap_free": free,
        "heap_growth": info.growth,
        "heap_largest": largest,
        "stack_used": info.stack_used,
        "stack_limit": info.stack_limit,
    }


def _asked(heap: object) -> dict[str, int | None]:
    numbers = heap if isinstance(heap, tuple) and len(heap) == 2 else (None, None)
    used, free = (number if _is_number(number) else None for number in numbers)
    return {"heap_used": used, "heap_free": free}


def _machine_code(regions: object) -> dict[str, int]:
    """Of ``idf_heap_info``: a list of (all, free, largest free, least free so far)."""
    rows = [row for row in regions if is_region(row)] if isinstance(regions, list) else []
    if not rows:
        return {}
    return {
        "exec_total": sum(row[0] for row in rows),
        "exec_free": sum(row[1] for row in rows),
        "exec_largest": max(row[2] for row in rows),
    }


def is_region(row: Any) -> bool:  # noqa: ANN401 - part of an answer, which may be anything
    """Whether it is a row of ``esp32.idf_heap_info``."""
    return isinstance(row, tuple) and len(row) == 4 and all(_is_number(number) for number in row)


def _disk(disk: object) -> dict[str, int]:
    """Of ``os.statvfs``; a root that only holds the mounted folders has no blocks."""
    if not isinstance(disk, tuple) or len(disk) < 5 or not all(_is_number(number) for number in disk[:3]):
        return {}
    block, blocks, free = disk[1] or disk[0], disk[2], disk[4]
    # littlefs says less than nothing while a large file is open (micropython#8364).
    free = max(0, free) if isinstance(free, int) else 0
    return {"fs_free": block * free, "fs_total": block * blocks} if block and blocks else {}


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
