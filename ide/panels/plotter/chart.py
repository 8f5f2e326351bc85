"""The curves, drawn with the window's own means: no more numbers than there are dots on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ide.board.plot_table import Column, Span, Table, number_text
from ide.panels.plotter.window_of import Part, elapsed, label, scale, with_room
from ide.themes import Themes
from toolchains.text import _

#: Tokens of the curves' colours, in order; then again with dashes.
COLORS = ("type", "string", "green", "keyword", "red", "function", "number", "amber")
DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
#: Parts that are measured for all curves together, in one picture.
_MOST_PARTS = 4000
_ZOOM, _PAN = 1.25, 0.2
_WIDE = 1.6
#: Points of all curves together that are joined by smooth lines; of more it takes too long.
_SMOOTH = 3000
#: Dots are drawn where one point has so many dots of the screen for itself.
_DOT_EVERY = 10


class Chart(QWidget):
    """Draws a :class:`Table`. ``moved``: another part of it is looked at."""

    moved = Signal()

    def __init__(self, table: Table, themes: Themes, parent: QWidget) -> None:
        super().__init__(parent)
        self._table, self._themes = table, themes
        self.part = Part()
        #: The ends of the upright axis; None: those of what is seen.
        self.fixed: tuple[float, float] | None = None
        self.hidden: set[int] = set()
        #: Below the curves stands when a point came, instead of its number.
        self.timed = False
        self._dragged: float | None = None
        self._pointed: QPointF | None = None
        self.setMinimumSize(160, 80)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        themes.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """What it likes to have."""
        return QSize(480, 200)

    # --- what is seen ---------------------------------------------------------------------------------------------

    @property
    def seen(self) -> tuple[float, float]:
        """The numbers of the points at the left and at the right."""
        return self.part.range(self._table.first, self._table.n_rows)

    def curves(self) -> list[tuple[int, Column]]:
        """The curves that are not hidden, with their numbers."""
        return [(n, column) for n, column in enumerate(self._table.columns) if n not in self.hidden]

    def pen(self, number: int, width: float = _WIDE) -> QPen:
        """How a curve is drawn."""
        color = self._themes.color(COLORS[number % len(COLORS)])
        return QPen(color, width, DASHES[number // len(COLORS) % len(DASHES)])

    def _change(self) -> None:
        self.update()
        self.moved.emit()

    def zoom(self, factor: float, at: float = 1.0) -> None:
        """See more points or fewer."""
        self.part.zoom(factor, at, self._table.first, self._table.n_rows)
        self._change()

    def pan(self, share: float) -> None:
        """See earlier or later points."""
        self.part.pan(share, self._table.first, self._table.n_rows)
        self._change()

    def show_all(self) -> None:
        """See every point."""
        self.part.all(self._table.first, self._table.n_rows)
        self._change()

    def follow(self) -> None:
        """Move along with what comes."""
        self.part.follow()
        self._change()

    # --- drawing --------------------------------------------------------------------------------------------------

    def _field(self) -> QRectF:
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance("\u2212888\u202f888.8") + 10
        return QRectF(left, 6, max(1, self.width() - left - 20), max(1, self.height() - metrics.height() - 14))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Scales, curves, and the values under the mouse."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._themes.color("panel"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        field, curves = self._field(), self.curves()
        begin, end = self.seen
        first = self._table.first
        parts = self._n_parts(field, end - begin, len(curves))
        spans = {n: column.spans(begin - first, end + 1 - first, parts) for n, column in curves} if parts else {}
        low, high = self.fixed or self._bounds(spans, curves, begin, end)
        self._paint_scales(painter, field, (low, high), (begin, end))
        painter.setClipRect(field.adjusted(-1, -1, 1, 1))
        height = field.height() / (high - low)
        many = len(curves) * min(end - begin, self._table.n_rows) > _SMOOTH
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not many)
        for number, column in curves:
            pen = self.pen(number, 1.0 if many else _WIDE)
            painter.setPen(pen)
            if parts:
                _paint_spans(painter, field, spans[number], low, height)
            else:
                self._paint_points(painter, field, column, (begin, end), (low, height), pen.color())
        painter.setClipping(False)
        self._paint_pointed(painter, field)
        painter.end()

    def _n_parts(self, field: QRectF, n_rows: float, n_curves: int) -> int:
        """How many parts are drawn of each curve; 0: each of its points is."""
        most = int(min(field.width(), _MOST_PARTS / max(1, n_curves)))
        return most if n_rows > 2 * most else 0

    def _bounds(
        self, spans: dict[int, list[Span]], curves: Sequence[tuple[int, Column]], begin: float, end: float
    ) -> tuple[float, float]:
        """The ends of the upright axis for what is seen."""
        first = self._table.first
        seen = [one for found in spans.values() for one in found] or [
            one for _n, column in curves for one in column.spans(begin - first, end + 1 - first, 1)
        ]
        low = min((one.low for one in seen), default=1.0)
        high = max((one.high for one in seen), default=0.0)
        return with_room(low, high)

    def _paint_scales(
        self, painter: QPainter, field: QRectF, bounds: tuple[float, float], seen: tuple[float, float]
    ) -> None:
        low, high = bounds
        metrics, color = painter.fontMetrics(), self._themes.color
        lines = scale(low, high, max(2, int(field.height() / (metrics.height() * 2.2))))
        step = lines[1] - lines[0] if len(lines) > 1 else high - low
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for value in lines:
            y = field.bottom() - (value - low) / (high - low) * field.height()
            painter.setPen(QPen(color("line"), 1))
            painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))
            painter.setPen(color("muted"))
            place = QRectF(0, y - metrics.height() / 2, field.left() - 6, metrics.height())
            painter.drawText(place, right, label(value, step).replace("-", "\u2212"))
        begin, end = seen
        numbers = [n for n in scale(begin, end, max(2, int(field.width() / 90))) if n.is_integer()]
        for value in numbers:
            x = field.left() + (value - begin) / max(1.0, end - begin) * field.width()
            painter.setPen(QPen(color("line"), 1))
            painter.drawLine(QPointF(x, field.bottom()), QPointF(x, field.bottom() + 4))
            painter.setPen(color("muted"))
            place = QRectF(x - 50, field.bottom() + 4, 100, metrics.height())
            painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter), self._below(int(value)))

    def _below(self, row: int) -> str:
        """What stands below a point."""
        if not self.timed:
            return label(row, 1.0)
        there = self._table.first <= row < self._table.first + self._table.n_rows
        return elapsed(self._table.time_of(row)) if there else ""

    def _paint_points(
        self, painter: QPainter, field: QRectF, column: Column, seen: tuple[float, float],
        across: tuple[float, float], color: QColor,
    ) -> None:  # fmt: skip
        """Each point that is seen, and the one at either side; a gap parts the line."""
        (begin, end), (low, height), first = seen, across, self._table.first
        step = field.width() / max(1.0, end - begin)
        rows = range(max(0, int(begin - first)), min(len(column.values), int(end - first) + 2))
        pieces: list[QPolygonF] = [QPolygonF()]
        for row in rows:
            value = column.values[row]
            if value != value:
                pieces.append(QPolygonF())
                continue
            x = field.left() + (row + first - begin) * step
            pieces[-1].append(QPointF(x, field.bottom() - (value - low) * height))
        for piece in pieces:
            painter.drawPolyline(piece)
            if step >= _DOT_EVERY or piece.size() == 1:
                painter.setBrush(color)
                for at in range(piece.size()):
                    painter.drawEllipse(piece.at(at), 2.5, 2.5)
                painter.setBrush(Qt.BrushStyle.NoBrush)

    # --- what is under the mouse ------------------------------------------------------------------------------------

    def row_at(self, x: float) -> int | None:
        """The number of the point at this place of the picture."""
        field, (begin, end) = self._field(), self.seen
        row = round(begin + (x - field.left()) / field.width() * (end - begin))
        return row if self._table.first <= row < self._table.first + self._table.n_rows else None

    def values_at(self, row: int) -> str:
        """The values of a point, as one line a curve."""
        titles = self._table.titles()
        lines = [str(_("point {n}, after {time}", n=row, time=elapsed(self._table.time_of(row))))]
        for number, column in self.curves():
            value = column.values[row - self._table.first]
            lines.append(f"{titles[number]}: {'–' if value != value else number_text(value)}")
        return "\n".join(lines)

    def _paint_pointed(self, painter: QPainter, field: QRectF) -> None:
        if self._pointed is None or not field.contains(self._pointed):
            return
        painter.setPen(QPen(self._themes.color("muted"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(self._pointed.x(), field.top()), QPointF(self._pointed.x(), field.bottom()))

    # --- hands ----------------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the mouse; sideways: earlier and later."""
        turn = event.angleDelta()
        if turn.y():
            field = self._field()
            at = min(1.0, max(0.0, (event.position().x() - field.left()) / field.width()))
            self.zoom(_ZOOM if turn.y() < 0 else 1 / _ZOOM, 1.0 if self.part.live and at > 0.9 else at)
        elif turn.x():
            self.pan(_PAN if turn.x() < 0 else -_PAN)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the curves."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragged = event.position().x()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move them, or tell the values."""
        x = event.position().x()
        if self._dragged is not None:
            share, self._dragged = (self._dragged - x) / self._field().width(), x
            self.pan(share)
            return
        self._pointed = event.position()
        row = self.row_at(x)
        QToolTip.showText(event.globalPosition().toPoint(), "" if row is None else self.values_at(row), self)
        self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._dragged = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Follow what comes."""
        self.follow()

    def leaveEvent(self, _event: object) -> None:
        """Nothing is pointed at."""
        self._pointed = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Plus and minus zoom, the arrows move, Home shows all, End follows."""
        keys = {
            Qt.Key.Key_Plus: lambda: self.zoom(1 / _ZOOM), Qt.Key.Key_Equal: lambda: self.zoom(1 / _ZOOM),
            Qt.Key.Key_Minus: lambda: self.zoom(_ZOOM), Qt.Key.Key_Left: lambda: self.pan(-_PAN),
            Qt.Key.Key_Right: lambda: self.pan(_PAN), Qt.Key.Key_Home: self.show_all, Qt.Key.Key_End: self.follow,
        }  # fmt: skip
        act = keys.get(Qt.Key(event.key()))
        if act is None:
            super().keyPressEvent(event)
        else:
            act()


def _paint_spans(painter: QPainter, field: QRectF, spans: Sequence[Span], low: float, height: float) -> None:
    """Of many points: an upright line from the lowest to the highest of each part, up to that of its neighbour.

    Without smoothing: a smooth line as dense as this takes 30 ms a curve, this one 1.
    """
    pen = QPen(painter.pen().color(), 1)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(pen)
    step, lines, before = field.width() / max(1, len(spans)), list[QLineF](), Span()
    for at, span in enumerate(spans):
        if span.low <= span.high:
            x = field.left() + (at + 0.5) * step
            bottom, top = (
                (min(span.low, before.high), max(span.high, before.low)) if before.low <= before.high else span
            )
            lines.append(QLineF(x, field.bottom() - (bottom - low) * height, x, field.bottom() - (top - low) * height))
        before = span
    painter.drawLines(lines)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
