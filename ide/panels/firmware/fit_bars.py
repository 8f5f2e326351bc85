"""Whether the firmware fits: a bar for each place that has an end, and what is left of it in words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from ide.context import IdeContext
from ide.page_parts import set_role
from ide.panels.firmware.weighed import Room
from ide.words import words

_HEIGHT = 16
#: From this width on, in pixels, words are beside the bars.
_WIDE = 640


class _Bar(QWidget):
    """One room: what is taken is filled, what is too much is hatched behind the end. One without an end is drawn to the
    ``largest`` of all."""

    def __init__(self, ctx: IdeContext, room: Room, largest: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx, self.room, self._largest = ctx, room, largest
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(60)
        self.setAccessibleName(f"{room.name}: {room.words}")
        ctx.themes.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(160, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """To scale."""
        painter, color, room = QPainter(self), self._ctx.themes.color, self.room
        size = room.size if room.size is not None else self._largest
        whole, wide, high = max(size, room.used, 1), self.width() - 1.0, self.height() - 1.0
        end = wide * size / whole
        painter.fillRect(QRectF(0, 0, end, high), color("panel"))
        taken = QRectF(0, 0, wide * min(room.used, size) / whole, high)
        token = {"bad": "red", "look": "amber"}.get(room.role, "accent")
        painter.fillRect(taken, color(token))
        if room.used > size:
            over = QRectF(end, 0, wide - end, high)
            painter.fillRect(over, QBrush(color("red"), Qt.BrushStyle.BDiagPattern))
            painter.setPen(QPen(color("red"), 1))
            painter.drawRect(over)
        painter.setPen(QPen(color("line"), 1))
        painter.drawRect(QRectF(0.5, 0.5, max(1.0, end - 0.5), high - 0.5))
        painter.end()


class FitBars(QWidget):
    """A row for each room: name, bar, words."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.rooms: tuple[Room, ...] = ()
        self._wide = False
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        words.changed.connect(self._render)

    def show_rooms(self, rooms: Sequence[Room]) -> None:
        """Replace all rows."""
        if self.rooms != tuple(rooms):
            self.rooms = tuple(rooms)
            self._render()

    def texts(self) -> list[str]:
        """All rows in words."""
        return [f"{room.name}: {room.words}" for room in self.rooms]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The words are beside the bars where there is room."""
        super().resizeEvent(event)
        if (self.width() >= _WIDE) != self._wide:
            self._render()

    def _render(self) -> None:
        self._wide = self.width() >= _WIDE
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        largest = max((room.used for room in self.rooms), default=0)
        for row, room in enumerate(self.rooms):
            name, said = QLabel(str(room.name), self), QLabel(str(room.words), self)
            set_role(name, "heading" if not row else "muted")
            set_role(said, room.role)
            said.setWordWrap(not self._wide)
            self._grid.addWidget(name, 2 * row, 0)
            self._grid.addWidget(_Bar(self._ctx, room, largest, self), 2 * row, 1)
            if self._wide:
                self._grid.addWidget(said, 2 * row, 2)
            else:
                self._grid.addWidget(said, 2 * row + 1, 0, 1, 2)
        self.setVisible(bool(self.rooms))
