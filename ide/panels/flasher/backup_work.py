"""What the page of backups starts: saving, putting back, rescuing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ide.context import IdeContext
from ide.dialogs import show_folder
from ide.panels.flasher.backup_page import RESCUE, Acts, BackupPage
from ide.panels.flasher.flash_doors import FlashDoors
from ide.panels.flasher.side import Side
from ide.panels.flasher.tells import RescueStep
from ide.panels.flasher.work import Work
from toolchains.jobs import JobContext
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.board.flash.records import BoardFacts

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

    def know(self, _facts: BoardFacts) -> None:
        """Somebody looked at the board."""
        self.page.render()

    def _work_changed(self) -> None:
        self.page.busy = self._work.busy
        self.page.render()

    def show_folder(self) -> None:
        """Where backups are."""
        show_folder(self._doors.backup_folder())

    def backup(self, what: str) -> None:
        """Save the files, the whole flash, or one partition."""
        port = self.page.port

        def work(ctx: JobContext, tell: Callable[[object], None]) -> Path:
            return self._doors.backup(ctx, tell, port, what)

        def done(path: Path) -> None:
            self.page.use_file(path)
            self._side.card.offer([("folder", _("Show the folder"), lambda: show_folder(path.parent))])

        self._work.start(
            _("Backup"), work, ports=(port,), done=done, told=self._told, back=lambda _path: port,
            result=lambda path: _("✓ Saved as {path}.", path=path),
        )  # fmt: skip

    def restore(self, path: Path) -> None:
        """Put a backup back."""
        port = self.page.port

        def work(ctx: JobContext, tell: Callable[[object], None]) -> None:
            self._doors.restore(ctx, tell, port, path)

        self._work.start(
            _("Restore {file}", file=path.name), work, ports=(port,), told=self._told, back=lambda _none: port,
            result=lambda _none: _("✓ {file} is on the board again.", file=path.name),
        )  # fmt: skip

    def rescue(self, allowed: bool) -> None:
        """As far as it must go, and no further than it may."""
        port = self.page.port
        self.page.begin_rescue()

        def work(ctx: JobContext, tell: Callable[[object], None]) -> Any:  # noqa: ANN401 - the engine's report
            return self._doors.rescue(ctx, tell, port, allowed)

        def told(event: object) -> None:
            if isinstance(event, RescueStep):
                self.page.step(event.number, event.state)
            else:
                self._told(event)

        self._work.start(
            _("Rescue the board"), work, ports=(port,), told=told, back=lambda _report: port, result=_rescued,
            done=lambda report: self._side.card.offer(self._next(report)),
        )  # fmt: skip

    def _next(self, _report: object) -> list[Any]:
        def console() -> None:
            self._ctx.layout.show_panel("console", focus=True)

        return [("console", _("Open the console"), console)]


def _rescued(report: Any) -> Text:  # noqa: ANN401 - the engine's report
    return _("✓ The board is at its prompt. What helped: {step}.", step=RESCUE[report][0])
