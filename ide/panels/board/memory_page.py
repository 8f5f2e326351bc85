"""The last minutes of the board's memory as a chart with its scale, its numbers, and the same as a table."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from ide import controls, vital_words
from ide.context import IdeContext
from ide.page_parts import Page, say, sentence
from ide.panels.board.tables import Rows
from ide.panels.board.values import Values
from ide.time_chart import TimeChart
from ide.words import bind, words
from toolchains.text import _
from toolchains.units import size_text, time_text


class MemoryPage(Page):
    """Shows what :class:`ide.vitals.BoardVitals` has."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(_("Memory"), parent)
        self._ctx, self._vitals = ctx, ctx.vitals
        inner = self.inner
        self.said = sentence(inner, role="muted")
        self.chart = TimeChart(ctx.vitals, ctx.themes, inner)
        bind(self.chart, "setAccessibleName", _("The heap in the last minutes"))
        self.legend = sentence(inner, role="muted")
        self.pause = QToolButton(inner)
        self.pause.setCheckable(True)
        bind(self.pause, "setText", _("Pause"))
        bind(self.pause, "setToolTip", _("Stop asking for the board's memory"))
        self.pause.clicked.connect(lambda: self._vitals.pause(not self._vitals.paused))
        self.now = controls.button(inner, _("Ask now"), self._vitals.ask_again)
        self.as_table = QToolButton(inner)
        self.as_table.setCheckable(True)
        bind(self.as_table, "setText", _("As a table"))
        self.as_table.toggled.connect(lambda _on: self.render())
        row = QHBoxLayout()
        for button in (self.pause, self.now, self.as_table):
            row.addWidget(button)
        row.addStretch(1)
        self.values = Values(inner)
        self.table = Rows(
            _("Memory of the last minutes"), (_("When"), _("Used"), _("Free"), _("Remark")), inner, numbers=(1, 2)
        )
        for widget in (self.said, self.chart, self.legend):
            self.column.addWidget(widget)
        self.column.addLayout(row)
        self.column.addWidget(self.table)
        self.column.addWidget(self.values)
        self.column.addStretch(1)
        ctx.vitals.seen_in(inner)
        ctx.vitals.changed.connect(self.render)
        ctx.board.changed.connect(self.render)
        words.changed.connect(self.render)
        self.render()

    def render(self) -> None:
        """The board answered, or is another one."""
        latest, board, error = self._vitals.latest, self._ctx.board, self._vitals.error
        if error is not None:
            say(self.said, str(error), "bad")
        elif not board.connected:
            say(self.said, _("Connect a board: its memory of the last minutes is drawn here."), "muted")
        elif board.state == "running":
            say(self.said, _("A program runs on the board; it is asked again when the prompt is back."), "muted")
        else:
            paused = _("Paused: the board is not asked.") if self._vitals.paused else None
            say(self.said, paused, "look" if self._vitals.paused else "muted")
        self.pause.setChecked(self._vitals.paused)
        self.now.setEnabled(board.state == "prompt" and not self._vitals.paused)
        drawn = bool(self.chart.samples)
        self.chart.setVisible(drawn and not self.as_table.isChecked())
        self.legend.setVisible(self.chart.isVisibleTo(self.inner))
        self.legend.setText(str(_("▲ garbage was collected · dashed: the most so far · dotted: something else ran")))
        self._fill_table()
        self.values.show_rows(vital_words.rows(latest, self._vitals.peak) if latest is not None else [])

    def _fill_table(self) -> None:
        if not self.as_table.isChecked():
            self.table.show_rows(())
            return
        samples = self.chart.samples
        now = samples[-1].vitals.at if samples else 0.0
        self.table.show_rows([
            (
                str(_("{time} ago", time=time_text(round(now - one.vitals.at)))), size_text(one.vitals.heap_used or 0),
                size_text(one.vitals.heap_free or 0), str(_("garbage was collected")) if one.collected else "",
            )
            for one in reversed(samples)
        ])  # fmt: skip
