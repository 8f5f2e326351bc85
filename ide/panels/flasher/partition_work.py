"""What the page of partitions starts: reading the table, writing it, files from a folder; CSV files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ide.board.flash.errors import AnotherBoard
from ide.board.flash.table import with_implicit_vfs
from ide.context import IdeContext
from ide.panels.flasher.flash_doors import FlashDoors, TableRead
from ide.panels.flasher.partitions import Acts, PartitionsPage
from ide.panels.flasher.work import Work
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import _, _n

if TYPE_CHECKING:
    from ide.board.flash.records import BoardFacts, Flashed
    from ide.board.flash.table import Table

Told = Callable[[object], object]


class PartitionWork(QObject):
    """Between the page and the engine. ``known(table)``: somebody read the board's.

    ``write_with(table)`` writes it together with the firmware that is chosen.
    """

    def __init__(
        self, ctx: IdeContext, work: Work, doors: FlashDoors, told: Told, known: Callable[[Table], object],
        write_with: Callable[[Table], object], parent: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._work, self._doors, self._told, self._known = work, doors, told, known
        acts = Acts(self.read, self.write, write_with, self.folder, self.open_csv, self.save_csv)
        self.page = PartitionsPage(ctx, acts, parent)
        work.changed.connect(self._work_changed)

    def use(self, port: str) -> None:
        """Another port: what was read was another board's."""
        self.page.port = port
        self._forget()

    def _forget(self) -> None:
        """Nobody read the table of this board; what was edited stays."""
        page = self.page
        page.before, page.before_size = None, 0
        page.use(page.table)

    def _not_written(self, error: StudioError) -> None:
        if isinstance(error, AnotherBoard):
            self._forget()

    def know(self, facts: BoardFacts) -> None:
        """Somebody looked at the board."""
        if facts.chip is not None and facts.chip.flash_size and self.page.table is None:
            self.page.use_size(facts.chip.flash_size)
            self.page.render()

    def _work_changed(self) -> None:
        self.page.busy = self._work.busy
        self.page.render()

    def read(self) -> None:
        """The table of the board."""
        port = self.page.port

        def work(ctx: JobContext, tell: Callable[[object], None]) -> TableRead:
            return self._doors.read_table(ctx, tell, port)

        self._work.start(
            _("Read the partition table"), work, ports=(port,), told=self._told, back=lambda read: read.port,
            done=self._read,
        )  # fmt: skip

    def _read(self, read: TableRead) -> None:
        self.page.show_read(read.table, read.flash_size)
        self._known(with_implicit_vfs(read.table, read.flash_size))

    def write(self, table: Table) -> None:
        """Save the flash, write the table, start the board."""
        port = self.page.port

        def work(ctx: JobContext, tell: Callable[[object], None]) -> TableRead:
            return self._doors.write_table(ctx, tell, port, table)

        self._work.start(
            _("Write the partition table"), work, ports=(port,), told=self._told, back=lambda read: read.port,
            done=self._read, failed=self._not_written,
            result=lambda read: _n("✓ The board has this table now: {n} partition.",
                                   "✓ The board has this table now: {n} partitions.", len(read.table.partitions)),
        )  # fmt: skip

    def folder(self, path: Path) -> None:
        """A filesystem made of a folder, onto the partition for files; those that were there are saved first."""
        port = self.page.port

        def work(ctx: JobContext, tell: Callable[[object], None]) -> Flashed:
            return self._doors.write_folder(ctx, tell, port, path)

        self._work.start(
            _("Put {folder} on the board", folder=path.name), work, ports=(port,), told=self._told,
            back=lambda flashed: flashed.port, failed=self._not_written,
            result=lambda _flashed: _("✓ {folder} is on the board. What was there before is among the backups.",
                                      folder=path.name),
        )  # fmt: skip

    def open_csv(self, path: Path) -> None:
        """A table from a file."""
        self._work.start(
            _("Read {file}", file=path.name), lambda ctx, _tell: self._doors.open_csv(ctx, path), done=self.page.use
        )

    def save_csv(self, path: Path, table: Table) -> None:
        """The table as a file."""
        self._work.start(
            _("Save {file}", file=path.name), lambda ctx, _tell: self._doors.save_csv(ctx, path, table),
            result=lambda _none: _("✓ Saved as {path}.", path=path),
        )  # fmt: skip
