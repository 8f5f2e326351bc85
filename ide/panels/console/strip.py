"""One line above the console: what the board has left, as much of it as fits, a small chart, and a pause."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from ide import vital_words
from ide.context import IdeContext
from ide.time_chart import TimeChart
from ide.words import bind, words
from toolchains.text import Text, _

_DOT = " · "


class Line(QWidget):
    """Parts of a line, the first ones first; those that do not fit are left out, and are in the tooltip."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.parts: list[str] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        """All of it."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(_DOT.join(self.parts)) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        """Nothing, in width."""
        return QSize(0, self.fontMetrics().height())

    def show_parts(self, parts: list[str], more: str) -> None:
        """Show these; ``more`` is said to whoever points at it."""
        self.parts = parts
        self.setAccessibleDescription(_DOT.join(parts))
        self.setToolTip(more)
        self.updateGeometry()
        self.update()

    def fitting(self) -> str:
        """What is shown now."""
        count = len(self.parts)
        while count > 1 and self.fontMetrics().horizontalAdvance(_DOT.join(self.parts[:count])) > self.width():
            count -= 1
        return _DOT.join(self.parts[:count])

    def paintEvent(self, _event: QPaintEvent) -> None:
        """At the right, beside the chart."""
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        said = self.fontMetrics().elidedText(self.fitting(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), said)
        painter.end()


class BoardStrip(QWidget):
    """In the console's row of buttons. A click on it opens the board's panel."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx, self._vitals = ctx, ctx.vitals
        self.line = Line(self)
        bind(self.line, "setAccessibleName", _("What the board has left"))
        self.chart = TimeChart(ctx.vitals, ctx.themes, self, small=True)
        bind(self.chart, "setAccessibleName", _("The heap in the last minutes"))
        self.pause = QToolButton(self)
        self.pause.setObjectName("board.vitals")
        self.pause.setCheckable(True)
        self.pause.setProperty("flat", True)
        self.pause.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        bind(self.pause, "setText", _("Pause"))
        bind(self.pause, "setAccessibleName", _("Stop asking for the board's memory"))
        self.pause.clicked.connect(self._turn)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self.chart)
        row.addWidget(self.pause)
        self.line.setCursor(Qt.CursorShape.PointingHandCursor)
        ctx.vitals.seen_in(self)
        ctx.vitals.changed.connect(self.render)
        ctx.board.changed.connect(self.render)
        words.changed.connect(self.render)
        self.render()

    def _turn(self) -> None:
        """As the command ``board.pause_vitals`` does."""
        self._vitals.pause(not self._vitals.paused)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """More of it is in the panel."""
        if event.button() == Qt.MouseButton.LeftButton and self._vitals.latest is not None:
            self._ctx.layout.show_panel("board")
        super().mousePressEvent(event)

    def render(self) -> None:
        """The board answered, went, or is not to be asked."""
        latest, paused = self._vitals.latest, self._vitals.paused
        here = self._ctx.board.connected
        self.pause.setVisible(here)
        self.pause.setChecked(paused)
        hint: Text = _("Ask for the board's memory again") if paused else _("Stop asking for the board's memory")
        self.pause.setToolTip(str(hint))
        if latest is None or not here:
            self.chart.hide()
            self.line.show_parts([], self._trouble())
            return
        parts = [str(part) for part in vital_words.short(latest)]
        if paused:
            parts.append(str(_("paused")))
        identity = self._ctx.board.identity
        who = vital_words.who(identity) if identity is not None else ""
        self.chart.setVisible(bool(self.chart.samples))
        rows = "\n".join(f"{name}: {value}" for name, value in vital_words.rows(latest, self._vitals.peak))
        self.line.show_parts(
            [*parts, *(who.split(_DOT) if who else ())], "\n".join(filter(None, (who, rows, self._trouble())))
        )
        self.chart.setToolTip(self.chart.words())

    def _trouble(self) -> str:
        return str(self._vitals.error) if self._vitals.error is not None else ""
