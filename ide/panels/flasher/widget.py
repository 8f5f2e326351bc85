"""The Flasher panel: which board, four pages, and beside them what is being done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from ide.commands import Command
from ide.context import IdeContext
from ide.panels.flasher.backup_work import BackupWork
from ide.panels.flasher.click_work import ClickWork
from ide.panels.flasher.doors import Doors
from ide.panels.flasher.many_work import ManyWork
from ide.panels.flasher.one_work import OneWork
from ide.panels.flasher.partition_work import PartitionWork
from ide.panels.flasher.ports import Ports
from ide.panels.flasher.room import Room
from ide.panels.flasher.side import Side
from ide.panels.flasher.work import Work
from ide.words import bind, words
from toolchains.jobs import JobContext
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.board.flash.records import BoardFacts

_SHARES = (660, 600)
#: Ports whose firmware is written by esptool.
_FLASHED_PORTS = ("esp32", "esp8266")
#: Of the panel with each page, in pixels, so that nothing of it has to be looked for.
_HEIGHTS = (330, 420, 375, 420)
#: While the coach shows.
_COACHED = 420


class FlasherPanel(QWidget):
    """Made of pages; each has a controller of its own, and one piece of work is done at a time."""

    def __init__(self, ctx: IdeContext, doors: Doors | None = None) -> None:
        super().__init__()
        self._ctx = ctx
        self.doors = doors or Doors(ctx)
        self.work = Work(ctx)
        self.ports = Ports(ctx, self.doors.boards, self)
        self.side = Side(ctx, self.work, self)
        self.one = OneWork(ctx, self.work, self.doors, self.side, self._known, self)
        self.click = ClickWork(ctx, self.work, self.one.told, self)
        self.many = ManyWork(ctx, self.work, self.doors.many, self)
        self.backup = BackupWork(ctx, self.work, self.doors.flash, self.side, self.one.told, self)
        self.partitions = PartitionWork(ctx, self.work, self.doors.flash, self.one.told, self.backup.know_table,
                                        self.one.write_with, self)  # fmt: skip
        self.side.command.pasted.connect(self.one.read_line)
        self.one.chosen.connect(self.partitions.page.show_firmware)
        self.room = Room(self)
        self.tabs = QTabBar(self)
        self.pages = QStackedWidget(self)
        self._titles: tuple[tuple[QWidget, Text], ...] = (
            (self.one.page, _("One board")),
            (self.many.page, _("Many boards")),
            (self.backup.page, _("Backup and rescue")),
            (self.partitions.page, _("Partitions")),
        )
        self._lay_out()
        self._connect()
        self._register()

    # --- its parts ------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.tabs.setDocumentMode(True)
        self.tabs.setExpanding(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        bind(self.tabs, "setAccessibleName", _("Pages of the flasher"))
        for page, title in self._titles:
            self.tabs.addTab(str(title))
            self.pages.addWidget(page)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(self.tabs, 1)
        row.addWidget(self.ports)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.setChildrenCollapsible(False)
        split.addWidget(self.pages)
        split.addWidget(self.side)
        split.setSizes(list(_SHARES))
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(split, 1)
        self.setFocusProxy(self.ports)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._turned)
        self.ports.chosen.connect(self._port_chosen)
        self.work.moved.connect(self._moved)
        self.side.coach.came.connect(self._make_way)
        self.work.changed.connect(lambda: self.ports.setEnabled(not self.work.busy))
        self._ctx.board.plugged.connect(self._look_if_seen)
        words.changed.connect(self._name)

    def _register(self) -> None:
        """Each page and act has a command, so that it is found by its name."""
        pages = (
            ("one", _("Put MicroPython on a board"), self.one.page),
            ("many", _("Put MicroPython on many boards"), self.many.page),
            ("backup", _("Back up, restore or rescue a board"), self.backup.page),
            ("partitions", _("Partitions of a board"), self.partitions.page),
        )
        self._ctx.commands.register(
            *(Command(f"flasher.{name}", title, self._to(page)) for name, title, page in pages),
            Command(
                "flasher.look", _("Look at the board that is plugged in"), self._look,
                enabled=lambda: not self.work.busy,
            ),
            Command("flasher.run", _("Put MicroPython on an empty board and run the project"),
                    lambda: self._click(run=True), enabled=lambda: self.click.can),
            Command("flasher.put", _("Put MicroPython on an empty board"), lambda: self._click(run=False),
                    enabled=lambda: self.click.can),
            Command("flasher.project", _("Put the firmware of this project on a board"), self._project_firmware,
                    enabled=lambda: not self.work.busy),
            Command("flasher.refresh", _("Look for newer firmware on micropython.org"), self.one.refresh,
                    enabled=lambda: not self.work.busy),
            Command("flasher.merge", _("Make one image of a build's files…"), lambda: self.one.ask_merge(self),
                    enabled=lambda: not self.work.busy),
            Command("flasher.cancel", _("Cancel flashing"), self.work.cancel, enabled=lambda: self.work.busy),
        )  # fmt: skip

    def _project_firmware(self) -> None:
        """The file that this project built last, chosen on the page of one board."""
        root = self._ctx.project.folder
        self._to(self.one.page)()

        def find(_ctx: JobContext) -> Path | None:
            from toolchains.firmware.results import results

            return next((one.product for one in results(root) if one.port in _FLASHED_PORTS), None)

        def found(file: Path | None) -> None:
            if file is not None:
                self.one.pick_file(file)
            else:
                self._ctx.notices.tell(_("This project has no firmware for a board yet. Build it first."))

        self._ctx.jobs.start(_("Look for firmware"), find, on_done=found, quiet=True)

    def _to(self, page: QWidget) -> Callable[[], None]:
        def show() -> None:
            self.show_page(page)
            self._ctx.layout.show_panel("flasher", focus=True)

        return show

    def show_page(self, page: QWidget) -> None:
        """Turn to a page."""
        self.tabs.setCurrentIndex(self.pages.indexOf(page))
        self.setFocusProxy(page)

    def _turned(self, at: int) -> None:
        self.pages.setCurrentIndex(at)
        QTimer.singleShot(0, self, self._take_room)
        many = self.pages.currentWidget() is self.many.page
        self.pages.show()
        self.side.setVisible(not many)
        self.ports.setVisible(not many)
        if many:
            self.many.look()
        elif self.pages.currentWidget() is self.backup.page:
            self.backup.look()

    def _make_way(self) -> None:
        """Nothing can be chosen while the coach waits for a finger: it has the whole width, until a tab is chosen."""
        self.pages.setVisible(self.side.coach.isHidden() or self.side.isHidden())
        self._take_room()

    def _name(self) -> None:
        for at, (_page, title) in enumerate(self._titles):
            self.tabs.setTabText(at, str(title))

    # --- which board ----------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Who looks is told what is plugged in now; the panel is as high as it needs while it is in front."""
        super().showEvent(event)
        self._look_if_seen()
        QTimer.singleShot(0, self, self._take_room)

    def _take_room(self) -> None:
        self.room.take(_COACHED if self.pages.isHidden() else _HEIGHTS[self.pages.currentIndex()])

    def hideEvent(self, event: QHideEvent) -> None:
        """What is in front now is as high as it was."""
        super().hideEvent(event)
        if not self.isVisibleTo(self.window()):
            self.room.give_back()

    def _look_if_seen(self) -> None:
        if self.isVisible() and not self.work.busy:
            self.ports.look()
            self.one.look_for_port()
            if self.pages.currentWidget() is self.many.page:
                self.many.look()

    def _moved(self, port: str) -> None:
        """The board has another port now, and is the same."""
        self.ports.follow(port)
        for page in (self.one.page, self.backup.page, self.partitions.page):
            page.port = port

    def _port_chosen(self, port: str) -> None:
        self.doors.shown.forget()
        self.one.use(port)
        self.backup.use(port)
        self.partitions.use(port)

    def _look(self) -> None:
        self.show_page(self.one.page)
        self._ctx.layout.show_panel("flasher")
        self.one.look()

    def _click(self, *, run: bool) -> None:
        self.show_page(self.one.page)
        self._ctx.layout.show_panel("flasher")
        self.click.begin(run=run)

    def _known(self, facts: BoardFacts) -> None:
        """Somebody looked at the board: the other pages learn it too."""
        self.partitions.know(facts)
