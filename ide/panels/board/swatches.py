"""What the colours of a comparison mean."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ide.context import IdeContext
from ide.flow import Flow
from ide.panels.board.heap_colors import CHANGES
from ide.words import bind


class Swatch(QWidget):
    """One colour of the theme."""

    def __init__(self, ctx: IdeContext, token: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx, self._token = ctx, token
        self.setFixedSize(12, 12)
        ctx.themes.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """All of it, with an edge."""
        painter = QPainter(self)
        painter.setPen(QPen(self._ctx.themes.color("line"), 1))
        painter.setBrush(self._ctx.themes.color(self._token))
        painter.drawRect(0, 0, self.width() - 1, self.height() - 1)
        painter.end()


def marks_legend(ctx: IdeContext, parent: QWidget) -> QWidget:
    """A colour and its words for each thing that may have happened to a block."""
    holder = QWidget(parent)
    flow = Flow(holder)
    for _place, token, words in CHANGES:
        entry = QWidget(holder)
        row = QHBoxLayout(entry)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(4)
        row.addWidget(Swatch(ctx, token, entry))
        label = QLabel(entry)
        label.setProperty("role", "muted")
        bind(label, "setText", words)
        row.addWidget(label)
        flow.addWidget(entry)
    return holder
