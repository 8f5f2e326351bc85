"""What a module of the project costs the board to import: as source, as bytecode, as machine code, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QProgressBar, QWidget
from shiboken6 import isValid

from ide import controls
from ide.context import IdeContext
from ide.page_parts import Page, big, say, sentence
from ide.panels.board.tables import Rows
from ide.words import bind, words
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import Event, JobContext, StepStarted
from toolchains.text import Text, _
from toolchains.units import short_time_text, size_text

if TYPE_CHECKING:
    from ide.board.boards import Boards
    from ide.board.memory.import_cost import Cost, CostReport
    from ide.board.port_worker import Task

_TITLES: dict[str, Text] = {"py": Text(".py"), "mpy": Text(".mpy"), "native": _("native"), "frozen": _("Frozen module")}
_WAYS = tuple(_TITLES)


class CostPage(Page):
    """The module is imported on the board, after a soft reset each time: only when the person wants that."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(_("Cost of an import"), parent)
        self._ctx = ctx
        self.report: CostReport | None = None
        self.costs: list[Cost] = []
        self.error: StudioError | None = None
        self._task: Task[CostReport] | None = None
        self._step: Text | None = None
        inner = self.inner
        self.hint = sentence(
            inner,
            _("A module is put on the board as source, as bytecode and as machine code, and imported after a soft "
              "reset each time. What runs on the board is stopped."),
            "muted",
        )  # fmt: skip
        self.module = QComboBox(inner)
        self.module.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        bind(self.module, "setAccessibleName", _("Module"))
        self.act = big(inner, _("Measure"), self.measure)
        self.cancel = controls.button(inner, _("Cancel"), self._cancel)
        self.progress = QProgressBar(inner)
        self.progress.setRange(0, 0)
        bind(self.progress, "setAccessibleName", _("Work in progress"))
        self.said, self.title = sentence(inner), sentence(inner, role="heading")
        self.table = Rows(_("Cost of an import"), (Text(""), *_TITLES.values()), inner, numbers=(1, 2, 3, 4))
        self.table.horizontalHeader().setStretchLastSection(False)
        self.why_not = sentence(inner, role="muted")
        row = QHBoxLayout()
        row.addWidget(self.module, 1)
        row.addWidget(self.act)
        row.addWidget(self.cancel)
        self.column.addWidget(self.hint)
        self.column.addLayout(row)
        for widget in (self.progress, self.said, self.title, self.table, self.why_not):
            self.column.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addStretch(1)
        ctx.board.changed.connect(self.render)
        ctx.project.changed.connect(self._read_if_seen)
        ctx.project.files_changed.connect(self._read_if_seen)
        words.changed.connect(self.render)
        self.render()

    # --- which module ---------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Somebody sees the page: the modules of the project are read, in a worker."""
        folder = self._ctx.project.folder

        def work(_ctx: JobContext) -> tuple[str, ...]:
            from ide.board.memory.module_forms import modules_of

            return modules_of(folder)

        self._ctx.jobs.start(
            _("Look for modules"), work, on_done=self._fill, on_error=lambda _error: self._fill(()), quiet=True
        )

    def _read_if_seen(self) -> None:
        if self.isVisible():
            self.look()

    def _fill(self, names: tuple[str, ...]) -> None:
        before = self.module.currentText() or self._ctx.project.name
        self.module.clear()
        self.module.addItems(list(names))
        self.module.setCurrentIndex(max(0, self.module.findText(before)))
        self.render()

    # --- work -----------------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether it is being measured now."""
        return self._task is not None

    def measure(self) -> None:
        """Do it."""
        board, name = self._ctx.board, self.module.currentText()
        address, folder = board.address, self._ctx.project.folder
        if self.busy or address is None or not name:
            return
        costs: list[Cost] = []

        def work(ctx: JobContext, boards: Boards) -> CostReport:
            from ide.board.memory.import_cost import cost_of

            return cost_of(ctx, boards, address, folder, name, on_cost=costs.append)

        self.report, self.error, self.costs, self._step = None, None, costs, None
        title = _("Measure what importing {module} costs", module=name)
        board.announce(title)
        self._task = board.submit(title, work, on_done=self._done, on_error=self._failed, on_event=self._event)
        self.render()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _done(self, report: CostReport) -> None:
        self._task, self.report, self.costs = None, report, list(report.costs)
        self._ctx.vitals.ask_again()
        self._told()

    def _failed(self, error: StudioError) -> None:
        self._task, self.error = None, error
        self._told()

    def _event(self, event: Event) -> None:
        if isinstance(event, StepStarted):
            self._step = event.title
            self._told()

    def _told(self) -> None:
        if isValid(self):  # the board may outlive the panel
            self.render()

    # --- what is shown --------------------------------------------------------------------------------------------

    def render(self) -> None:
        """Say everything anew."""
        board = self._ctx.board
        self.act.setEnabled(board.connected and bool(self.module.currentText()) and not self.busy)
        self.cancel.setVisible(self.busy)
        self.progress.setVisible(self.busy)
        self.module.setEnabled(not self.busy)
        if self.error is not None and not isinstance(self.error, Cancelled):
            say(self.said, str(self.error), "bad")
        elif self.busy:
            say(self.said, self._step, "muted")
        elif not board.connected:
            say(self.said, _("Connect a board to measure."), "muted")
        elif not self.module.count():
            say(self.said, _("This project has no module that could be imported."), "muted")
        else:
            say(self.said, None)
        report = self.report
        self.title.setVisible(report is not None)
        if report is not None:
            self.title.setText(str(_("import {module}", module=report.module)))
        self._show_costs({cost.way: cost for cost in self.costs})

    def _show_costs(self, costs: dict[str, Cost]) -> None:
        rows = [
            (str(title), *(figure(costs[way]) if way in costs else "" for way in _WAYS)) for title, figure in _FIGURES
        ]
        self.table.setColumnHidden(1 + _WAYS.index("frozen"), "frozen" not in costs)
        self.table.show_rows([row for row in rows if any(row[1:])])
        reasons = [
            f"{_TITLES[way]}: {costs[way].why_not}"
            for way in _WAYS
            if way in costs and costs[way].why_not is not None
        ]  # fmt: skip
        say(self.why_not, "\n".join(reasons) if reasons else None, "muted")


def _size(n_bytes: int | None) -> str:
    return size_text(n_bytes) if n_bytes is not None else ""


def _time(seconds: float | None) -> str:
    return short_time_text(seconds) if seconds is not None else ""


_FIGURES = (
    (_("RAM that stays"), lambda cost: _size(cost.ram)),
    (_("RAM at most"), lambda cost: _size(cost.peak)),
    (_("exec RAM"), lambda cost: _size(cost.exec_ram)),
    (_("File"), lambda cost: _size(cost.file_size)),
    (_("Flash"), lambda cost: _size(cost.flash)),
    (_("Time"), lambda cost: _time(cost.seconds)),
)
