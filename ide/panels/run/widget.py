"""The Run panel: eight steps in plain words as they pass, then what it cost, or what went wrong and where to go."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from ide.context import IdeContext
from ide.panels.run import report
from ide.panels.run.steps import Steps
from ide.panels.run.trouble import Trouble
from ide.run_words import summary
from ide.runs import Ended, StageBegan
from ide.words import bind, words
from toolchains.errors import Cancelled
from toolchains.jobs import Note, Progress, StepStarted
from toolchains.text import Text, _
from toolchains.units import percent_text, size_text

#: Of more remarks only the last ones are shown.
_NOTES = 5


class RunPanel(QWidget):
    """What happens between the click and the result."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__()
        self._ctx = ctx
        self._notes: list[Text] = []
        self._ended: Ended | None = None
        self.headline = self._label("heading")
        self.steps = Steps(self)
        self.now = self._label("muted")
        self.progress = QProgressBar(self)
        bind(self.progress, "setAccessibleName", _("Work in progress"))
        self.notes = self._label("look")
        self.trouble = Trouble(ctx, self)
        self.cost = QWidget(self)
        self.cost_grid = QGridLayout(self.cost)
        self._lay_out()
        ctx.runs.started.connect(self._started)
        ctx.runs.stage.connect(self._stage)
        ctx.runs.event.connect(self._event)
        ctx.runs.ended.connect(self._finished)
        words.changed.connect(self.render)
        self.render()
        for widget in (self.now, self.progress, self.notes, self.trouble, self.cost):
            widget.hide()

    # --- its parts ------------------------------------------------------------------------------------------------

    def _label(self, role: str) -> QLabel:
        label = QLabel(self)
        label.setProperty("role", role)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _lay_out(self) -> None:
        inner = QWidget(self)
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        column.addWidget(self.headline)
        for widget in (self.steps, self.now, self.progress, self.notes, self.trouble, self.cost):
            column.addWidget(widget)
        column.addStretch(1)
        self.cost_grid.setContentsMargins(0, 8, 0, 0)
        self.cost_grid.setVerticalSpacing(2)
        self.cost_grid.setColumnStretch(1, 1)
        bind(self.cost, "setAccessibleName", _("What it cost"))
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        bind(area, "setAccessibleName", _("Run"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self.setFocusProxy(area)

    # --- what happens ---------------------------------------------------------------------------------------------

    @property
    def _running(self) -> bool:
        return self._ctx.runs.kind == "run"

    def _started(self, kind: str) -> None:
        if kind != "run":
            return
        self._ended, self._notes = None, []
        self.steps.start()
        for widget in (self.now, self.progress, self.notes, self.trouble, self.cost):
            widget.hide()
        self.render()

    def _stage(self, began: StageBegan) -> None:
        if self._running:
            self.steps.begin(began.name, began.seconds)
            self.now.hide()
            self.progress.hide()

    def _event(self, event: object) -> None:
        if not self._running:
            return
        if isinstance(event, StepStarted):
            bind(self.now, "setText", event.title)
            self.now.show()
            self.progress.hide()
        elif isinstance(event, Progress):
            self._show_progress(event)
        elif isinstance(event, Note):
            self._notes = [*self._notes, event.text][-_NOTES:]
            self._show_notes()

    def _show_progress(self, event: Progress) -> None:
        self.progress.setRange(0, 100 if event.total else 0)
        if event.total:
            self.progress.setValue(min(100, 100 * event.done // event.total))
        self.progress.setFormat(_progress_text(event))
        self.progress.show()

    def _show_notes(self) -> None:
        self.notes.setText("\n".join(map(str, self._notes)))
        self.notes.setVisible(bool(self._notes))

    def _finished(self, ended: Ended) -> None:
        if ended.kind != "run":
            return
        self._ended = ended
        stopped = isinstance(ended.error, Cancelled)
        self.steps.end(ended.seconds, "done" if ended.error is None else "stopped" if stopped else "failed")
        if ended.report is not None and not ended.good:
            self.steps.fail("run")
        self.now.hide()
        self.progress.hide()
        self.render()
        if not ended.good and not stopped:
            self.trouble.tell(ended)

    def render(self) -> None:
        """Say everything anew: something ended, or the language changed."""
        ended = self._ended
        if self._running:
            bind(self.headline, "setText", _("It is on its way."))
        elif ended is None:
            bind(self.headline, "setText", _("Press Run: the steps show here, and then what it cost."))
        else:
            bind(self.headline, "setText", summary(ended))
        self._show_notes()
        self._show_cost(report.rows(ended) if ended is not None else [])

    def _show_cost(self, rows: list[report.Row]) -> None:
        while (item := self.cost_grid.takeAt(0)) is not None:
            if item.widget() is not None:
                item.widget().deleteLater()
        for at, row in enumerate(rows):
            title, value = self._label("muted"), self._label(row.mood)
            title.setText(str(row.title))
            value.setText(str(row.value))
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setAccessibleName(f"{row.title}: {row.value}")
            self.cost_grid.addWidget(title, at, 0, Qt.AlignmentFlag.AlignTop)
            self.cost_grid.addWidget(value, at, 1)
        self.cost.setVisible(bool(rows))


def _progress_text(event: Progress) -> str:
    """``41 %``, or ``3.1 MB`` where the end is not known."""
    if event.total:
        return percent_text(event.done, event.total)
    return size_text(event.done) if event.unit == "B" else f"{event.done} {event.unit}"
