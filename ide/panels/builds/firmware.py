"""Whole firmware that can be made here and now, and the way to that of this project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from ide.context import IdeContext
from ide.elided import Elided
from ide.panels.builds.output import Output
from ide.words import bind
from ide.work_bar import Work
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.toolbox import Toolbox


@dataclass(frozen=True)
class Maker:
    """A firmware: its name, what it is, where it can be made, and the making of it."""

    name: str
    title: Text
    about: Text
    possible: Callable[[Host], bool]
    make: Callable[[JobContext, Toolbox, str | None], Path]


def _rv32(ctx: JobContext, toolbox: Toolbox, version: str | None) -> Path:
    from toolchains.firmware import rv32

    return rv32.build(ctx, toolbox.sdks.ensure(ctx, version), toolbox.paths, toolbox.host)


def _unix(ctx: JobContext, toolbox: Toolbox, version: str | None) -> Path:
    from toolchains.firmware import unix

    return unix.build(ctx, toolbox.sdks.ensure(ctx, version), toolbox.paths, toolbox.host)


MAKERS = (
    Maker(
        "rv32", _("Simulated RISC-V board"), _("MicroPython for QEMU, the board sim:rv32."),
        lambda host: host.system != "windows", _rv32,
    ),
    Maker(
        "unix", _("This computer"), _("MicroPython as a program of Linux, the board sim:unix."),
        lambda host: (host.system, host.machine) == ("linux", "x86_64"), _unix,
    ),
)  # fmt: skip


class Firmware(QWidget):
    """One row for each firmware: what it is, a button, and where the file is."""

    def __init__(self, ctx: IdeContext, output: Output, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.work = Work(ctx, output, self)
        self.buttons: dict[str, QToolButton] = {}
        self.places: dict[str, Elided] = {}
        self.folders: dict[str, QToolButton] = {}
        self._files: dict[str, Path] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(4, 1)
        possible = [one for one in MAKERS if one.possible(ctx.engine.host)]
        for row, maker in enumerate(possible):
            self._row(grid, row, maker)
        self._own_row(grid, len(possible))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addLayout(grid)
        column.addWidget(self.work)
        column.addStretch(1)

    def _row(self, grid: QGridLayout, row: int, maker: Maker) -> None:
        title, about, place = QLabel(self), QLabel(self), Elided(self)
        title.setProperty("role", "heading")
        bind(title, "setText", maker.title)
        bind(about, "setText", maker.about)
        make = self._button(lambda: self.make(maker), _("Make"), _("Make: {what}", what=maker.title))
        folder = self._button(lambda: self._open(maker), _("Show in its folder"), None)
        folder.hide()
        for at, widget in enumerate((title, about, make, folder, place)):
            grid.addWidget(widget, row, at)
        self.buttons[maker.name], self.places[maker.name], self.folders[maker.name] = make, place, folder

    def _own_row(self, grid: QGridLayout, row: int) -> None:
        """The firmware of this project has a panel of its own."""
        title, about = QLabel(self), QLabel(self)
        title.setProperty("role", "heading")
        bind(title, "setText", _("Firmware of this project"))
        bind(about, "setText", _("C modules, frozen Python, any board."))
        self.own = self._button(lambda: self._ctx.layout.show_panel("firmware", focus=True), _("Open"), None)
        bind(self.own, "setAccessibleName", _("Firmware of this project"))
        for at, widget in enumerate((title, about, self.own)):
            grid.addWidget(widget, row, at)

    def _button(self, run: Callable[[], object], title: Text, name: Text | None) -> QToolButton:
        button = QToolButton(self)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        bind(button, "setText", title)
        bind(button, "setAccessibleName", name or title)
        button.clicked.connect(lambda: run())
        return button

    def make(self, maker: Maker) -> None:
        """Make one, or find it in the cache."""
        toolbox, project = self._ctx.engine.toolbox, self._ctx.project.project
        version = project.pin_micropython if project is not None else None

        def over(result: object) -> None:
            for button in self.buttons.values():
                button.setEnabled(True)
            if isinstance(result, Path):
                self._files[maker.name] = result
                bind(self.places[maker.name], "setText", _("The file is {path}", path=result))
                self.folders[maker.name].show()

        if self.work.start(
            _("Make: {what}", what=maker.title), lambda ctx: maker.make(ctx, toolbox(), version), over, over
        ):
            for button in self.buttons.values():
                button.setEnabled(False)

    def _open(self, maker: Maker) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._files[maker.name].parent)))
