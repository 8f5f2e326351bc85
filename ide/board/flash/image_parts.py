"""The records of an image for flash: what :mod:`ide.board.flash.image_reader` makes of a file. Sizes in bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from ide.board.flash.app_desc import AppDescription, Python, description_at, python_in
from ide.board.flash.table import Table
from toolchains.chips import Chip, chips


@dataclass(frozen=True)
class Segment:
    """A piece of an image: where it is loaded, its first byte in the file, its bytes."""

    load: int
    offset: int
    size: int


@dataclass(frozen=True)
class Part:
    """One image as the ROM loader or the bootloader reads it; ``offset`` in the file, ``size`` with check sum and hash.

    ``revisions``: the first and last chip revision that it says to run on, major * 100 + minor. ``flash_size`` is what
    its header says, in bytes. ``hashed``: it carries a SHA-256, which is right.
    """

    offset: int
    size: int
    chip_id: int
    mode: str
    flash_size: int
    entry: int
    revisions: tuple[int, int]
    hashed: bool
    segments: tuple[Segment, ...]

    @property
    def chip(self) -> str:
        """The name in chips.json."""
        return chips_by_id()[self.chip_id].name


@dataclass(frozen=True)
class Image:
    """A sound image.

    ``kind``: ``whole`` is a bootloader, a table and an app (what MicroPython publishes; a copy of the whole flash is
    one, too); ``app`` is a program alone; ``bootloader`` is a bootloader alone. ``address`` is the flash address of its
    first byte; None for an app alone, which goes wherever the table on the board says. ``table``: of a whole one.
    """

    name: str
    data: bytes = field(repr=False)
    kind: Literal["whole", "app", "bootloader"]
    chip: str
    address: int | None
    first: Part
    table: Table | None = None
    app: Part | None = None

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.data)

    @cached_property
    def sha256(self) -> str:
        """Of the whole file, in hex."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def python(self) -> Python | None:
        """The Python in it, by its banner."""
        return None if self.app is None else python_in(self.data, self.app.offset, self.app.offset + self.app.size)

    @property
    def description(self) -> AppDescription | None:
        """ESP-IDF's words about the app."""
        return None if self.app is None else description_at(self.data, self.app.segments[0].offset)

    @property
    def end(self) -> int | None:
        """The flash address after its last byte."""
        return None if self.address is None else self.address + self.size

    @property
    def needs(self) -> int:
        """Bytes of flash that it needs: to its own end, and to that of the last row of its table."""
        return max(self.table.end if self.table is not None else 0, self.end or self.size)

    @property
    def revisions(self) -> tuple[int, int]:
        """The first and last chip revision that all of it runs on, major * 100 + minor."""
        parts = [self.first] if self.app is None else [self.first, self.app]
        return max(part.revisions[0] for part in parts), min(part.revisions[1] for part in parts)


def chips_by_id() -> dict[int, Chip]:
    """The chips by the number in an image's header."""
    return {chip.image_id: chip for chip in chips().values()}
