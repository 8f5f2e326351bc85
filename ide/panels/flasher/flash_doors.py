"""The engine's doors to what is in a flash: backup, restore, rescue, partition tables, files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ide.context import IdeContext
from ide.panels.flasher.coached import Tell, coached
from toolchains.jobs import JobContext

if TYPE_CHECKING:
    from ide.board.flash.table import Table


@dataclass(frozen=True)
class TableRead:
    """The table of a board, and how large its flash is, in bytes."""

    table: Table
    flash_size: int


class FlashDoors:
    """For one window."""

    def __init__(self, ctx: IdeContext) -> None:
        self._ctx = ctx

    def backup_folder(self) -> Path:
        """Where backups are kept."""
        return self._ctx.engine.paths.data / "backups"

    def backup(self, ctx: JobContext, tell: Tell, port: str, what: str) -> Path:
        """Save ``files``, ``flash`` or ``partition:NAME``."""
        raise NotImplementedError

    def restore(self, ctx: JobContext, tell: Tell, port: str, path: Path) -> None:
        """Put a backup back, if it is of the same chip and fits."""
        raise NotImplementedError

    def rescue(self, ctx: JobContext, tell: Tell, port: str, allow_erase: bool) -> int:
        """Bring a board to its prompt; the number of the step that helped, from 0."""
        raise NotImplementedError

    def read_table(self, ctx: JobContext, tell: Tell, port: str) -> TableRead:
        """The table of a board."""
        raise NotImplementedError

    def write_table(self, ctx: JobContext, tell: Tell, port: str, table: Table, before: Table | None) -> TableRead:
        """Save the flash, write a table alone, start the board."""
        raise NotImplementedError

    def write_folder(self, ctx: JobContext, tell: Tell, port: str, folder: Path, table: Table, version: str) -> int:
        """A filesystem made of a folder, onto the partition for files; how many files."""
        raise NotImplementedError

    def open_csv(self, ctx: JobContext, path: Path) -> Table:
        """A table from a CSV file, or a binary one."""
        from ide.board.flash.table import read_binary
        from ide.board.flash.table_csv import read_csv
        from toolchains.errors import disk_errors

        with disk_errors(path):
            data = path.read_bytes()
        ctx.check()
        return read_binary(data) if data[:2] == b"\xaa\x50" else read_csv(data.decode("utf-8", "replace"))

    def save_csv(self, _ctx: JobContext, path: Path, table: Table) -> None:
        """A table as a CSV file."""
        from ide.board.flash.table_csv import write_csv
        from toolchains.errors import disk_errors

        with disk_errors(path):
            path.write_text(write_csv(table), "utf-8")


__all__ = ["FlashDoors", "TableRead", "coached"]
