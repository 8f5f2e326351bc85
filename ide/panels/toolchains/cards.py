"""Work in progress, one card each: how far, how fast, how long still; pause, cancel; and how it ended, in place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QProgressBar, QToolButton, QVBoxLayout, QWidget

from ide import controls
from ide.toolchain_session import ToolchainSession
from ide.toolchain_tasks import State, Task
from ide.words import bind, words
from toolchains.text import Text, _

_DETAIL = 2000
_STATES: dict[State, Text] = {"waiting": _("waits for its turn"), "paused": _("paused; what came so far is kept")}


class Card(QFrame):
    """One task."""

    def __init__(self, session: ToolchainSession, task: Task, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.task, self._session = task, session
        self.over = task.over
        self.title = self._label("heading")
        bind(self.title, "setText", task.title)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        bind(self.bar, "setAccessibleName", task.title)
        self.figures = self._label("muted")
        self.said = self._label("")
        self.buttons = {
            "pause": self._button(_("Pause"), lambda: session.pause(task)),
            "resume": self._button(_("Resume"), lambda: session.resume(task)),
            "cancel": self._button(_("Cancel"), lambda: session.cancel(task)),
            "again": self._button(_("Try again"), lambda: session.again(task)),
            "close": self._button(_("Close"), lambda: session.forget(task)),
        }
        self._lay_out()
        words.changed.connect(self.render)
        self.render()

    def _label(self, role: str) -> QLabel:
        label = QLabel(self)
        label.setProperty("role", role)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _button(self, title: Text, run: Callable[[], object]) -> QToolButton:
        return controls.button(self, title, run)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(4)
        for button in self.buttons.values():
            row.addWidget(button)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 6, 8, 6)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.title, 0, 0)
        grid.addLayout(row, 0, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.bar, 1, 0, 1, 2)
        grid.addWidget(self.figures, 2, 0, 1, 2)
        grid.addWidget(self.said, 3, 0, 1, 2)

    def render(self) -> None:
        """It is in another state, or the language changed."""
        task, state = self.task, self.task.state
        self.over = task.over
        here = {
            "pause": task.downloads and state == "working",
            "resume": state == "paused",
            "cancel": not task.over,
            "again": state == "failed",
            "close": task.over,
        }
        focus = next((name for name, button in self.buttons.items() if button.hasFocus()), None)
        for name, button in self.buttons.items():
            button.setVisible(here[name])
        if focus is not None and not here[focus]:
            next(self.buttons[name] for name, shown in here.items() if shown).setFocus()
        self._say()
        self.advance()

    def _say(self) -> None:
        task = self.task
        if task.error is not None:
            text = f"{task.error}\n{task.error.detail[-_DETAIL:]}".strip()
        else:
            text = "\n".join(map(str, task.said))
        good = task.state == "done" and not task.doubts
        role = "bad" if task.error is not None else "good" if good else "look"
        if self.said.property("role") != role:
            self.said.setProperty("role", role)
            self.said.style().unpolish(self.said)
            self.said.style().polish(self.said)
        self.said.setText(text)
        self.said.setVisible(bool(text))

    def advance(self) -> None:
        """It got further."""
        task = self.task
        self.buttons["pause"].setEnabled(task.pausable)
        self.bar.setVisible(not task.over)
        percent = task.percent
        moving = task.state == "working" and percent is None
        self.bar.setRange(0, 0 if moving else 100)
        if not moving:
            self.bar.setValue(percent or 0)
        parts = [task.step if task.step is not None and str(task.step) != str(task.title) else None,
                 task.figures() or None, _STATES.get(task.state)]  # fmt: skip
        self.figures.setText(" · ".join(str(part) for part in parts if part is not None))
        self.figures.setVisible(not task.over and bool(self.figures.text()))
        self._say()


class Cards(QWidget):
    """All of them, the newest on top; none: no room taken. ``came``: one more, or one is over."""

    came = Signal()

    def __init__(self, session: ToolchainSession, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.cards: list[Card] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        session.tasks_changed.connect(self.render)
        session.progressed.connect(self._progressed)
        self.render()

    def render(self) -> None:
        """Tasks came or went."""
        for card in [card for card in self.cards if card.task not in self._session.tasks]:
            self.cards.remove(card)
            card.hide()
            card.deleteLater()
        known = [card.task for card in self.cards]
        before = [card.over for card in self.cards]
        for task in self._session.tasks:
            if task not in known:
                self.cards.append(Card(self._session, task, self))
                self._column.insertWidget(0, self.cards[-1])
        for card in self.cards:
            card.render()
        self.setVisible(bool(self.cards))
        if len(self.cards) > len(known) or before != [card.over for card in self.cards]:
            self.came.emit()

    def _progressed(self, task: Task) -> None:
        for card in self.cards:
            if card.task is task:
                card.advance()
