"""A piece of work of this panel that takes a while: what it is at, how far, and a button to cancel it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar, QToolButton, QWidget

from ide.context import IdeContext
from ide.panels.builds.output import Output
from ide.words import bind
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import Event, JobContext, Log, Note, Progress, StepStarted
from toolchains.text import Text, _


class Work(QWidget):
    """One job at a time; hidden while there is none. What it says goes to the output as well."""

    def __init__(self, ctx: IdeContext, output: Output, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx, self._output = ctx, output
        self._cancel: Callable[[], None] | None = None
        self.label = QLabel(self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = QProgressBar(self)
        self.bar.setMaximumWidth(200)
        bind(self.bar, "setAccessibleName", _("Work in progress"))
        self.stop = QToolButton(self)
        self.stop.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        bind(self.stop, "setText", _("Cancel"))
        self.stop.clicked.connect(lambda: self._cancel() if self._cancel is not None else None)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        self.label.setWordWrap(True)
        grid.addWidget(self.label, 0, 0, 1, 2)
        grid.addWidget(self.bar, 1, 0)
        grid.addWidget(self.stop, 1, 1)
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
        bind(self.label, "setText", title)
        self.bar.setRange(0, 0)
        self.show()
        return True

    def _over(self) -> None:
        self._cancel = None
        self.hide()

    def _event(self, event: Event) -> None:
        if isinstance(event, StepStarted):
            bind(self.label, "setText", event.title)
            self.bar.setRange(0, 0)
            self._output.say(str(event.title))
        elif isinstance(event, Progress):
            self.bar.setRange(0, 100 if event.total else 0)
            if event.total:
                self.bar.setValue(min(100, 100 * event.done // event.total))
        elif isinstance(event, Log):
            self._output.say(f"    {event.line}")
        elif isinstance(event, Note):
            self._output.say(str(event.text))
