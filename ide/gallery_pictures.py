"""The gallery's small pictures: drawn with the colours of the theme, so that they fit light, dark and contrast."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap, QPolygonF

from ide.themes import Themes

#: Width and height in pixels of the screen's own measure.
SIZE = (72, 48)


def picture(name: str, themes: Themes, ratio: float = 1.0) -> QPixmap:
    """One picture; ``ratio``: device pixels a pixel. An unknown name gives the plainest one."""
    pixmap = QPixmap(round(SIZE[0] * ratio), round(SIZE[1] * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(QColor(0, 0, 0, 0))
    painter = QPainter(pixmap)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(themes.color("line"), 1))
        painter.setBrush(themes.color("window"))
        painter.drawRoundedRect(QRectF(0.5, 0.5, SIZE[0] - 1, SIZE[1] - 1), 4, 4)
        _DRAWN.get(name, _library)(painter, themes)
    finally:
        painter.end()
    return pixmap


def _box(painter: QPainter, themes: Themes, area: QRectF, words: str, token: str) -> None:
    painter.setPen(QPen(themes.color(token), 1.5))
    painter.setBrush(themes.color("panel"))
    painter.drawRoundedRect(area, 3, 3)
    font = painter.font()
    font.setPixelSize(11)
    font.setBold(True)
    painter.setFont(font)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)


def _call(painter: QPainter, themes: Themes) -> None:
    """Python, an arrow, C."""
    _box(painter, themes, QRectF(7, 14, 20, 20), "Py", "function")
    _box(painter, themes, QRectF(45, 14, 20, 20), "C", "accent")
    painter.setPen(QPen(themes.color("text"), 1.5))
    painter.drawLine(QPointF(30, 24), QPointF(41, 24))
    painter.drawPolyline(QPolygonF([QPointF(37, 20), QPointF(41, 24), QPointF(37, 28)]))


def _mixed(painter: QPainter, themes: Themes) -> None:
    """Two that overlap."""
    _box(painter, themes, QRectF(12, 8, 30, 22), "C", "accent")
    _box(painter, themes, QRectF(30, 18, 30, 22), "Py", "function")


def _race(painter: QPainter, themes: Themes) -> None:
    """Four bars."""
    painter.setPen(Qt.PenStyle.NoPen)
    for at, (color, width) in enumerate(zip(themes.theme.race, (6, 12, 30, 54), strict=False)):
        painter.setBrush(QColor(color))
        painter.drawRect(QRectF(9, 8 + 9 * at, width, 6))


def _wave(painter: QPainter, themes: Themes) -> None:
    """A noisy line, and a smooth one through it."""
    smooth = [QPointF(x, 24 - 12 * math.sin(x / 12)) for x in range(7, 66)]
    noisy = [QPointF(p.x(), p.y() + (5 if at % 4 < 2 else -5)) for at, p in enumerate(smooth)]
    for points, token, width in ((noisy, "muted", 0.8), (smooth, "accent", 2.0)):
        painter.setPen(QPen(themes.color(token), width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))


def _pulse(painter: QPainter, themes: Themes) -> None:
    """Short pulses and long ones."""
    points, x = [QPointF(6, 34)], 8.0
    for width in (4, 9, 4, 4, 9, 9):
        points += [QPointF(x, 34), QPointF(x, 13), QPointF(x + width, 13), QPointF(x + width, 34)]
        x += width + (3 if width == 9 else 4)
    painter.setPen(QPen(themes.color("accent"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF([*points, QPointF(66, 34)]))


def _text(painter: QPainter, themes: Themes) -> None:
    """Lines of words, one of them found."""
    painter.setPen(Qt.PenStyle.NoPen)
    lines = (((8, 20), (31, 10), (44, 20)), ((8, 12), (23, 22), (48, 14)), ((8, 28), (39, 16)))
    for row, words in enumerate(lines):
        for column, (x, width) in enumerate(words):
            painter.setBrush(themes.color("accent" if (row, column) == (1, 1) else "line"))
            painter.drawRoundedRect(QRectF(x, 11 + 11 * row, width, 5), 2, 2)


def _ring(painter: QPainter, themes: Themes) -> None:
    """A ring of eight places, three of them taken."""
    area = QRectF(20, 8, 32, 32)
    for at in range(8):
        color = QBrush(themes.color("accent" if at < 3 else "line"))
        painter.setPen(QPen(color, 6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawArc(area, 16 * (90 - 45 * at), -16 * 38)


def _library(painter: QPainter, themes: Themes) -> None:
    """Books."""
    painter.setPen(QPen(themes.color("text"), 1))
    for at, (height, token) in enumerate(((26, "line"), (30, "accent"), (24, "line"), (28, "line"))):
        painter.setBrush(themes.color(token))
        painter.drawRect(QRectF(17 + 9 * at, 39 - height, 8, height))


def _chip(painter: QPainter, themes: Themes, words: str = "C", token: str = "accent") -> None:
    """A chip with something in it."""
    painter.setPen(QPen(themes.color("text"), 2))
    for at in range(4):
        for y, end in ((6, 10), (38, 42)):
            painter.drawLine(QPointF(24 + 8 * at, y), QPointF(24 + 8 * at, end))
    _box(painter, themes, QRectF(17, 10, 38, 28), words, token)


def _frozen(painter: QPainter, themes: Themes) -> None:
    """A chip with Python in it."""
    _chip(painter, themes, "Py", "function")


_DRAWN: dict[str, Callable[[QPainter, Themes], None]] = {
    "call": _call,
    "mixed": _mixed,
    "race": _race,
    "wave": _wave,
    "pulse": _pulse,
    "text": _text,
    "ring": _ring,
    "library": _library,
    "chip": _chip,
    "frozen": _frozen,
}
