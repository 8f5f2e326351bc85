"""Parts of a page side by side where there is room, else one below the other."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

#: From this width on, in pixels.
_WIDE = 640


class Columns(QWidget):
    """Each column is a layout of widgets that go below one another."""

    def __init__(self, parent: QWidget, *shares: int) -> None:
        super().__init__(parent)
        self._box = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(16)
        self.columns = []
        for share in shares:
            column = QVBoxLayout()
            column.setSpacing(4)
            self._box.addLayout(column, share)
            self.columns.append(column)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        wish = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._box.direction() != wish:
            self._box.setDirection(wish)
