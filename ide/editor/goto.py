"""Go to a line, or to a function, class or macro of the text in front: one small list over the editor."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from ide.editor.editor import CodeEditor
from ide.editor.symbols import Symbol, symbols_of
from ide.words import bind
from toolchains.text import _

_PLACE = re.compile(r"\s*(\d+)\s*(?:[:,]\s*(\d+))?\s*$")
_WIDTH, _HEIGHT = 480, 360
_MOST = 500
_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class GoTo(QFrame):
    """Numbers go to a line (``12`` or ``12:5``), other words choose among the symbols. Escape goes back."""

    def __init__(self, view: CodeEditor, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("goto")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self._view = view
        self._symbols = symbols_of(view.document.text(), view.document.language)
        self.field = QLineEdit(self)
        self.list = QListWidget(self)
        bind(self, "setAccessibleName", _("Go to"))
        bind(self.field, "setPlaceholderText", _("Line, line:column, or a name"))
        bind(self.field, "setAccessibleName", _("Line, line:column, or a name"))
        bind(self.list, "setAccessibleName", _("Names in this file"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(lambda _item: self._go())
        self._filter("")

    def show_over(self, *, names: bool) -> None:
        """Show it at the top of the text; without ``names`` for a line number only."""
        self.list.setVisible(names)
        self.resize(_WIDTH, _HEIGHT if names else self.sizeHint().height())
        corner = self._view.mapTo(self.parentWidget(), self._view.rect().topLeft())
        self.move(corner.x() + max(0, (self._view.width() - _WIDTH) // 2), corner.y())
        self.show()
        self.raise_()
        self.field.setFocus()

    def _filter(self, words: str) -> None:
        self.list.clear()
        if _PLACE.match(words):
            return
        wanted = words.casefold().split()
        for symbol in self._symbols:
            if all(word in symbol.name.casefold() for word in wanted) and self.list.count() < _MOST:
                self._add(symbol)
        self.list.setCurrentRow(0)

    def _add(self, symbol: Symbol) -> None:
        shown = f"{symbol.name}()" if symbol.kind == "()" else f"{symbol.kind} {symbol.name}".strip()
        item = QListWidgetItem("    " * symbol.depth + shown, self.list)
        item.setData(Qt.ItemDataRole.UserRole, symbol.line)

    def _go(self) -> None:
        place = _PLACE.match(self.field.text())
        item = self.list.currentItem()
        view = self._view
        self.leave()
        if place:
            view.go_to(int(place[1]), int(place[2]) if place[2] else None)
        elif item is not None and self.list.isVisibleTo(self):
            view.go_to(int(item.data(Qt.ItemDataRole.UserRole)))

    def leave(self) -> None:
        """Back to the text."""
        self._go_away()
        self._view.sci.take_focus()

    def _go_away(self) -> None:
        self.field.removeEventFilter(self)
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: the keys of the field that belong to the list; another widget gets the keyboard."""
        if event.type() == QEvent.Type.FocusOut and not self.isHidden():
            self._go_away()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._go()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.leave()
                return True
            if event.key() in _KEYS:
                self.list.keyPressEvent(event)
                return True
        return False
