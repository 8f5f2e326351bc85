"""Linker maps: which object each address of an image came from. GNU ld's form and lld's.

A map is a tool's output over files with foreign names: lines that are not understood are passed over.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from toolchains.errors import disk_errors

_GNU_START = "Linker script and memory map"
#: `` .text.foo      0x0000000000001234       0x20 py/obj.o``; a long name has a line of its own.
_GNU = re.compile(r"^ (?:\S+)?\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(\S.*)$")
_GNU_MEMORY = re.compile(r"^(\w\S*)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)(?:\s+([rwxail!]+))?\s*$")
#: ``  80000000 80000000       70     4         build/mcu/entry.o:(.start)``
_LLD = re.compile(r"^\s*([0-9a-f]+)\s+[0-9a-f]+\s+([0-9a-f]+)\s+\d+\s+(\S.*):\((\.[^)]*|COMMON)\)$")
_LLD_HEAD = re.compile(r"^\s*VMA\s+LMA\s+Size\s+Align")


@dataclass(frozen=True)
class Memory:
    """A memory of the linker script: where it is, and its bytes."""

    name: str
    start: int
    size: int


@dataclass
class LinkMap:
    """The pieces of an image by address. ``memories`` are the linker script's, if it names any."""

    memories: tuple[Memory, ...] = ()
    _starts: list[int] = field(default_factory=list)
    _pieces: list[tuple[int, int, str]] = field(default_factory=list)

    def object_at(self, address: int) -> str | None:
        """The object file, or ``libx.a(member.o)``, whose piece holds this address."""
        at = bisect.bisect_right(self._starts, address) - 1
        if at >= 0:
            start, size, name = self._pieces[at]
            if address < start + max(size, 1):
                return name
        return None

    def _fill(self, pieces: Iterator[tuple[int, int, str]]) -> None:
        self._pieces = sorted(one for one in pieces if one[0] and one[1])
        self._starts = [start for start, _size, _name in self._pieces]


def read(path: Path) -> LinkMap:
    """Read a map; an empty one when nothing in it is understood. Raises ``DiskError``."""
    with disk_errors(path):
        text = path.read_text("utf-8", "replace")
    lines = text.splitlines()
    found = LinkMap()
    if any(_LLD_HEAD.match(line) for line in lines[:3]):
        found._fill(_lld(lines))
        return found
    start = next((number for number, line in enumerate(lines) if line.startswith(_GNU_START)), len(lines))
    found.memories = tuple(_memories(lines[:start]))
    found._fill(_gnu(lines[start:]))
    return found


def _gnu(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    for line in lines:
        row = _GNU.match(line)
        if row:
            yield int(row[1], 16), int(row[2], 16), row[3]


def _lld(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    for line in lines:
        row = _LLD.match(line)
        if row:
            yield int(row[1], 16), int(row[2], 16), row[3]


def _memories(lines: list[str]) -> Iterator[Memory]:
    begun = False
    for line in lines:
        begun = begun or line.startswith("Memory Configuration")
        row = _GNU_MEMORY.match(line) if begun else None
        if row and row[1] != "Name":
            yield Memory(row[1], int(row[2], 16), int(row[3], 16))
