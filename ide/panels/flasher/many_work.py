"""What the page of many boards starts: who they are, flashing all of them at once, labels, the sheet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ide import page_parts as parts
from ide.context import IdeContext
from ide.panels.flasher.many_boards import Acts, ManyBoards
from ide.panels.flasher.many_doors import ManyDoors, ManyOrder
from ide.panels.flasher.many_table import BoardRow
from ide.panels.flasher.tells import RowsTold, RowTold
from ide.panels.flasher.work import Work
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import Text, _, _n

if TYPE_CHECKING:
    from ide.board.board_list import ListedBoard


class ManyWork(QObject):
    """Between the page and the engine."""

    def __init__(self, ctx: IdeContext, work: Work, doors: ManyDoors, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx, self._work, self._doors = ctx, work, doors
        acts = Acts(self.begin, work.cancel, self.look, self.identify, self.ask_sheet, self.relabel)
        self.page = ManyBoards(ctx, acts, parent)
        work.changed.connect(lambda: self.page.set_busy(work.busy))

    def look(self) -> None:
        """What is plugged in, and which releases there are."""
        if self._work.busy:
            return
        jobs, host = self._ctx.jobs, self._ctx.engine.host

        def list_them(_ctx: JobContext) -> list[ListedBoard]:
            from ide.board.board_list import list_boards

            return list_boards(host)

        jobs.start(_("Look for boards"), list_them, on_done=self.page.show_boards, quiet=True)
        jobs.start(_("Look for firmware"), self._doors.versions, on_done=self.page.show_versions, quiet=True)

    def identify(self, rows: list[BoardRow]) -> None:
        """Ask each who it is."""
        ports = [row.port for row in rows]

        def work(ctx: JobContext, tell: Callable[[object], None]) -> None:
            self._doors.identify(ctx, tell, ports)

        self._start(_n("Look at {n} board", "Look at {n} boards", len(rows)), work, rows)

    def begin(self, rows: list[BoardRow]) -> None:
        """Flash all of them; one that fails does not stop the others."""
        page = self.page
        project = self._ctx.project.folder if page.deploy.isChecked() else None
        order = ManyOrder(tuple(row.port for row in rows), page.version, page.from_file, page.erase.isChecked(),
                          project, page.smoke.isChecked())  # fmt: skip

        def work(ctx: JobContext, tell: Callable[[object], None]) -> None:
            self._doors.flash_all(ctx, tell, order)

        self._start(_n("Flash {n} board", "Flash {n} boards", len(rows)), work, rows)

    def _start(self, title: Text, work: Callable[[JobContext, Callable[[object], None]], None],
               rows: list[BoardRow]) -> None:  # fmt: skip
        for row in rows:
            row.clear()
            self.page.model.touched(row)
        ports = [row.port for row in rows]
        self._work.start(title, work, ports=ports, told=self.told, failed=lambda error: self._stopped(rows, error))

    def told(self, event: object) -> None:
        """Lines of the table got further."""
        if isinstance(event, RowsTold):
            for told in event.take():
                row = self.page.model.of(told.port)
                if row is not None:
                    self.page.model.take(row, told)
            self.page.show_states()

    def _stopped(self, rows: list[BoardRow], error: StudioError) -> None:
        for row in rows:
            if row.state in ("idle", "working"):
                row.take(RowTold(row.port, "stopped", result=error.what, more=(error,), detail=error.detail))
                self.page.model.touched(row)
        self.page.show_states()

    def relabel(self, row: BoardRow, label: str) -> None:
        """Keep a label by the board's MAC."""
        mac = row.mac
        self._ctx.jobs.start(_("Label"), lambda ctx: self._doors.label(ctx, mac, label), quiet=True)

    def ask_sheet(self) -> None:
        """Where the sheet shall be."""
        parts.ask_save(self.page, _("Sheet of the boards"), "boards.html", "html", lambda name: self.sheet(Path(name)))

    def sheet(self, path: Path) -> None:
        """Write it, and show it in the browser, which prints."""

        def done(_none: None) -> None:
            from PySide6.QtCore import QUrl
            from PySide6.QtGui import QDesktopServices

            self._ctx.notices.tell(_("Saved as {path}.", path=path))
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

        self._ctx.jobs.start(_("Sheet of the boards"), lambda ctx: self._doors.sheet(ctx, path), on_done=done)
