"""A treemap: parts as rectangles, each as large as it is. The arrows walk through them; a table says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ide.themes import Themes
from toolchains.units import signed_size_text, size_text

_GAP, _MARK = 1.0, 4.0
_TINT, _TINT_DARK = 56, 80
_MOST = 2000


@dataclass(frozen=True)
class Tile:
    """A part. ``size`` and ``change`` in bytes (None: nothing to compare with); ``token`` is its group's colour."""

    group: str
    name: str
    size: int
    change: int | None = None
    token: str = "accent"

    @property
    def words(self) -> str:
        """All of it in a line."""
        change = f" ({signed_size_text(self.change)})" if self.change else ""
        return f"{self.group}: {self.name}, {size_text(self.size)}{change}" if self.name else self.group


def squarified(sizes: Sequence[float], field: QRectF) -> list[QRectF]:
    """A rectangle for each size, the largest first, that together fill the field and are as square as can be.

    By M. Bruls, K. Huizing, J. van Wijk, "Squarified Treemaps" (2000): a row along the shorter side takes more while
    its worst rectangle gets better by it.
    """
    total = sum(sizes)
    if total <= 0 or field.width() <= 0 or field.height() <= 0:
        return [QRectF() for _size in sizes]
    scale = field.width() * field.height() / total
    areas, found, left, at = [size * scale for size in sizes], list[QRectF](), QRectF(field), 0
    while at < len(areas):
        side, end = max(1e-9, min(left.width(), left.height())), at + 1
        while end < len(areas) and _worst(areas[at : end + 1], side) <= _worst(areas[at:end], side):
            end += 1
        found += _row(areas[at:end], left)
        at = end
    return found


def _worst(row: Sequence[float], side: float) -> float:
    """The proportion of the row's longest rectangle: 1 is a square."""
    whole = sum(row)
    return max(side * side * max(row) / whole**2, whole**2 / (side * side * max(1e-9, min(row))))


def _row(row: Sequence[float], left: QRectF) -> list[QRectF]:
    """One row along the shorter side; takes its room from what is ``left``."""
    whole, found = sum(row), []
    if left.width() >= left.height():
        wide, y = whole / max(1e-9, left.height()), left.top()
        for area in row:
            found.append(QRectF(left.left(), y, wide, area / max(1e-9, wide)))
            y += area / max(1e-9, wide)
        left.setLeft(min(left.right(), left.left() + wide))
    else:
        high, x = whole / max(1e-9, left.width()), left.left()
        for area in row:
            found.append(QRectF(x, left.top(), area / max(1e-9, high), high))
            x += area / max(1e-9, high)
        left.setTop(min(left.bottom(), left.top() + high))
    return found


