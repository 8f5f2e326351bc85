"""The plotter: a bar, the curves with their names, and what to print where there are none yet."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ide import controls
from ide.commands import Command
from ide.context import IdeContext
from ide.flow import Flow
from ide.page_parts import ask_save
from ide.panels.plotter import saving
from ide.panels.plotter.chart import Chart
from ide.panels.plotter.feed import Feed
from ide.panels.plotter.legend import Legend
from ide.words import bind, words
from toolchains.text import Text, _, _n

_EMPTY = _(
    "Numbers that the program prints are drawn here as they come: a line of numbers is a point, such as\n"
    "print(temperature, humidity, sep=', ')\n"
    "A line of names before it names the curves, and so does print('temp:', 21.5)."
)
_ZOOM = 1.25


class PlotterPanel(QWidget):
    """Draws what :class:`Feed` reads."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__()
        self._ctx = ctx
        self.feed = Feed(ctx, self)
        self.chart = Chart(self.feed.table, ctx.themes, self)
        self.legend = Legend(self.chart, ctx.themes, self)
        self.pause = self._switch(_("Pause"), _("Leave out what comes, and keep the curves as they are"))
        self.live = self._switch(_("Live"), _("Move along with what comes"))
        self.auto = QCheckBox(self)
        self.low, self.high = (self._bound(name) for name in (_("Lowest value"), _("Highest value")))
        self.count = QLabel(self)
        self.empty = self._empty()
        self.stack = QStackedWidget(self)
        for page in (self.empty, self.chart):
            self.stack.addWidget(page)
        self._lay_out()
        self._register()
        self.feed.came.connect(self._came)
        self.chart.moved.connect(self._moved)
        words.changed.connect(self._renew)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._renew()

    # --- its parts ------------------------------------------------------------------------------------------------

    def _switch(self, title: Text, hint: Text) -> QToolButton:
        button = controls.button(self, title, lambda: None)
        button.setCheckable(True)
        bind(button, "setToolTip", hint)
        return button

    def _bound(self, name: Text) -> QLineEdit:
        line = controls.field(self, name)
        line.setMaximumWidth(90)
        line.textEdited.connect(lambda _text: self._fix())
        line.hide()
        return line

    def _empty(self) -> QLabel:
        label = QLabel(self)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setWordWrap(True)
        label.setProperty("role", "muted")
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        bind(label, "setText", _EMPTY)
        return label

    def _lay_out(self) -> None:
        bind(self.auto, "setText", _("Automatic scale"))
        bind(self.auto, "setToolTip", _("The upright axis ends where the curves do; else where you say"))
        self.auto.setChecked(True)
        self.auto.toggled.connect(lambda _on: self._fix())
        self.pause.toggled.connect(self._paused)
        self.live.setChecked(True)
        self.live.clicked.connect(lambda on: self.chart.follow() if on else self._stay())
        self.timed = QCheckBox(self)
        bind(self.timed, "setText", _("Time"))
        bind(self.timed, "setToolTip", _("Below the curves: when a point came here, instead of its number"))
        self.timed.toggled.connect(self._time)
        bind(self.chart, "setAccessibleName", _("Curves"))
        bar = QWidget(self)
        row = Flow(bar)
        self.zoom_in = controls.button(bar, _("Zoom in"), lambda: self.chart.zoom(1 / _ZOOM))
        self.zoom_out = controls.button(bar, _("Zoom out"), lambda: self.chart.zoom(_ZOOM))
        self.whole = controls.button(bar, _("All"), self.chart.show_all)
        bind(self.whole, "setToolTip", _("Show every point that is kept"))
        self.clear_button = controls.button(bar, _("Clear"), self.clear)
        self.save_picture = controls.button(bar, _("Save picture…"), self.ask_picture)
        self.save_csv = controls.button(bar, _("Save CSV…"), self.ask_csv)
        for one in (self.pause, self.live, self.zoom_in, self.zoom_out, self.whole, self.clear_button, self.timed,
                    self.auto, self.low, self.high, self.save_picture, self.save_csv, self.count):  # fmt: skip
            one.setParent(bar)
            one.setMinimumHeight(self.pause.sizeHint().height())
            row.addWidget(one)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 4, 8, 4)
        outer.setSpacing(4)
        outer.addWidget(bar)
        outer.addWidget(self.legend)
        outer.addWidget(self.stack, 1)

    def _register(self) -> None:
        def there() -> bool:
            return self.feed.table.n_rows > 0

        self._ctx.commands.register(
            Command("plotter.pause", _("Plotter: pause or go on"), self.pause.toggle),
            Command("plotter.clear", _("Plotter: clear"), self.clear, enabled=there),
            Command("plotter.all", _("Plotter: show all points"), self.chart.show_all, enabled=there),
            Command("plotter.live", _("Plotter: follow what comes"), self.chart.follow, enabled=there),
            Command("plotter.picture", _("Plotter: save as a picture"), self.ask_picture, enabled=there),
            Command("plotter.csv", _("Plotter: save as CSV"), self.ask_csv, enabled=there),
        )

    # --- what happens ---------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Read what came meanwhile."""
        super().showEvent(event)
        self.feed.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: nothing is read."""
        super().hideEvent(event)
        self.feed.watch(False)

    def clear(self) -> None:
        """Begin anew."""
        self.feed.clear()
        self.chart.hidden.clear()
        self.chart.follow()
        self._renew()

    def _came(self) -> None:
        self._renew()
        self.chart.update()

    def _renew(self) -> None:
        table = self.feed.table
        there = table.n_rows > 0
        self.stack.setCurrentWidget(self.chart if there else self.empty)
        self.setFocusProxy(self.chart if there else self.pause)
        self.legend.renew(table)
        for one in (self.live, self.zoom_in, self.zoom_out, self.whole, self.clear_button, self.auto, self.save_picture,
                    self.save_csv):  # fmt: skip
            one.setEnabled(there)
        self.count.setVisible(there)
        bind(self.count, "setText", _n("{n} point", "{n} points", table.first + table.n_rows))
        if there:
            self.chart.setAccessibleDescription(self.chart.values_at(table.first + table.n_rows - 1))

    def _moved(self) -> None:
        self.live.setChecked(self.chart.part.live)

    def _stay(self) -> None:
        self.chart.part.stay(self.feed.table.first, self.feed.table.n_rows)

    def _paused(self, on: bool) -> None:
        self.feed.paused = on
        bind(self.pause, "setText", _("Go on") if on else _("Pause"))

    def _time(self, on: bool) -> None:
        self.chart.timed = on
        self.chart.update()

    def _fix(self) -> None:
        """The ends of the upright axis, as far as they make sense."""
        auto = self.auto.isChecked()
        for line in (self.low, self.high):
            line.setVisible(not auto)
        low, high = _number(self.low.text()), _number(self.high.text())
        good = low is not None and high is not None and low < high
        self.chart.fixed = (low, high) if not auto and good else None  # type: ignore[assignment]
        self.chart.update()

    # --- saving ---------------------------------------------------------------------------------------------------

    def ask_picture(self) -> None:
        """Ask where, and save the curves as they are seen."""
        ask_save(self, _("Save picture"), "plot.png", "png", lambda path: self.save_picture_as(Path(path)))

    def ask_csv(self) -> None:
        """Ask where, and save every point that is kept."""
        ask_save(self, _("Save CSV"), "plot.csv", "csv", lambda path: self.save_csv_as(Path(path)))

    def save_picture_as(self, path: Path) -> None:
        """Save the curves as they are seen, with their names."""
        saving.save_picture(self._ctx, saving.picture(self.chart, self.legend), path)

    def save_csv_as(self, path: Path) -> None:
        """Save every point that is kept."""
        saving.save_csv(self._ctx, self.feed.table, path)


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if abs(value) < 1e300 else None
