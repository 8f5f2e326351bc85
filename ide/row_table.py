"""A table of rows below headings, for panels: what was chosen stays chosen and in place while the rows change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from ide.context import IdeContext
from ide.table_row import Mood, TableRow
from ide.words import bind, words
from toolchains.text import Text

ROW = Qt.ItemDataRole.UserRole
_INDENT = 14

_COLOURS: dict[Mood, str] = {"good": "green", "look": "amber", "muted": "muted"}


class RowTable(QTreeWidget):
    """``chosen(row or None)``: another row is current, or what is known of it changed. ``wanted(row, QPoint)``: its
    menu. Who derives from it says which columns a mood colours, and fills it within :meth:`renewing`."""

    chosen = Signal(object)
    wanted = Signal(object, QPoint)

    def __init__(
        self, ctx: IdeContext, parent: QWidget, name: Text, heads: Sequence[Text], widths: Sequence[int]
    ) -> None:
        super().__init__(parent)
        self._ctx, self._heads, self._widths = ctx, heads, widths
        self.setColumnCount(len(heads))
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setIndentation(_INDENT)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.header().setStretchLastSection(True)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        bind(self, "setAccessibleName", name)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.currentItemChanged.connect(lambda _now, _before: self.chosen.emit(self.current()))
        words.changed.connect(self._head)
        ctx.themes.changed.connect(self.make)
        self._head()

    def _head(self) -> None:
        self.setHeaderLabels([str(head) for head in self._heads])
        for column, width in enumerate(self._widths):
            self.setColumnWidth(column, max(width, self.header().sectionSizeHint(column)))

    def make(self) -> None:
        """Make all items anew."""
        raise NotImplementedError

    def coloured(self, row: TableRow) -> Sequence[int]:
        """The columns that the row's mood colours."""
        raise NotImplementedError

    def current(self) -> TableRow | None:
        """What the person is at; None: at nothing."""
        item = self.currentItem()
        return item.data(0, ROW) if item is not None else None

    @contextmanager
    def renewing(self) -> Iterator[None]:
        """The body fills the empty table; then the same row is current, and the same place is seen."""
        before, place = self.current(), self.verticalScrollBar().value()
        self.blockSignals(True)
        self.clear()
        yield
        if before is not None:
            self.choose(before.key)
        self.blockSignals(False)
        self.verticalScrollBar().setValue(place)

    def item(self, row: TableRow, parent: QTreeWidgetItem) -> QTreeWidgetItem:
        """One more item, with the row's words and colours."""
        item = QTreeWidgetItem(parent, list(row.cells))
        item.setData(0, ROW, row)
        for column, cell in enumerate(row.cells):
            item.setToolTip(column, cell)
        if row.mood == "heading":
            font = QFont(self.font())
            font.setBold(True)
            for column in range(self.columnCount()):
                item.setFont(column, font)
        elif row.mood:
            for column in self.coloured(row):
                item.setForeground(column, self._ctx.themes.color(_COLOURS[row.mood]))
        return item

    def items(self) -> Iterator[QTreeWidgetItem]:
        """Every item, parents before their children."""
        waiting = [self.topLevelItem(at) for at in range(self.topLevelItemCount())]
        while waiting:
            item = waiting.pop(0)
            yield item
            waiting = [item.child(at) for at in range(item.childCount())] + waiting

    def choose(self, key: str) -> bool:
        """Put a row in front; whether there is one of that key."""
        found = next((item for item in self.items() if item.data(0, ROW).key == key), None)
        if found is not None:
            self.setCurrentItem(found)
        return found is not None

    def has_menu(self, row: TableRow) -> bool:
        """Whether something can be done with it."""
        return row.mood != "heading"

    def _menu(self, place: QPoint) -> None:
        row, item = self.current(), self.currentItem()
        if row is not None and self.has_menu(row):  # asked for by a key, the place may be anywhere
            inside = place if self.itemAt(place) is item else self.visualItemRect(item).center()
            self.wanted.emit(row, self.viewport().mapToGlobal(inside))
