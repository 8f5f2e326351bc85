"""What the page of backups starts: saving, putting back, rescuing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ide.board.flash.errors import AnotherBoard
from ide.board.flash.rescue import NotRescued, Rescued, RescueStep
from ide.context import IdeContext
from ide.dialogs import show_folder
from ide.panels.flasher.backup_page import RESCUE, Acts, BackupPage
from ide.panels.flasher.flash_doors import FlashDoors, Saved
from ide.panels.flasher.side import Side
from ide.panels.flasher.work import Work
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.board.flash.records import Flashed
    from ide.board.flash.table import Table

Told = Callable[[object], object]


class BackupWork(QObject):
    """Between the page and the engine."""

    def __init__(self, ctx: IdeContext, work: Work, doors: FlashDoors, side: Side, told: Told, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx, self._work, self._doors, self._side, self._told = ctx, work, doors, side, told
        self.page = BackupPage(Acts(self.backup, self.restore, self.rescue, self.show_folder), parent)
        work.changed.connect(self._work_changed)

    def use(self, port: str) -> None:
        """Another port."""
        self.page.port = port
        self.page.show_partitions(())
        self.page.render()

    def look(self) -> None:
        """What backups there are."""
        self._ctx.jobs.start(_("Look for backups"), self._doors.backups, on_done=self.page.show_backups, quiet=True)

    def know_table(self, table: Table) -> None:
        """Somebody read the partitions of the board."""
        self.page.show_partitions([part.name for part in table.partitions])

    def _work_changed(self) -> None:
        self.page.busy = self._work.busy
        self.page.render()

    def show_folder(self) -> None:
        """Where backups are."""
        show_folder(self._doors.backup_folder())

    def backup(self, what: str) -> None:
        """Save the files, the whole flash, or one partition."""
        port = self.page.port

        def work(ctx: JobContext, tell: Callable[[object], None]) -> Saved:
            return self._doors.backup(ctx, tell, port, what)

        def done(saved: Saved) -> None:
            self.page.use_file(saved.place)
            self.look()
            self._side.card.offer([("folder", _("Show the folder"), lambda: show_folder(saved.place.parent))])

        self._work.start(
            _("Backup"), work, ports=(port,), done=done, told=self._told, back=lambda saved: saved.port,
            result=lambda saved: _("✓ Saved as {path}.", path=saved.place),
        )  # fmt: skip

    def restore(self, path: Path, saves: bool) -> None:
        """Put a backup back; ``saves``: first what it replaces."""
        port = self.page.port

        def work(ctx: JobContext, tell: Callable[[object], None]) -> Flashed:
            return self._doors.restore(ctx, tell, port, path, saves)

        self._work.start(
            _("Restore {file}", file=path.name), work, ports=(port,), told=self._told,
            back=lambda flashed: flashed.port, failed=self._not_put_back,
            done=lambda _flashed: self.look(),
            result=lambda _flashed: _("✓ {file} is on the board again.", file=path.name),
        )  # fmt: skip

    def _not_put_back(self, error: StudioError) -> None:
        self.look()
        if isinstance(error, AnotherBoard):
            self.page.show_partitions(())  # they were the other one's

    def rescue(self, allowed: bool) -> None:
        """As far as it must go, and no further than it may."""
        port = self.page.port
        self.page.begin_rescue()

        def work(ctx: JobContext, tell: Callable[[object], None]) -> Rescued:
            return self._doors.rescue(ctx, tell, port, allowed)

        self._work.start(
            _("Rescue the board"), work, ports=(port,), told=self._stepped, back=lambda rescued: rescued.port,
            result=_rescued, done=lambda _rescued: self._offer(), failed=self._not_rescued,
        )  # fmt: skip

    def _stepped(self, event: object) -> None:
        if isinstance(event, RescueStep):
            self.page.step(event)
        else:
            self._told(event)

    def _offer(self) -> None:
        def console() -> None:
            self._ctx.layout.show_panel("console", focus=True)

        self.look()
        self._side.card.offer([("console", _("Open the console"), console)])

    def _not_rescued(self, error: StudioError) -> None:
        self.look()
        if isinstance(error, NotRescued) and error.may_erase:
            self._side.card.offer([("erase", _("Go on with step 3"), self._erase)])

    def _erase(self) -> None:
        self.page.allow.setChecked(True)
        self.rescue(True)


def _rescued(rescued: Rescued) -> Text:
    title = RESCUE[rescued.step - 1][0]
    if rescued.renamed:
        names = ", ".join(new for _old, new in rescued.renamed)
        return _("✓ The board is at its prompt. What helped: {step} ({names}).", step=title, names=names)
    return _("✓ The board is at its prompt. What helped: {step}.", step=title)
