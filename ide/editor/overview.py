"""The thin strip beside the text that shows where in the whole file the problems are."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from ide.editor import marks
from ide.editor.look import TOKENS
from ide.editor.scintilla import M, Sci
from ide.themes import themes

WIDTH = 10
_MARK = 4
_NEAR = 8


class Overview(QWidget):
    """Paints the problems of a view; a click goes to the nearest one, or to that part of the file."""

    def __init__(self, sci: Sci, parent: QWidget) -> None:
        super().__init__(parent)
        self._sci = sci
        self.setFixedWidth(WIDTH)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def _height_of(self, line: int) -> int:
        lines = max(self._sci.send(M.GetLineCount), self._sci.send(M.LinesOnScreen), 1)
        return round(line * (self.height() - _MARK) / lines)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), themes.color("margin"))
        for line, severity in reversed(marks.places(self._sci)):
            place = QRect(2, self._height_of(line), WIDTH - 3, _MARK)
            painter.fillRect(place, themes.color(TOKENS[severity]))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's."""
        y = event.position().y()
        near = self._nearest(y)
        lines = max(self._sci.send(M.GetLineCount), self._sci.send(M.LinesOnScreen), 1)
        line = round(y * lines / max(self.height(), 1)) if near is None else near
        self._sci.go_to(self._sci.send(M.GetLineIndentPosition, min(line, self._sci.send(M.GetLineCount) - 1)))
        self._sci.take_focus()

    def event(self, event: QEvent) -> bool:
        """Qt's: the message of the problem below the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            near = self._nearest(event.pos().y())
            QToolTip.showText(event.globalPos(), marks.said(self._sci, near) if near is not None else "", self)
            return True
        return super().event(event)

    def _nearest(self, y: float) -> int | None:
        far = [(abs(self._height_of(line) + _MARK / 2 - y), line) for line, _severity in marks.places(self._sci)]
        best = min(far, default=None)
        return best[1] if best is not None and best[0] <= _NEAR else None
