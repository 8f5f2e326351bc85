"""What ``micropython.mem_info()`` prints, as records. A pure reader, made for text that lost some of its lines.

Sizes in bytes; a block is 16 bytes on 32-bit boards, 32 on 64-bit ones (``py/gc.c``: four words).
"""

from __future__ import annotations

from dataclasses import dataclass

#: What each symbol of a block means: ``py/gc.c``, ``gc_dump_alloc_table``.
FREE, UNKNOWN = ord("."), ord("?")


@dataclass(frozen=True)
class Area:
    """One area of the heap. ``blocks``: one symbol (ASCII) a block; :data:`UNKNOWN` where a line is missing."""

    address: int
    n_blocks: int
    blocks: bytes


@dataclass(frozen=True)
class MemInfo:
    """What was printed; None is what was not. ``growth``: "max new split", by which the heap may grow (ESP32).

    ``one_blocks`` and ``two_blocks``: how many objects have one or two blocks; ``largest_used`` and ``largest_free``:
    runs, in blocks. ``truncated``: the text ended, or lost lines, before the layout was whole.
    """

    stack_used: int | None = None
    stack_limit: int | None = None
    total: int | None = None
    used: int | None = None
    free: int | None = None
    growth: int | None = None
    one_blocks: int | None = None
    two_blocks: int | None = None
    largest_used: int | None = None
    largest_free: int | None = None
    areas: tuple[Area, ...] = ()
    truncated: bool = False


def parse(text: bytes | str) -> MemInfo:
    """Read it. Any text gives a record: what cannot be understood is left out."""
    raise NotImplementedError
