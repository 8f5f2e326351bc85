"""A list of short texts, such as defines: one is added by typing it, the chosen one is taken out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QVBoxLayout, QWidget

from ide import controls
from ide.words import bind
from toolchains.text import Text, _

_ROWS = 3


class _List(QListWidget):
    """Delete takes the chosen one out."""

    def __init__(self, take: Callable[[], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._take = take

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete, and whatever a list knows."""
        if event.key() == Qt.Key.Key_Delete:
            self._take()
        else:
            super().keyPressEvent(event)


class Lines(QWidget):
    """``add`` and ``take`` are called with a text."""

    def __init__(
        self,
        name: Text,
        example: Text,
        add: Callable[[str], object],
        take: Callable[[str], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._add, self._take = add, take
        self.list = _List(self._taken, self)
        self.list.setFixedHeight((_ROWS + 1) * self.fontMetrics().lineSpacing() + 4)
        bind(self.list, "setAccessibleName", name)
        self.field = controls.field(self, example)
        bind(self.field, "setAccessibleName", name)
        self.field.returnPressed.connect(self._added)
        self.add = controls.button(self, _("Add"), self._added)
        self.remove = controls.button(self, _("Remove"), self._taken)
        bind(self.add, "setAccessibleName", _("Add: {what}", what=name))
        bind(self.remove, "setAccessibleName", _("Remove: {what}", what=name))
        self.list.currentRowChanged.connect(lambda at: self.remove.setEnabled(at >= 0))
        self.remove.setEnabled(False)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.field, 1)
        row.addWidget(self.add)
        row.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.list)
        column.addLayout(row)

    def show_values(self, values: Sequence[str]) -> None:
        """These; what was typed and is among them now is done."""
        at = self.list.currentRow()
        if [self.list.item(row).text() for row in range(self.list.count())] != list(values):
            self.list.clear()
            self.list.addItems(list(values))
            self.list.setCurrentRow(min(at, len(values) - 1))
        if self.field.text().strip() in values:
            self.field.clear()

    def _added(self) -> None:
        if self.field.text().strip():
            self._add(self.field.text().strip())

    def _taken(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._take(item.text())
