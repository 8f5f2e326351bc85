"""A piece of work of a panel that takes a while: what it is at, how far, and a button to cancel it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar, QToolButton, QWidget

from ide.context import IdeContext
from ide.output_view import OutputView
from ide.words import bind
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import Event, JobContext, Log, Note, Progress, StepStarted
from toolchains.rates import Rate
from toolchains.text import Text, _
from toolchains.units import time_text


class Work(QWidget):
    """One job at a time; hidden while there is none. What it says goes to the output as well.

    ``changed``: a job began or is over.
    """

    changed = Signal()

    def __init__(self, ctx: IdeContext, output: OutputView, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx, self._output = ctx, output
        self._cancel: Callable[[], None] | None = None
        self._rate = Rate()
        self.label = QLabel(self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = QProgressBar(self)
        self.bar.setMaximumWidth(200)
        bind(self.bar, "setAccessibleName", _("Work in progress"))
        self.left = QLabel(self)
        self.left.setProperty("role", "muted")
        self.stop = QToolButton(self)
        self.stop.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        bind(self.stop, "setText", _("Cancel"))
        self.stop.clicked.connect(lambda: self._cancel() if self._cancel is not None else None)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        self.label.setWordWrap(True)
        grid.setColumnStretch(2, 1)
        grid.addWidget(self.label, 0, 0, 1, 4)
        grid.addWidget(self.bar, 1, 0)
        grid.addWidget(self.stop, 1, 1)
        grid.addWidget(self.left, 1, 2)
        self.hide()

    @property
    def busy(self) -> bool:
        """Whether it works."""
        return self._cancel is not None

    def start(
        self,
        title: Text,
        work: Callable[[JobContext], Any],
        on_done: Callable[[Any], object],
        on_error: Callable[[StudioError], object] | None = None,
    ) -> bool:
        """Begin; False while something else is not done. Errors are told in one place, then to ``on_error``."""
        if self.busy:
            return False

        def failed(error: StudioError) -> None:
            self._over()
            if not isinstance(error, Cancelled):
                self._output.say(str(error), *error.detail.splitlines())
                self._ctx.notices.error(error)
            if on_error is not None:
                on_error(error)

        def done(result: Any) -> None:  # noqa: ANN401
            self._over()
            on_done(result)

        self._cancel = self._ctx.jobs.start(title, work, on_done=done, on_error=failed, on_event=self._event).cancel
        self._at(title)
        self.show()
        self.changed.emit()
        return True

    def _at(self, title: Text) -> None:
        """A step begins: how long it will take is not known yet."""
        bind(self.label, "setText", title)
        self.bar.setRange(0, 0)
        self.left.setText("")
        self._rate = Rate()

    def _over(self) -> None:
        self._cancel = None
        self.hide()
        self.changed.emit()

    def _event(self, event: Event) -> None:
        if isinstance(event, StepStarted):
            self._at(event.title)
            self._output.say(str(event.title))
        elif isinstance(event, Progress):
            self._progress(event)
        elif isinstance(event, Log):
            self._output.say(f"    {event.line}")
        elif isinstance(event, Note):
            self._output.say(str(event.text))

    def _progress(self, event: Progress) -> None:
        self.bar.setRange(0, 100 if event.total else 0)
        self._rate.add(event.done, event.total)
        if event.total:
            self.bar.setValue(min(100, 100 * event.done // event.total))
        seconds = self._rate.seconds_left
        self.left.setText(str(_("{time} left", time=time_text(round(seconds)))) if seconds else "")
