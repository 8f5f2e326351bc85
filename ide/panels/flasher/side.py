"""The right half of the panel: work in progress and its end, the coach, the exact command, the log."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from ide import controls
from ide.context import IdeContext
from ide.output_view import OutputView
from ide.page_parts import Page, sentence
from ide.panels.flasher.card import Card
from ide.panels.flasher.coach_view import CoachView
from ide.panels.flasher.work import Work
from ide.words import bind
from toolchains.text import _

#: From so many pixels on the coach is beside the work, and has room for all its pictures in one line.
_WIDE = 1100


class CommandLine(QWidget):
    """The exact command, to be read and copied; ``pasted(text)``: the person put one here and pressed Enter."""

    pasted = Signal(str)

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.line = QLineEdit(self)
        bind(self.line, "setAccessibleName", _("The exact command"))
        bind(self.line, "setPlaceholderText", _("The exact command shows here. An esptool line can be pasted, too."))
        self.line.textEdited.connect(self._edited)
        self.line.returnPressed.connect(self._read)
        self.read = controls.button(self, _("Read"), self._read)
        bind(self.read, "setAccessibleName", _("Read the pasted command"))
        bind(self.read, "setToolTip", _("Compare the pasted line with the board, and show it as it would be run"))
        self._own = ""
        self.copy = controls.button(self, _("Copy"), self._copy)
        bind(self.copy, "setAccessibleName", _("Copy the command"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.line, 1)
        row.addWidget(self.read)
        row.addWidget(self.copy)
        ctx.themes.changed.connect(self._themed)
        self._themed()
        self.show_command("")

    def _themed(self) -> None:
        self.line.setFont(self._ctx.themes.mono())

    def show_command(self, command: str) -> None:
        """Show this one."""
        self._own = command
        self.line.setText(command)
        self.line.setToolTip(command)
        self.line.setCursorPosition(0)
        self._edited()

    def _edited(self) -> None:
        text = self.line.text().strip()
        self.copy.setEnabled(bool(text))
        self.read.setVisible(bool(text) and text != self._own)

    def _read(self) -> None:
        if not self.read.isHidden():
            self.pasted.emit(self.line.text().strip())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.line.text())


class Side(QWidget):
    """``log_switch`` shows every line that was said instead."""

    def __init__(self, ctx: IdeContext, work: Work, parent: QWidget) -> None:
        super().__init__(parent)
        self._work = work
        self.page = Page(_("Work of the flasher"), self)
        self.card = Card(work, self.page.inner)
        self.coach = CoachView(ctx, self.page.inner)
        self.empty = sentence(
            self.page.inner, _("What the flasher does shows here: step by step, how far, and how it ended."), "muted"
        )
        self._top = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._top.setSpacing(self.page.column.spacing())
        self._top.addWidget(self.card, 0, Qt.AlignmentFlag.AlignTop)
        self._top.addWidget(self.coach, 0, Qt.AlignmentFlag.AlignTop)
        self.page.column.addLayout(self._top)
        self.page.column.addWidget(self.empty)
        self.page.column.addStretch(1)
        self.log = OutputView(ctx, _("Log of the flasher"), _("What esptool and the flasher say appears here."), self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.page)
        self.stack.addWidget(self.log)
        self.command = CommandLine(ctx, self)
        self.log_switch = controls.button(self, _("Log"), self._switch)
        self.log_switch.setCheckable(True)
        bind(self.log_switch, "setToolTip", _("What was done so far, line by line"))
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 4)
        row.setSpacing(4)
        row.addWidget(self.command, 1)
        row.addWidget(self.log_switch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.stack, 1)
        column.addLayout(row)
        ctx.add_drain(self.log.flush)
        work.said.connect(lambda lines: self.log.say(*lines))
        work.ran.connect(self.command.show_command)
        work.changed.connect(self.render)
        self.coach.came.connect(self.render)
        self.render()

    def _switch(self) -> None:
        self.stack.setCurrentWidget(self.log if self.log_switch.isChecked() else self.page)
        self.log.horizontalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There may be room for the coach beside the work now."""
        super().resizeEvent(event)
        self._turn()

    def _turn(self) -> None:
        wide = self.width() >= _WIDE and not self.coach.isHidden()
        way = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._top.direction() != way:
            self._top.setDirection(way)
        for at, share in enumerate((1, 4)):
            self._top.setStretch(at, share if wide else 0)

    def render(self) -> None:
        """Work or the coach came or went: what is new is on top."""
        if not self._work.busy:
            self.coach.leave()
        self._turn()
        self.empty.setVisible(self._work.task is None and self.coach.isHidden())
        QTimer.singleShot(0, self, lambda: self.page.verticalScrollBar().setValue(0))
