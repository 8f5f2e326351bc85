"""The layout of a flash as a bar drawn to scale, with its legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolTip, QWidget

from ide.context import IdeContext
from ide.flow import Flow
from ide.words import bind
from toolchains.text import Text, _
from toolchains.units import size_text

Kind = Literal["boot", "app", "files", "data"]

KINDS: tuple[tuple[Kind, Text], ...] = (
    ("boot", _("loader and table")), ("app", _("firmware")), ("files", _("files")), ("data", _("settings and more")),
)  # fmt: skip
#: A colour of the theme and a pattern, so that nobody has to tell colours apart.
_LOOKS: dict[Kind, tuple[str, Qt.BrushStyle]] = {
    "boot": ("muted", Qt.BrushStyle.DiagCrossPattern),
    "app": ("accent", Qt.BrushStyle.SolidPattern),
    "files": ("green", Qt.BrushStyle.BDiagPattern),
    "data": ("amber", Qt.BrushStyle.Dense5Pattern),
}
_HEIGHT = 26


@dataclass(frozen=True)
class Piece:
    """A part of the flash, in bytes. ``wrong``: somebody complains of it; ``current``: the chosen row."""

    name: str
    offset: int
    size: int
    kind: Kind
    wrong: bool = False
    current: bool = False

    @property
    def words(self) -> str:
        """For a tooltip and for who cannot see it."""
        return f"{self.name} 0x{self.offset:x} – 0x{self.offset + self.size:x} ({size_text(self.size)})"


class FlashBar(QWidget):
    """One bar. What is free is left empty; what reaches beyond the end of the flash is cut off with a red edge."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.pieces: Sequence[Piece] = ()
        self.total = 0
        self.setMinimumHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        ctx.themes.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(200, _HEIGHT)

    def show_pieces(self, pieces: Sequence[Piece], total: int) -> None:
        """Draw these in ``total`` bytes of flash."""
        self.pieces, self.total = tuple(pieces), total
        self.setAccessibleDescription(", ".join(piece.words for piece in pieces))
        self.update()

    def place(self, piece: Piece) -> QRectF:
        """Where a piece is drawn; a thin one is still seen."""
        width = self.width() - 1
        left = width * min(piece.offset, self.total) / max(1, self.total)
        right = width * min(piece.offset + piece.size, self.total) / max(1, self.total)
        return QRectF(left + 0.5, 0.5, max(2.0, right - left), self.height() - 1)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """All of it."""
        painter, color = QPainter(self), self._ctx.themes.color
        painter.fillRect(self.rect(), color("panel"))
        painter.setPen(QPen(color("line"), 1))
        painter.drawRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1))
        for piece in self.pieces:
            self._paint(painter, piece)
        painter.end()

    def _paint(self, painter: QPainter, piece: Piece) -> None:
        color, place = self._ctx.themes.color, self.place(piece)
        fill(painter, place, color(_LOOKS[piece.kind][0]), _LOOKS[piece.kind][1])
        edge = "red" if piece.wrong else "text" if piece.current else "panel"
        painter.setPen(QPen(color(edge), 3 if piece.wrong or piece.current else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place)
        label = piece.name
        metrics = painter.fontMetrics()
        wide = metrics.horizontalAdvance(label) + 8
        if wide <= place.width():
            plate = QRectF(place.left() + 3, place.top() + 4, wide, place.height() - 8)
            painter.fillRect(plate, color("panel"))
            painter.setPen(color("text"))
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, label)

    def at(self, place: QPointF) -> Piece | None:
        """What is drawn there."""
        return next((piece for piece in reversed(self.pieces) if self.place(piece).contains(place)), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what it is."""
        piece = self.at(event.position())
        if piece is not None:
            QToolTip.showText(event.globalPosition().toPoint(), piece.words, self)
        else:
            QToolTip.hideText()


def fill(painter: QPainter, place: QRectF, color: QColor, pattern: Qt.BrushStyle) -> None:
    """A colour with a pattern of its own on a paler ground."""
    ground = QColor(color)
    ground.setAlpha(70)
    painter.fillRect(place, ground)
    painter.fillRect(place, QBrush(color, pattern))


class Swatch(QWidget):
    """One colour of the legend."""

    def __init__(self, ctx: IdeContext, kind: Kind, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx, self._kind = ctx, kind
        self.setFixedSize(18, 12)
        ctx.themes.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """As in the bars."""
        painter = QPainter(self)
        token, pattern = _LOOKS[self._kind]
        fill(painter, QRectF(self.rect()), self._ctx.themes.color(token), pattern)
        painter.end()


def legend(ctx: IdeContext, parent: QWidget) -> QWidget:
    """What the colours mean, in as many lines as it needs."""
    holder = QWidget(parent)
    flow = Flow(holder)
    for kind, title in KINDS:
        entry = QWidget(holder)
        inner = QGridLayout(entry)
        inner.setContentsMargins(0, 0, 8, 0)
        inner.addWidget(Swatch(ctx, kind, entry), 0, 0)
        name = QLabel(entry)
        name.setProperty("role", "muted")
        bind(name, "setText", title)
        inner.addWidget(name, 0, 1)
        flow.addWidget(entry)
    return holder
