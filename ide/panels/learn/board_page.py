"""Reference that is true on this board: modules and what is in them, and the numbers of its filesystem."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from ide.context import IdeContext
from ide.controls import field
from ide.learn import reference
from ide.learn.reference import Contents, Disk, Module
from ide.page_parts import big, say
from ide.panels.learn.question import QuestionPage
from ide.panels.learn.table import Table
from toolchains.text import _
from toolchains.units import size_text


class ModulesPage(QuestionPage):
    """All modules above; below, what is in the one that is chosen."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(
            ctx, parent, _("Modules of the board"),
            _("Modules that MicroPython's documentation knows, and those that this board has. Choose one to see what "
              "is in it; constants are shown as the board has them."),
        )  # fmt: skip
        self.modules: tuple[Module, ...] = ()
        self.module = ""
        self.go = big(self, _("Ask the board"), self.ask_board)
        self.table = Table(self, _("Modules"), (_("module"), _("on this board")))
        self.names = Table(self, _("What is in the module"), reference.HEADS)
        split = QSplitter(Qt.Orientation.Vertical, self)
        split.setChildrenCollapsible(False)
        for part in (self.table, self.names):
            split.addWidget(part)
        self.column.addWidget(self.go)
        self.column.addWidget(self.said)
        self.column.addWidget(split, 1)
        self.table.currentCellChanged.connect(lambda row, *_rest: self.open_module(row))
        self.setFocusProxy(self.go)

    def ask_board(self) -> None:
        """Ask which modules it has."""
        toolbox = self.ctx.engine.toolbox
        self.ask(
            _("Modules of the board"), lambda job, board: reference.modules(job, board, toolbox()), self._shown
        )  # fmt: skip

    def _shown(self, modules: tuple[Module, ...]) -> None:
        self.modules = modules
        self.table.blockSignals(True)
        self.table.fill([(one.name, _("yes") if one.on_board else _("no")) for one in modules])
        self.table.setCurrentCell(-1, -1)
        self.table.blockSignals(False)

    def open_module(self, row: int) -> None:
        """Ask what is in the module of a row."""
        if not 0 <= row < len(self.modules) or self.busy:
            return
        self.module = module = self.modules[row].name
        self.names.fill(())
        toolbox = self.ctx.engine.toolbox
        self.ask(
            _("Names of {module}", module=module),
            lambda job, board: reference.contents(job, board, toolbox(), module), self._named,
        )  # fmt: skip

    def _named(self, found: Contents) -> None:
        self.names.fill([(f"{found.module}.{one.name}", *one.cells) for one in found.names])
        if not found.on_board:
            say(self.said, _("This board does not have {module}.", module=found.module), "muted")
        elif found.faults:
            say(self.said, found.faults[0], "muted")


class DiskPage(QuestionPage):
    """``os.statvfs``, field by field."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(
            ctx, parent, _("Numbers of the filesystem (statvfs)"),
            _("os.statvfs(path) gives ten numbers. This is what they say, with those of your board."),
        )  # fmt: skip
        self.path = field(self, _("Path on the board"))
        self.path.setText("/")
        self.go = big(self, _("Ask the board"), self.ask_board)
        self.table = Table(self, _("Numbers of statvfs"), (_("field"), _("value"), _("what it says")), wraps=True)
        self.path.returnPressed.connect(self.ask_board)
        for part in (self.path, self.go, self.said):
            self.column.addWidget(part)
        self.column.addWidget(self.table, 1)
        self.setFocusProxy(self.path)

    def ask_board(self) -> None:
        """Ask for the ten numbers."""
        path = self.path.text() or "/"
        self.ask(
            _("Numbers of the filesystem (statvfs)"), lambda job, board: reference.disk(job, board, path), self._shown
        )

    def _shown(self, disk: Disk) -> None:
        self.table.fill([(one.name, one.value, one.meaning) for one in disk.fields])
        say(
            self.said,
            _("f_frsize × f_blocks = {total}, f_frsize × f_bavail = {free} free",
              total=size_text(disk.total), free=size_text(disk.free)),
        )  # fmt: skip
