"""The work of now: step, how far, how fast, how long still, Cancel; then how it ended, and what one can do next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QProgressBar, QToolButton, QWidget

from ide import controls
from ide import page_parts as parts
from ide.flow import Flow
from ide.panels.flasher.work import Work
from ide.toolchain_tasks import Task
from ide.words import bind, words
from toolchains.text import Text, _

_DETAIL = 2000
Next = tuple[str, Text, Callable[[], object]]


class Card(QFrame):
    """``offer(buttons)``: what one can do after the end; they go when something else begins."""

    def __init__(self, work: Work, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._work = work
        self._task: Task | None = None
        self.title = parts.sentence(self, role="heading")
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.figures = parts.sentence(self, role="muted")
        self.said = parts.sentence(self)
        self.cancel = controls.button(self, _("Cancel"), work.cancel)
        self.close_button = controls.button(self, _("Close"), work.forget)
        self.next = QWidget(self)
        self._flow = Flow(self.next)
        self.buttons: dict[str, QToolButton] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 6, 8, 6)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.title, 0, 0)
        grid.addWidget(self.cancel, 0, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.close_button, 0, 1, Qt.AlignmentFlag.AlignTop)
        for row, widget in enumerate((self.bar, self.figures, self.said, self.next), 1):
            grid.addWidget(widget, row, 0, 1, 2)
        work.changed.connect(self.render)
        work.progressed.connect(self.advance)
        words.changed.connect(self.render)
        self.render()

    def offer(self, buttons: Sequence[Next]) -> None:
        """What one can do next, as buttons."""
        while (item := self._flow.takeAt(0)) is not None:
            item.widget().hide()
            item.widget().deleteLater()
        self.buttons = {}
        for name, title, run in buttons:
            button = controls.button(self.next, title, run)
            self._flow.addWidget(button)
            button.show()
            self.buttons[name] = button
        self.next.setVisible(bool(buttons))

    def render(self) -> None:
        """Work began, ended or was forgotten, or the language changed."""
        task = self._work.task
        self.setVisible(task is not None)
        if task is None:
            self._task = None
            return
        if task is not self._task:
            self._task = task
            self.offer(())
            bind(self.title, "setText", task.title)
            bind(self.bar, "setAccessibleName", task.title)
        had = self.cancel.hasFocus() or self.close_button.hasFocus()
        self.cancel.setVisible(not task.over)
        self.close_button.setVisible(task.over)
        if had:
            (self.close_button if task.over else self.cancel).setFocus()
        self.advance()

    def advance(self) -> None:
        """It got further."""
        task = self._work.task
        if task is None:
            return
        self.bar.setVisible(not task.over)
        percent = task.percent
        moving = not task.over and percent is None
        self.bar.setRange(0, 0 if moving else 100)
        if not moving:
            self.bar.setValue(percent or 0)
        step = task.step if task.step is not None and str(task.step) != str(task.title) else None
        self.figures.setText(" · ".join(str(part) for part in (step, task.figures() or None) if part is not None))
        self.figures.setVisible(not task.over and bool(self.figures.text()))
        self._say(task)

    def _say(self, task: Task) -> None:
        said = "\n".join(map(str, task.said))
        if task.error is not None:
            said = f"{task.error}\n{task.error.detail[-_DETAIL:]}".strip()
        good = task.state == "done" and not task.doubts
        parts.set_role(self.said, "bad" if task.error is not None else "good" if good else "look" if task.over else "")
        if self.said.text() != said:
            self.said.setText(said)
        self.said.setVisible(bool(said))
