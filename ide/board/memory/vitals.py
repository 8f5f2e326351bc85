"""How a board is, in one round trip: heap, executable memory, stack, files. Nothing is installed, nothing collected.

The heap's figures are those that ``micropython.mem_info()`` prints, in one walk over the heap: ``gc.mem_alloc()`` and
``gc.mem_free()`` walk it once each, which a heap of 8 MB in PSRAM feels. Where a firmware has no ``mem_info``, they are
asked all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from ide.board.link import Board
from toolchains.jobs import JobContext

SCHEMA = 1


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


def ask(ctx: JobContext, board: Board, *, filesystem: bool) -> Vitals:
    """How ``board`` is now; ``filesystem``: and how full it is, which takes a large one some 10 ms to find out.

    Raises the errors of :meth:`ide.board.link.Board.exec`.
    """
    raise NotImplementedError
