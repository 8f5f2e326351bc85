"""A board's flash as its firmware sees it: partitions, which app runs and which boots next, and mounted filesystems.

Asked of MicroPython (``esp32.Partition``, ``vfs.mount()``, ``os.statvfs``), so the board need not leave it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ide.board.flash.table import Partition, Table
from ide.board.link import Board
from toolchains.jobs import JobContext

SCHEMA = 1


@dataclass(frozen=True)
class Part:
    """A partition, in bytes. ``used``: what is known to be used of it (the firmware, files); None: unknown."""

    partition: Partition
    running: bool = False
    boots_next: bool = False
    used: int | None = None


@dataclass(frozen=True)
class Mount:
    """A mounted filesystem. ``path``: where; ``kind``: ``littlefs``, ``fat``, ``rom``, ``posix`` or the class's name.

    ``partition``: the label of the partition that it is on, empty if unknown. ``block``: bytes of a block; None where
    the filesystem does not tell.
    """

    path: str
    kind: str
    partition: str
    block: int | None
    blocks: int | None
    free_blocks: int | None
    read_only: bool = False

    @property
    def total(self) -> int | None:
        """Its size in bytes."""
        return None if self.block is None or self.blocks is None else self.block * self.blocks

    @property
    def free(self) -> int | None:
        """Its free bytes."""
        return None if self.block is None or self.free_blocks is None else self.block * self.free_blocks


@dataclass(frozen=True)
class Storage:
    """What the firmware says of the flash. ``parts`` in the order of their addresses; empty on other boards than ESP32.

    ``flash_size``: what the firmware takes the chip's flash for (``esp.flash_size()``); None where unknown.
    ``version`` is MicroPython's, ``chip`` one of chips.json or None.
    """

    parts: tuple[Part, ...]
    mounts: tuple[Mount, ...]
    flash_size: int | None
    version: str
    chip: str | None

    @property
    def table(self) -> Table:
        """The partitions alone, as the flasher's rooms take them."""
        return Table(tuple(part.partition for part in self.parts))

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        raise NotImplementedError


def look(ctx: JobContext, board: Board) -> Storage:
    """Ask ``board``. Raises the errors of :meth:`ide.board.link.Board.exec`."""
    raise NotImplementedError


def csv(storage: Storage) -> str:
    """The partition table as text, for ``gen_esp32part.py`` and our flasher."""
    raise NotImplementedError
