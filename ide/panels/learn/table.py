"""A table of words that speaks another language at once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from ide.controls import low_rows, table_of_rows
from ide.words import words
from toolchains.text import Text

#: A page scrolls before its table is lower than this.
_LOWEST = 120


class Table(QTableWidget):
    """Cells are texts or what ``str`` makes words of; nothing in it can be changed."""

    def __init__(self, parent: QWidget, name: Text, heads: Sequence[object], *, wraps: bool = False) -> None:
        super().__init__(0, len(heads), parent)
        self._heads = tuple(heads)
        self.rows: tuple[tuple[object, ...], ...] = ()
        table_of_rows(self, name)
        low_rows(self, 6)
        self.setMinimumHeight(_LOWEST)
        self.setWordWrap(wraps)
        if wraps:  # the last column is a sentence
            self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setStretchLastSection(True)
        words.changed.connect(self._speak)
        self._speak()

    def fill(self, rows: Sequence[tuple[object, ...]], heads: Sequence[object] | None = None) -> None:
        """Show these rows; with other heads, if they are given."""
        self.rows = tuple(rows)
        self._heads = tuple(heads) if heads is not None else self._heads
        self._speak()

    def _speak(self) -> None:
        self.setColumnCount(len(self._heads))
        self.setHorizontalHeaderLabels([str(head) for head in self._heads])
        self.setRowCount(len(self.rows))
        for at, row in enumerate(self.rows):
            for column, cell in enumerate(row):
                item = QTableWidgetItem(str(cell))
                item.setToolTip(str(cell))
                self.setItem(at, column, item)
