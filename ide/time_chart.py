"""The heap of the last minutes as a line: small in the strip above the console, large with its scale in the panel."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ide.themes import Themes
from ide.vitals import MINUTES_S, BoardVitals, Sample
from toolchains.text import _, _n, sentences
from toolchains.units import size_text, time_text

_SMALL, _LARGE = QSize(72, 18), QSize(240, 120)
#: Round numbers of a scale: 1, 2, 5 and their multiples by 10 would not be round in kB.
_STEPS = (1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768)
_ROOM = 1.15
#: The shortest time that is drawn, in s: at first there is not much.
_SHORTEST_S = 60.0
_MARK = 4.0


def top_of(largest: int) -> int:
    """The end of a scale for this many bytes: a round number with some room above."""
    wanted, unit = max(1.0, largest * _ROOM), 1
    while wanted > _STEPS[-1] * unit:
        unit *= 1024
    return int(next(step * unit for step in _STEPS if step * unit >= wanted))


class TimeChart(QWidget):
    """Draws what :class:`BoardVitals` has. ``small``: the line alone, from its lowest to its highest."""

    def __init__(self, vitals: BoardVitals, themes: Themes, parent: QWidget, *, small: bool = False) -> None:
        super().__init__(parent)
        self._vitals, self._themes, self._small = vitals, themes, small
        self._size = _SMALL if small else _LARGE
        self.setMinimumSize(self._size)
        policy = QSizePolicy.Policy.Fixed if small else QSizePolicy.Policy.Expanding
        self.setSizePolicy(policy, QSizePolicy.Policy.Fixed if small else QSizePolicy.Policy.MinimumExpanding)
        self.setMouseTracking(True)
        themes.changed.connect(self.update)
        vitals.changed.connect(self._renew)

    def sizeHint(self) -> QSize:
        """Small or large."""
        return self._size

    def _renew(self) -> None:
        if self.isVisible():
            self.setAccessibleDescription(self.words())
            self.update()

    # --- what is drawn --------------------------------------------------------------------------------------------

    @property
    def samples(self) -> list[Sample]:
        """Those that tell of the heap."""
        return [one for one in self._vitals.history if one.vitals.heap_used is not None]

    def words(self) -> str:
        """What the line says, for who cannot see it."""
        samples, peak = self.samples, self._vitals.peak
        if not samples or peak is None:
            return ""
        used = samples[-1].vitals.heap_used
        now = _("The heap holds {size}, the most was {peak}.", size=size_text(used or 0), peak=size_text(peak))
        times = sum(one.collected for one in samples)
        return (
            sentences(now, _n("Garbage was collected once.", "Garbage was collected {n} times.", times))
            if times
            else str(now)
        )

    def _field(self) -> QRectF:
        if self._small:
            return QRectF(1, 2, self.width() - 2, self.height() - 4)
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance(size_text(self._top())) + 8
        high = metrics.height()
        return QRectF(left, high / 2 + 2, self.width() - left - 6, self.height() - 1.5 * high - 8)

    def _top(self) -> int:
        return top_of(self._vitals.peak or 0)

    def _scale(self, samples: Sequence[Sample]) -> tuple[int, int]:
        """The bytes at the bottom and at the top."""
        if not self._small:
            return 0, self._top()
        used = [one.vitals.heap_used or 0 for one in samples]
        low, high = min(used), max(used)
        return low - max(1, (high - low) // 8), high + max(1, (high - low) // 8)

    @property
    def span(self) -> float:
        """How many seconds the chart is wide."""
        samples = self.samples
        age = samples[-1].vitals.at - samples[0].vitals.at if samples else 0.0
        return min(MINUTES_S, max(_SHORTEST_S, age))

    def points(self) -> list[QPointF]:
        """Where the samples are, the oldest first."""
        samples, field = self.samples, self._field()
        if not samples:
            return []
        (low, high), now, span = self._scale(samples), samples[-1].vitals.at, self.span
        return [
            QPointF(
                field.right() - field.width() * (now - one.vitals.at) / span,
                field.bottom() - field.height() * ((one.vitals.heap_used or 0) - low) / max(1, high - low),
            )
            for one in samples
        ]

    # --- drawing --------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The scale, the line, its peak, and where garbage was collected."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        field, points, samples = self._field(), self.points(), self.samples
        if self._small:
            painter.setPen(QPen(self._themes.color("line"), 1))
            painter.drawLine(field.bottomLeft(), field.bottomRight())
        else:
            self._paint_scale(painter, field)
        for piece in _pieces(samples, points):
            self._paint_piece(painter, field, piece)
        self._paint_gaps(painter, samples, points)
        for one, point in zip(samples, points, strict=True):
            if one.collected:
                self._paint_mark(painter, QPointF(point.x(), field.bottom()))
        painter.end()

    def _paint_scale(self, painter: QPainter, field: QRectF) -> None:
        color, top, right = self._themes.color, self._top(), int(Qt.AlignmentFlag.AlignRight)
        high = painter.fontMetrics().height()
        for part in (0.0, 0.5, 1.0):
            y = field.bottom() - part * field.height()
            painter.setPen(QPen(color("line"), 1))
            painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))
            painter.setPen(color("muted"))
            place = QRectF(0, y - high / 2, field.left() - 6, high)
            painter.drawText(place, right | int(Qt.AlignmentFlag.AlignVCenter), size_text(part * top))
        below = QRectF(field.left(), field.bottom() + 4, field.width(), high)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignLeft), str(_("{time} ago", time=time_text(round(self.span)))))
        painter.drawText(below, right, str(_("now")))
        peak = self._vitals.peak
        if peak:
            y = field.bottom() - field.height() * peak / max(1, top)
            painter.setPen(QPen(color("amber"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))

    def _paint_piece(self, painter: QPainter, field: QRectF, points: Sequence[QPointF]) -> None:
        line = self._themes.color("accent")
        under = QColor(line)
        under.setAlpha(50)
        ground = [QPointF(points[-1].x(), field.bottom()), QPointF(points[0].x(), field.bottom())]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(under)
        painter.drawPolygon(QPolygonF([*points, *ground]))
        painter.setPen(QPen(line, 1.5))
        painter.drawPolyline(QPolygonF(points))
        painter.setBrush(line)
        painter.drawEllipse(points[-1], 1.5, 1.5)

    def _paint_gaps(self, painter: QPainter, samples: Sequence[Sample], points: Sequence[QPointF]) -> None:
        """Something else had the board in between."""
        painter.setPen(QPen(self._themes.color("muted"), 1, Qt.PenStyle.DotLine))
        for one, before, point in zip(samples[1:], points, points[1:], strict=False):
            if not one.joined:
                painter.drawLine(before, point)

    def _paint_mark(self, painter: QPainter, foot: QPointF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._themes.color("green"))
        size = 2.0 if self._small else _MARK
        corners = [foot, foot + QPointF(-size, -1.5 * size), foot + QPointF(size, -1.5 * size)]
        painter.drawPolygon(QPolygonF(corners))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what was measured there."""
        points = self.points()
        if self._small or not points:
            super().mouseMoveEvent(event)
            return
        nearest = min(range(len(points)), key=lambda at: abs(points[at].x() - event.position().x()))
        QToolTip.showText(event.globalPosition().toPoint(), self.told(nearest), self)

    def told(self, at: int) -> str:
        """One sample in words."""
        samples = self.samples
        one, now = samples[at], samples[-1].vitals.at
        free = size_text(one.vitals.heap_free or 0)
        ago = time_text(round(now - one.vitals.at)) if now - one.vitals.at >= 1 else ""
        when = str(_("{time} ago", time=ago) if ago else _("now"))
        said = _("{when}: {used} used, {free} free", when=when, used=size_text(one.vitals.heap_used or 0), free=free)
        return f"{said}\n{_('Garbage was collected.')}" if one.collected else str(said)


def _pieces(samples: Sequence[Sample], points: Sequence[QPointF]) -> list[list[QPointF]]:
    """The points that a line joins."""
    pieces: list[list[QPointF]] = []
    for one, point in zip(samples, points, strict=True):
        if one.joined and pieces:
            pieces[-1].append(point)
        else:
            pieces.append([point])
    return pieces
