"""A small box over the text with one line to type in: Enter takes what it says, Escape goes back to the text."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from ide.editor.editor import CodeEditor

_WIDTH = 560


class OverText(QFrame):
    """``take`` is what Enter does; the box stays while it returns False."""

    width_wanted = _WIDTH

    def __init__(self, view: CodeEditor, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("goto")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self._view = view
        self.field = QLineEdit(self)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(8, 8, 8, 8)
        self.field.installEventFilter(self)

    def take(self) -> bool:
        """Enter; whether the box may go."""
        return True

    def key(self, _event: QKeyEvent) -> bool:
        """Another key of the field; whether that was its end."""
        return False

    def show_over(self, height: int = 0) -> None:
        """Show it at the top of the text."""
        self.resize(self.width_wanted, height or self.sizeHint().height())
        corner = self._view.mapTo(self.parentWidget(), self._view.rect().topLeft())
        self.move(corner.x() + max(0, (self._view.width() - self.width_wanted) // 2), corner.y())
        self.show()
        self.raise_()
        self.field.setFocus()

    def leave(self) -> None:
        """Back to the text."""
        self._go_away()
        self._view.sci.take_focus()

    def _go_away(self) -> None:
        self.field.removeEventFilter(self)
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: Enter and Escape; another widget gets the keyboard."""
        if event.type() == QEvent.Type.FocusOut and not self.isHidden():
            self._go_away()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if self.take():
                    self.leave()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.leave()
                return True
            return self.key(event)
        return False