class Treemap(QWidget):
    """``chosen(number)``: the person went to a tile, by mouse or key. Tiles of one group lie together."""

    chosen = Signal(int)

    def __init__(self, themes: Themes, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self.tiles: tuple[Tile, ...] = ()
        self._places: list[QRectF] | None = []
        self.current = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 60)
        themes.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Room for some names."""
        return QSize(320, 240)

    def show_tiles(self, tiles: Sequence[Tile]) -> None:
        """Draw these, as far as there is something of them. What was chosen stays so if it is still there."""
        before = self.tiles[self.current] if 0 <= self.current < len(self.tiles) else None
        self.tiles = tuple(tiles[:_MOST])
        same = (before.group, before.name) if before else None
        self.current = next((at for at, one in enumerate(self.tiles) if (one.group, one.name) == same), -1)
        self._unplaced()

    def go_to(self, number: int) -> None:
        """Make a tile the current one, without telling."""
        self.current = number if 0 <= number < len(self.tiles) else -1
        self.setAccessibleDescription(self.tiles[self.current].words if self.current >= 0 else "")
        self.update()

    # --- where they are -------------------------------------------------------------------------------------------

    def _unplaced(self) -> None:
        """They lie elsewhere now; where is worked out when it is drawn or asked."""
        self._places = None
        self.update()

    @property
    def places(self) -> list[QRectF]:
        """Where each tile is drawn; an empty rectangle for nothing."""
        if self._places is None:
            self._places = self._lay_out()
        return self._places

    def _lay_out(self) -> list[QRectF]:
        field = QRectF(self.rect()).adjusted(_GAP, _GAP, -_GAP, -_GAP)
        groups: dict[str, list[int]] = {}
        for number, tile in enumerate(self.tiles):
            groups.setdefault(tile.group, []).append(number)
        sums = {name: sum(self.tiles[at].size for at in members) for name, members in groups.items()}
        order = sorted(groups, key=lambda name: -sums[name])
        found = [QRectF() for _tile in self.tiles]
        for name, area in zip(order, squarified([sums[name] for name in order], field), strict=True):
            members = sorted(groups[name], key=lambda at: -self.tiles[at].size)
            members = [at for at in members if self.tiles[at].size > 0]
            places = squarified([self.tiles[at].size for at in members], area)
            for at, place in zip(members, places, strict=True):
                found[at] = place
        return found

    def at(self, point: QPointF) -> int:
        """The tile below a point; -1 for none."""
        return next((number for number, place in enumerate(self.places) if place.contains(point)), -1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another shape."""
        super().resizeEvent(event)
        self._unplaced()

    # --- drawing --------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Tiles in the tint of their group; what grew is hatched at its side, what shrank has a dashed edge."""
        painter, color = QPainter(self), self._themes.color
        painter.fillRect(self.rect(), color("panel"))
        for number, (tile, place) in enumerate(zip(self.tiles, self.places, strict=True)):
            if place.width() >= 1 and place.height() >= 1:
                self._paint(painter, tile, place.adjusted(0, 0, -_GAP, -_GAP), chosen=number == self.current)
        if self.hasFocus() and self.current < 0:
            painter.setPen(QPen(color("accent"), 1, Qt.PenStyle.DotLine))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint(self, painter: QPainter, tile: Tile, place: QRectF, *, chosen: bool) -> None:
        color = self._themes.color
        tint = QColor(color(tile.token))
        tint.setAlpha(_TINT_DARK if color("panel").lightness() < 128 else _TINT)
        painter.fillRect(place, tint)
        if tile.change:
            mark = color("amber" if tile.change > 0 else "green")
            if tile.change > 0:
                share = min(1.0, tile.change / max(1, tile.size))
                high = max(3.0, place.height() * share)
                grown = QRectF(place.left(), place.bottom() - high, place.width(), high)
                painter.fillRect(grown, QBrush(mark, Qt.BrushStyle.BDiagPattern))
            painter.setPen(QPen(mark, 1, Qt.PenStyle.SolidLine if tile.change > 0 else Qt.PenStyle.DashLine))
            painter.drawRect(place.adjusted(0.5, 0.5, -0.5, -0.5))
        if chosen:
            painter.setPen(QPen(color("accent"), 2))
            painter.drawRect(place.adjusted(1, 1, -1, -1))
        self._write(painter, tile, place.adjusted(_MARK, 2, -_MARK, -2))

    def _write(self, painter: QPainter, tile: Tile, room: QRectF) -> None:
        """Name and size, where there is room for a line of some letters."""
        metrics = self.fontMetrics()
        high = metrics.height()
        if room.height() < high or room.width() < 4 * metrics.averageCharWidth():
            return
        painter.setPen(self._themes.color("text"))
        name = metrics.elidedText(tile.name or tile.group, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop), name)
        size = size_text(tile.size) + (f"  {signed_size_text(tile.change)}" if tile.change else "")
        if room.height() >= 2 * high and metrics.horizontalAdvance(size) <= room.width():
            below = room.adjusted(0, high, 0, 0)
            painter.drawText(below, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop), size)

    # --- the person -----------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """What is below the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = self.at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.tiles[number].words if number >= 0 else "", self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to a tile."""
        self._choose(self.at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows go to the next tile that way, Home and End to the largest and the smallest."""
        key, drawn = event.key(), [at for at, place in enumerate(self.places) if not place.isEmpty()]
        ways = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
        }  # fmt: skip
        if drawn and key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._choose((min if key == Qt.Key.Key_End else max)(drawn, key=lambda at: self.tiles[at].size))
        elif drawn and key in ways:
            self._choose(self._beside(drawn, *ways[Qt.Key(key)]) if self.current in drawn else drawn[0])
        else:
            super().keyPressEvent(event)

    def _beside(self, drawn: Sequence[int], x: int, y: int) -> int:
        """The nearest tile that way; the same where there is none."""
        here = self.places[self.current].center()

        def far(at: int) -> tuple[float, float]:
            there = self.places[at].center() - here
            return there.x() * x + there.y() * y, abs(there.x() * y) + abs(there.y() * x)

        on = [at for at in drawn if far(at)[0] > 1 and at != self.current]
        return min(on, key=lambda at: far(at)[0] + 2 * far(at)[1], default=self.current)

    def _choose(self, number: int) -> None:
        if number >= 0:
            self.go_to(number)
            self.chosen.emit(number)
