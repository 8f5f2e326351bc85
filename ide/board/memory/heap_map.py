"""The heap, block by block: taken from a board, measured, and compared with an earlier one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ide.board.link import Board
from ide.board.memory.mem_info import Area, MemInfo
from toolchains.jobs import JobContext
from toolchains.text import Text

SCHEMA = 1


@dataclass(frozen=True)
class Kind:
    """What a symbol stands for. ``symbol`` as printed; ``title`` for a legend."""

    symbol: str
    title: Text


@dataclass(frozen=True)
class HeapMap:
    """A heap at one moment. ``at``: ``time.time()``. Sizes in bytes, unless a name says blocks.

    ``seconds``: how long it took. ``blocks_of``: symbol to number of blocks, a head's tail counted with its head, so
    that 40 blocks of ``D`` are dictionaries of 40 blocks in all.
    """

    at: float
    info: MemInfo
    block_size: int
    seconds: float
    collected: bool

    @property
    def areas(self) -> tuple[Area, ...]:
        """The areas, as printed."""
        return self.info.areas

    @property
    def n_blocks(self) -> int:
        """Blocks of all areas."""
        raise NotImplementedError

    @property
    def free_blocks(self) -> int:
        """Blocks that are free."""
        raise NotImplementedError

    @property
    def largest_free_run(self) -> int:
        """The longest run of free blocks in one area, in bytes: the largest object that can still be made."""
        raise NotImplementedError

    @property
    def fragmentation(self) -> float:
        """0: all free blocks are one run; towards 1: they are scattered. 1 - largest run / all free."""
        raise NotImplementedError

    @property
    def blocks_of(self) -> Mapping[str, int]:
        """How many blocks each kind has, by symbol."""
        raise NotImplementedError


@dataclass(frozen=True)
class HeapChange:
    """What changed from one map to a later one, in blocks. ``blocks_of``: symbol to difference.

    ``marks``: for each area of the later map one byte a block: ``+`` newly used, ``-`` newly free, ``~`` another kind,
    ``=`` as before, ``?`` unknown in one of the two.
    """

    newly_used: int
    newly_free: int
    other_kind: int
    blocks_of: Mapping[str, int]
    marks: tuple[bytes, ...]
    largest_free_run: int
    fragmentation: float


def kinds() -> tuple[Kind, ...]:
    """The legend: what each symbol stands for, in the order in which it is shown."""
    raise NotImplementedError


def take(
    ctx: JobContext,
    board: Board,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    *,
    collect: bool = True,
) -> HeapMap:
    """The heap of ``board`` now. ``on_progress`` gets bytes of the heap read so far, and of all.

    ``collect``: garbage is collected first, so that only what is in use is shown. Raises NoHeapMap where the firmware
    has no ``mem_info``, and the errors of :meth:`ide.board.link.Board.exec`.
    """
    raise NotImplementedError


def compare(before: HeapMap, after: HeapMap) -> HeapChange:
    """What is different in ``after``. Areas are matched by their address."""
    raise NotImplementedError
