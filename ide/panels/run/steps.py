"""The eight steps of a run, as rows: a mark, the words, the time that each took."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from ide.panels.run.report import STAGES
from ide.words import bind, words
from toolchains.text import Text, _
from toolchains.units import time_text

State = Literal["waiting", "running", "done", "failed", "stopped", "unneeded"]

#: Mark, words for a screen reader and beside the step, and the role that colours it.
_LOOK: dict[State, tuple[str, Text | None, str]] = {
    "waiting": ("·", None, "muted"),
    "running": ("›", _("now"), "heading"),
    "done": ("✓", None, ""),
    "failed": ("×", _("failed"), "bad"),
    "stopped": ("–", _("stopped"), "look"),
    "unneeded": ("–", _("not needed"), "muted"),
}


class Step:
    """One row. ``seconds``: how long it took, None while that is not known."""

    def __init__(self, name: str, row: int, grid: QGridLayout, parent: QWidget) -> None:
        self.name, self.title = name, STAGES[name]
        self.state: State = "waiting"
        self.seconds: float | None = None
        self.mark, self.label, self.time = QLabel(parent), QLabel(parent), QLabel(parent)
        self.label.setWordWrap(True)
        self.time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for column, label in enumerate((self.mark, self.label, self.time)):
            label.setTextFormat(Qt.TextFormat.PlainText)
            grid.addWidget(label, row, column)
        self.set("waiting")

    def set(self, state: State, seconds: float | None = None) -> None:
        """How it is now."""
        self.state, self.seconds = state, seconds
        self.render()

    def render(self) -> None:
        """Say it, in the person's language."""
        mark, said, role = _LOOK[self.state]
        self.mark.setText(mark)
        self.label.setText(str(self.title))
        if self.state in ("running", "unneeded") or self.seconds is None:
            self.time.setText(str(said) if said is not None else "")
        else:
            self.time.setText(" ".join(str(part) for part in (said, time_text(self.seconds)) if part is not None))
        self.label.setAccessibleName(f"{self.title}: {self.time.text()}" if self.time.text() else str(self.title))
        for label in (self.mark, self.label, self.time):
            label.setProperty("role", role)
            label.style().unpolish(label)
            label.style().polish(label)


class Steps(QWidget):
    """All eight, in their order."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        bind(self, "setAccessibleName", _("Steps"))
        self.steps = {name: Step(name, row, grid, self) for row, name in enumerate(STAGES)}
        self._began: tuple[str, float] | None = None
        words.changed.connect(self.render)

    def start(self) -> None:
        """Nothing has begun yet."""
        self._began = None
        for step in self.steps.values():
            step.set("waiting")

    def begin(self, name: str, seconds: float) -> None:
        """A step began, ``seconds`` after the start; the one before it is done."""
        self._close(seconds, "done")
        if name not in self.steps:
            return
        for step in self.steps.values():
            if step.name == name:
                break
            if step.state == "waiting":
                step.set("unneeded")
        self._began = (name, seconds)
        self.steps[name].set("running")

    def end(self, seconds: float, state: State) -> None:
        """All is over: the running step is ``done``, ``failed`` or ``stopped``."""
        self._close(seconds, state)

    def fail(self, name: str) -> None:
        """A step that was done turned out to be the one that failed: the program's, by its traceback."""
        self.steps[name].set("failed", self.steps[name].seconds)

    def _close(self, seconds: float, state: State) -> None:
        if self._began is not None:
            name, began = self._began
            self.steps[name].set(state, seconds - began)
            self._began = None

    def render(self) -> None:
        """The language changed."""
        for step in self.steps.values():
            step.render()
