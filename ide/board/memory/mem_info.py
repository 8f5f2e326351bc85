"""What ``micropython.mem_info()`` prints, as records. A pure reader, made for text that lost some of its lines.

The text is made by ``py/gc.c`` of MicroPython (``gc_dump_info``, ``gc_dump_alloc_table``): a line of the layout has its
offset in hexadecimal digits (five, with the top cut off, in old releases; eight now) and 64 symbols, one a block; lines
of free blocks are counted, not printed. Sizes in bytes; a block has four words, 16 bytes on 32-bit boards.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

#: Symbols of a block that is free, one that belongs to the object before it, and one of which nothing came.
FREE, TAIL, UNKNOWN = b".", b"=", b"?"
A_LINE = 64
_SMALL_BLOCK, _LARGE_BLOCK = 16, 32
#: No board has a larger heap (64 MB), whatever a damaged number says.
_MOST_BLOCKS = 1 << 22
_MOST_AREAS = 256
_LONGEST_LINE = 160

_STACK = re.compile(rb"stack: (\d{1,10})(?: out of (\d{1,10}))?$")
_TOTALS = re.compile(rb"GC: total: (\d{1,10}), used: (\d{1,10}), free: (\d{1,10})(?:, max new split: (\d{1,10}))?$")
_SIZES = re.compile(
    rb" ?No\. of 1-blocks: (\d{1,10}), 2-blocks: (\d{1,10}), max blk sz: (\d{1,10})(?:, max free sz: (\d{1,10}))?$"
)
#: "GC memory layout; from 3ffb30a0:"; a 64-bit address begins with 0x.
_AREA = re.compile(rb"GC (?:memory layout;|area #\d+ \(size \d+\),) from (?:0x)?([0-9a-fA-F]{1,16}):")
_ROW = re.compile(rb"([0-9a-fA-F]{4,8}): ([A-Za-z.=]{1,64})$")
_FREE_LINES = re.compile(rb" *\((\d{1,7}) lines all free\)$")


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
    runs, in blocks. ``truncated``: the layout lost lines, or parts of them, or does not add up to the sums.
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
    block_size: int = _SMALL_BLOCK
    truncated: bool = False

    @property
    def consistent(self) -> bool:
        """Whether the sums are there and add up: the text has no other proof that it came whole."""
        return None not in (self.total, self.used, self.free) and self.total == (self.used or 0) + (self.free or 0)


@dataclass(frozen=True)
class _Row:
    """A line of the layout: its offset, of so many digits, or None where it only counts free lines."""

    offset: int | None
    digits: int
    symbols: bytes


@dataclass
class _Layout:
    """The lines of one area."""

    address: int
    rows: list[_Row] = field(default_factory=list)
    n_blocks: int = 0

    def add(self, row: _Row) -> None:
        if self.n_blocks + len(row.symbols) <= _MOST_BLOCKS:
            self.rows.append(row)
            self.n_blocks += len(row.symbols)

    def steps(self) -> Iterator[int]:
        """Bytes of a block, as far as two lines that follow each other tell."""
        for before, after in pairwise(self.rows):
            if before.offset is not None and after.offset is not None and len(before.symbols) == A_LINE:
                step = after.offset - before.offset
                if step > 0 and step % A_LINE == 0:
                    yield step // A_LINE

    def area(self, block_size: int) -> tuple[Area, bool]:
        """The area, and whether nothing of it is missing."""
        found = bytearray()
        whole = True
        for row in self.rows:
            gap = 0
            if row.offset is not None:
                # Old releases cut the top of the number off, so what counts is how far it is from where we are.
                behind = row.offset - len(found) * block_size
                gap = behind % 16**row.digits // block_size
                odd = gap % A_LINE != 0 and len(found) % A_LINE == 0
                if odd or gap > _MOST_BLOCKS // 4 or behind % block_size:
                    whole = False  # a line twice, or one whose number is damaged
                    continue
            elif len(found) % A_LINE:
                gap = A_LINE - len(found) % A_LINE
            if len(found) + gap + len(row.symbols) > _MOST_BLOCKS:
                whole = False
                continue
            found += UNKNOWN * gap + row.symbols
            whole = whole and not gap
        return Area(self.address, len(found), bytes(found)), whole


class MemInfoReader:
    """Reads the text as it comes, in pieces of any size."""

    def __init__(self) -> None:
        self._rest = b""
        self._head = MemInfo()
        self._layouts: list[_Layout] = []

    @property
    def progress(self) -> tuple[int, int]:
        """Bytes of the heap of which the layout came, and of the whole heap."""
        done = sum(layout.n_blocks for layout in self._layouts) * self._block_size()
        return min(done, self._head.total or done), self._head.total or 0

    def feed(self, data: bytes) -> None:
        """Take text."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line.rstrip(b"\r"))
        if len(self._rest) > _LONGEST_LINE:  # no line of ours is as long; its end will not be one, either
            self._rest = self._rest[:_LONGEST_LINE]

    def result(self) -> MemInfo:
        """What came so far."""
        if self._rest:
            self._line(self._rest.rstrip(b"\r"))
            self._rest = b""
        size = self._block_size()
        read = [layout.area(size) for layout in self._layouts if layout.rows]
        areas = tuple(area for area, _whole in read)
        n_bytes = size * sum(area.n_blocks for area in areas)
        free = size * sum(area.blocks.count(FREE) for area in areas)
        # Nothing is allocated while it prints, so that the sums before the layout are an exact proof of it.
        differs = self._head.total not in (None, n_bytes) or self._head.free not in (None, free)
        truncated = bool(self._layouts) and (differs or not all(whole for _area, whole in read))
        return replace(self._head, areas=areas, block_size=size, truncated=truncated)

    def _block_size(self) -> int:
        """As the offsets of lines tell; where hardly two follow each other, as the address does.

        Two lines of small blocks with a lost one between them look like large ones: a few small steps outweigh many.
        """
        steps = Counter(step for layout in self._layouts for step in layout.steps())
        small, large = steps[_SMALL_BLOCK], steps[_LARGE_BLOCK]
        if small * 4 > large:
            return _SMALL_BLOCK
        wide = any(layout.address >= 1 << 32 for layout in self._layouts)
        return _LARGE_BLOCK if wide or large > 2 else _SMALL_BLOCK

    def _line(self, line: bytes) -> None:
        if len(line) > _LONGEST_LINE:
            return
        if found := _ROW.match(line):
            self._add(_Row(int(found[1], 16), len(found[1]), found[2]))
        elif found := _FREE_LINES.match(line):
            n_lines = int(found[1])
            if 0 < n_lines <= _MOST_BLOCKS // A_LINE:
                self._add(_Row(None, 0, FREE * (A_LINE * n_lines)))
        elif (found := _AREA.match(line)) and len(self._layouts) < _MOST_AREAS:
            self._layouts.append(_Layout(int(found[1], 16)))
        elif found := _TOTALS.match(line):
            self._begin_anew()
            total, used, free, growth = _numbers(found)
            self._head = replace(self._head, total=total, used=used, free=free, growth=growth)
        elif found := _SIZES.match(line):
            ones, twos, used, free = _numbers(found)
            self._head = replace(self._head, one_blocks=ones, two_blocks=twos, largest_used=used, largest_free=free)
        elif found := _STACK.match(line):
            used, limit = _numbers(found)
            self._head = MemInfo(stack_used=used, stack_limit=limit)
            self._layouts = []

    def _add(self, row: _Row) -> None:
        if not self._layouts:
            self._layouts.append(_Layout(0))
        self._layouts[-1].add(row)

    def _begin_anew(self) -> None:
        """Another printing of the same kind: the last one counts."""
        if self._head.total is not None:
            self._head, self._layouts = MemInfo(), []


def _numbers(found: re.Match[bytes]) -> list[int | None]:
    return [None if text is None else int(text) for text in found.groups()]


def parse(text: bytes | str) -> MemInfo:
    """Read it. Any text gives a record: what cannot be understood is left out; of two printings the last one counts."""
    reader = MemInfoReader()
    reader.feed(text.encode("ascii", "replace") if isinstance(text, str) else text)
    return reader.result()
