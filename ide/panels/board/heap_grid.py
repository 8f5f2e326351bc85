"""A heap drawn block by block: a cell a block, in rows as wide as there is room; the mouse and the arrows ask it.

Each area is one picture with a byte a block, of which Qt paints what is in sight: its size does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QWidget

from ide.context import IdeContext

#: Sizes of a cell in pixels, for zooming.
ZOOMS = (1, 2, 3, 4, 6, 8, 12, 16)
_LINES_FROM, _LETTERS_FROM = 6, 12
_FIRST_ZOOM = 3
#: A row is so many blocks or a multiple: addresses of rows stay round.
_ROW = 16
_CAPTION_SPACE = 4
_HEIGHT = 180


@dataclass(frozen=True)
class Block:
    """One block: the number of its area, and its own in that."""

    area: int
    at: int


@dataclass(frozen=True)
class Drawn:
    """An area as it is drawn. ``data``: a byte a block, a place in the table of colours; ``letters``: its symbols."""

    title: str
    data: bytes
    letters: bytes


class HeapGrid(QAbstractScrollArea):
    """``pointed(Block)``: the mouse or the cursor came to a block; None: it left."""

    pointed = Signal(object)

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._areas: Sequence[Drawn] = ()
        self._colors: list[QColor] = []
        #: Pictures, and the bytes that they are made of, which Qt does not keep.
        self._images: list[QImage] = []
        self._bytes: list[bytes] = []
        self._zoom = _FIRST_ZOOM
        #: Another grid with which it is compared: same columns, same scrolling.
        self._partner: HeapGrid | None = None
        self.cursor_block: Block | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.viewport().setMouseTracking(True)
        ctx.themes.changed.connect(self.viewport().update)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(240, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Enough to see something."""
        return QSize(120, _HEIGHT)

    # --- what is shown --------------------------------------------------------------------------------------------

    def show_areas(self, areas: Sequence[Drawn], colors: Sequence[QColor]) -> None:
        """Draw these, with these colours."""
        self._areas, self._colors = areas, list(colors)
        self._images = []
        if self.cursor_block is not None and not self._has(self.cursor_block):
            self.cursor_block = None
        self._lay_out()

    def _has(self, block: Block) -> bool:
        return block.area < len(self._areas) and 0 <= block.at < len(self._areas[block.area].data)

    @property
    def cell(self) -> int:
        """Pixels of a block's side."""
        return ZOOMS[self._zoom]

    @property
    def columns(self) -> int:
        """Blocks of a row."""
        partner = self._partner
        width = self.viewport().width()
        if partner is not None and partner.isVisibleTo(self.parentWidget()):
            width = min(width, partner.viewport().width())
        fitting = max(1, width // self.cell)
        return fitting // _ROW * _ROW or fitting

    def pair(self, other: HeapGrid) -> None:
        """What is compared scrolls together, in rows of the same length."""
        for one, two in ((self, other), (other, self)):
            one._partner = two
            one.verticalScrollBar().valueChanged.connect(two.verticalScrollBar().setValue)

    def zoom(self, steps: int) -> None:
        """Larger or smaller cells, around what is at the top now."""
        before = self._zoom
        self._zoom = min(len(ZOOMS) - 1, max(0, self._zoom + steps))
        if self._zoom != before:
            bar = self.verticalScrollBar()
            part = bar.value() / max(1, bar.maximum() + bar.pageStep())
            self._lay_out()
            bar.setValue(round(part * (bar.maximum() + bar.pageStep())))

    def fit(self) -> None:
        """The largest cells with which all of it is in sight; else the smallest."""
        for at in reversed(range(len(ZOOMS))):
            self._zoom = at
            if self._height() <= self.viewport().height():
                break
        self._lay_out()

    def _caption(self) -> int:
        return self.fontMetrics().height() + _CAPTION_SPACE if len(self._areas) > 1 else 0

    def _rows(self, area: Drawn) -> int:
        return -(-len(area.data) // self.columns)

    def _height(self) -> int:
        return sum(self._caption() + self._rows(area) * self.cell for area in self._areas)

    def _lay_out(self) -> None:
        columns = self.columns
        self._bytes = [_padded(area.data, columns) for area in self._areas]
        self._images = [
            QImage(data, columns, len(data) // columns, columns, QImage.Format.Format_Indexed8) for data in self._bytes
        ]
        self._color()
        room = self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._height() - room))
        bar.setPageStep(room)
        bar.setSingleStep(max(self.cell, 12))
        self.viewport().update()

    def _color(self) -> None:
        table = [color.rgb() for color in self._colors]
        for image in self._images:
            image.setColorTable(table)

    def set_colors(self, colors: Sequence[QColor]) -> None:
        """The theme is another one."""
        self._colors = list(colors)
        self._color()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rows are as long as there is room."""
        super().resizeEvent(event)
        self._lay_out()
        if self._partner is not None and self._partner.isVisible():
            self._partner._lay_out()

    # --- drawing --------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """What is in sight."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self._ctx.themes.color("panel"))
        top = -self.verticalScrollBar().value()
        for number, image in enumerate(self._images):
            area = self._areas[number]
            top = self._paint_caption(painter, area, top)
            height = self._rows(area) * self.cell
            if top < event.rect().bottom() and top + height > event.rect().top():
                self._paint_area(painter, number, image, top, event.rect())
            top += height
        self._paint_cursor(painter)
        painter.end()

    def _paint_caption(self, painter: QPainter, area: Drawn, top: int) -> int:
        high = self._caption()
        if high:
            painter.setPen(self._ctx.themes.color("muted"))
            place = QRect(2, top, self.viewport().width() - 4, high)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), area.title)
        return top + high

    def _paint_area(self, painter: QPainter, number: int, image: QImage, top: int, sight: QRect) -> None:
        cell, columns, area = self.cell, self.columns, self._areas[number]
        first = max(0, (sight.top() - top) // cell)
        last = min(self._rows(area), (sight.bottom() - top) // cell + 1)
        whole = QRect(0, top + first * cell, columns * cell, (last - first) * cell)
        painter.drawImage(whole, image, QRect(0, first, columns, last - first))
        if cell >= _LINES_FROM:
            painter.setPen(QPen(self._ctx.themes.color("panel"), 1))
            for column in range(columns + 1):
                painter.drawLine(column * cell, whole.top(), column * cell, whole.bottom())
            for row in range(first, last + 1):
                painter.drawLine(0, top + row * cell, whole.width(), top + row * cell)
        if cell >= _LETTERS_FROM:
            self._paint_letters(painter, area, top, range(first * columns, min(last * columns, len(area.data))))
        rest = self._rows(area) * columns - len(area.data)
        if rest:  # the last row is not full
            foot = QRect((columns - rest) * cell, top + (self._rows(area) - 1) * cell, rest * cell, cell)
            painter.fillRect(foot, self._ctx.themes.color("panel"))

    def _paint_letters(self, painter: QPainter, area: Drawn, top: int, blocks: range) -> None:
        cell, columns = self.cell, self.columns
        font = self._ctx.themes.mono()
        font.setPixelSize(cell - 3)
        painter.setFont(font)
        for at in blocks:
            letter = chr(area.letters[at])
            if letter in ".=":
                continue
            color = self._colors[area.data[at]]
            painter.setPen(QColor("black") if color.lightnessF() > 0.55 else QColor("white"))
            place = QRect(at % columns * cell, top + at // columns * cell, cell, cell)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), letter)
        painter.setFont(self.font())

    def _paint_cursor(self, painter: QPainter) -> None:
        if self.cursor_block is not None and self.hasFocus():
            painter.setPen(QPen(self._ctx.themes.color("text"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._place(self.cursor_block).adjusted(-1, -1, 1, 1))

    # --- where ----------------------------------------------------------------------------------------------------

    def _tops(self) -> list[int]:
        """Where the areas begin, as scrolled."""
        tops, top = [], -self.verticalScrollBar().value()
        for area in self._areas:
            top += self._caption()
            tops.append(top)
            top += self._rows(area) * self.cell
        return tops

    def _place(self, block: Block) -> QRect:
        top = self._tops()[block.area] + block.at // self.columns * self.cell
        return QRect(block.at % self.columns * self.cell, top, self.cell, self.cell)

    def block_at(self, place: QPoint) -> Block | None:
        """What is drawn there."""
        for number, (area, top) in enumerate(zip(self._areas, self._tops(), strict=True)):
            row, column = (place.y() - top) // self.cell, place.x() // self.cell
            at = row * self.columns + column
            if place.y() >= top and 0 <= column < self.columns and at < len(area.data):
                return Block(number, at)
        return None

    def go_to(self, block: Block) -> None:
        """Show this one, and point at it."""
        self.cursor_block = block
        place, bar = self._place(block), self.verticalScrollBar()
        if place.top() < 0:
            bar.setValue(bar.value() + place.top())
        elif place.bottom() > self.viewport().height():
            bar.setValue(bar.value() + place.bottom() - self.viewport().height())
        self.viewport().update()
        self.pointed.emit(block)

    # --- mouse and keys -------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what is there."""
        self.pointed.emit(self.block_at(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The cursor comes here."""
        block = self.block_at(event.position().toPoint())
        if block is not None:
            self.go_to(block)

    def viewportEvent(self, event: QEvent) -> bool:
        """The mouse left."""
        if event.type() == QEvent.Type.Leave:
            self.pointed.emit(self.cursor_block)
        return super().viewportEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl: larger or smaller; at the end of the way the page scrolls."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
            return
        bar, down = self.verticalScrollBar(), event.angleDelta().y() < 0
        if (down and bar.value() == bar.maximum()) or (not down and bar.value() == 0):
            event.ignore()
            return
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the cursor, + and - zoom."""
        if event.text() in ("+", "-"):
            self.zoom(1 if event.text() == "+" else -1)
            return
        page = max(1, self.viewport().height() // self.cell - 1) * self.columns
        steps = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -self.columns, Qt.Key.Key_Down: self.columns,
            Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page,
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is None or not self._areas:
            super().keyPressEvent(event)
            return
        self.go_to(self._moved(self.cursor_block or Block(0, -step if step > 0 else 0), step))

    def _moved(self, block: Block, step: int) -> Block:
        area, at = block.area, block.at + step
        if at < 0 and area > 0:
            return Block(area - 1, len(self._areas[area - 1].data) - 1)
        if at >= len(self._areas[area].data) and area + 1 < len(self._areas):
            return Block(area + 1, 0)
        return Block(area, min(max(0, at), len(self._areas[area].data) - 1))


def _padded(data: bytes, columns: int) -> bytes:
    """Whole rows."""
    return data.ljust(max(1, -(-len(data) // columns)) * columns, b"\0")
