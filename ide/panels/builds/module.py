"""The module that was built: its header in words, compiler and sources and why, the command lines to copy."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QShowEvent, QTextOption
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from ide.context import IdeContext
from ide.panels.builds import wording
from ide.panels.builds.facts import Facts, Product
from ide.panels.builds.rows import Rows
from ide.words import bind, words
from toolchains.text import _


class Module(QWidget):
    """Left what is known, right the commands. ``commands`` are asked for when the page is seen."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._product: Product | None = None
        self._facts: Facts | None = None
        self._identity = ctx.board.identity
        self._stale = True
        #: Nobody asked for the command lines of this module yet.
        self.wants_commands = False
        self.empty = QLabel(self)
        self.empty.setProperty("role", "muted")
        bind(self.empty, "setText", _("Build the module: what is in its file shows here."))
        self.rows = Rows(_("What is in the module's file"), self)
        self.commands = QPlainTextEdit(self)
        self.commands.setReadOnly(True)
        self.commands.setTabChangesFocus(True)
        self.commands.setWordWrapMode(QTextOption.WrapMode.NoWrap)
        bind(self.commands, "setAccessibleName", _("Command lines of the build"))
        self.copy = QToolButton(self)
        self.copy.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        bind(self.copy, "setText", _("Copy the command lines"))
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.commands.toPlainText()))
        self.split = QWidget(self)  # no QSplitter: below a tab, it makes Qt forget the font of the commands
        halves = QHBoxLayout(self.split)
        halves.setContentsMargins(0, 0, 0, 0)
        halves.setSpacing(16)
        halves.addWidget(self.rows, 1)
        halves.addWidget(self._right(), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.addWidget(self.empty)
        column.addWidget(self.split, 1)
        ctx.themes.changed.connect(self._themed)
        ctx.board.changed.connect(self._board_changed)
        words.changed.connect(self.render)
        self._themed()
        self.show_product(None, None)

    def _right(self) -> QWidget:
        holder = QWidget(self)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        title = QLabel(self)
        title.setProperty("role", "muted")
        bind(title, "setText", _("Command lines of the build"))
        row.addWidget(title, 1)
        row.addWidget(self.copy)
        column.addLayout(row)
        column.addWidget(self.commands, 1)
        return holder

    def showEvent(self, event: QShowEvent) -> None:
        """Now somebody looks."""
        super().showEvent(event)
        if self._stale:
            self.render()

    def show_product(self, product: Product | None, facts: Facts | None) -> None:
        """Another module; the commands are not known yet."""
        self._product, self._facts = product, facts
        self.empty.setVisible(facts is None)
        self.split.setVisible(facts is not None)
        self.show_commands("")
        self.wants_commands = facts is not None
        self.render()

    def show_commands(self, text: str) -> None:
        """The commands, or nothing."""
        self.commands.setPlainText(text)
        self.copy.setEnabled(bool(text))

    def render(self) -> None:
        """Say it anew: another module, language or board. Many labels take a moment, so only where they are seen."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        if self._product is None or self._facts is None or self._product.result is None:
            self.rows.show_rows([])
            return
        ctx = self._ctx
        self.rows.show_rows(
            wording.module_rows(self._product, self._facts, ctx.project.project, ctx.board.identity),
        )

    def _board_changed(self) -> None:
        if self._identity is not self._ctx.board.identity:
            self._identity = self._ctx.board.identity
            self.render()

    def _themed(self) -> None:
        self.commands.setFont(self._ctx.themes.mono())
