"""A line that may be longer than its place: the middle is left out, the whole is in its tooltip and can be copied."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class Elided(QLabel):
    """A label that never asks for more width than there is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        #: What it says instead where all of it does not fit.
        self.brief = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        """Show this, and say the whole of it to whoever points at it."""
        super().setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        """Nothing, in width."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """As much of it as fits."""
        painter = QPainter(self)
        room = self.contentsRect()
        text, metrics = self.text(), self.fontMetrics()
        if self.brief and metrics.horizontalAdvance(text) > room.width():
            text = self.brief
        words = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room.width())
        self.style().drawItemText(
            painter, room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), self.palette(),
            self.isEnabled(), words, self.foregroundRole(),
        )  # fmt: skip
        painter.end()
