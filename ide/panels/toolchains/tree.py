"""The table: sections, rows and folded versions. What was chosen and what was folded stays while the facts change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from ide.context import IdeContext
from ide.panels.toolchains.rows import HEADS, Mood, Row
from ide.words import bind, words
from toolchains.text import _

_ROW = Qt.ItemDataRole.UserRole
_WIDTHS = (262, 112, 72, 64, 104, 120)
_INDENT = 14
_NUMBERS = (2, 3)
_COLOURS: dict[Mood, str] = {"good": "green", "look": "amber", "muted": "muted"}


class Table(QTreeWidget):
    """``chosen(Row)``: another row is current, or what is known of it changed. ``wanted(Row, QPoint)``: its menu."""

    chosen = Signal(object)
    wanted = Signal(object, QPoint)

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._rows: Sequence[Row] = ()
        self._folds: dict[str, bool] = {}
        self._filter = ""
        self.setColumnCount(len(HEADS))
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        header = self.header()
        header.setStretchLastSection(True)
        self.setIndentation(_INDENT)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        bind(self, "setAccessibleName", _("Toolchains"))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.currentItemChanged.connect(lambda _now, _before: self.chosen.emit(self.current()))
        self.itemExpanded.connect(lambda item: self._folded(item, open_=True))
        self.itemCollapsed.connect(lambda item: self._folded(item, open_=False))
        words.changed.connect(self._head)
        ctx.themes.changed.connect(self._themed)
        self._head()

    def _head(self) -> None:
        self.setHeaderLabels([str(head) for head in HEADS])
        for column, width in enumerate(_WIDTHS):
            self.setColumnWidth(column, max(width, self.header().sectionSizeHint(column)))
        for column in _NUMBERS:
            self.headerItem().setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def _themed(self) -> None:
        self.show_rows(self._rows)

    def current(self) -> Row | None:
        """The row that the person is at."""
        item = self.currentItem()
        return item.data(0, _ROW) if item is not None else None

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Replace all rows."""
        self._rows = rows
        before = self.current()
        place = self.verticalScrollBar().value()
        self.blockSignals(True)
        self.clear()
        for row in rows:
            self._add(row, self.invisibleRootItem())
        self.blockSignals(False)
        self.filter(self._filter)
        if before is not None:
            self.choose(before.key)
        self.verticalScrollBar().setValue(place)
        self.chosen.emit(self.current())

    def _add(self, row: Row, parent: QTreeWidgetItem) -> None:
        item = QTreeWidgetItem(parent, list(row.cells))
        item.setData(0, _ROW, row)
        for column, cell in enumerate(row.cells):
            item.setToolTip(column, cell)
        for column in _NUMBERS:
            item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if row.mood == "heading":
            font = QFont(self.font())
            font.setBold(True)
            for column in range(len(HEADS)):
                item.setFont(column, font)
        elif row.mood:
            columns = range(len(HEADS)) if row.mood == "muted" else (len(HEADS) - 1,)
            for column in columns:
                item.setForeground(column, self._ctx.themes.color(_COLOURS[row.mood]))
        for child in row.children:
            self._add(child, item)

    def _folded(self, item: QTreeWidgetItem, *, open_: bool) -> None:
        if not self._filter:
            self._folds[item.data(0, _ROW).key] = open_

    def items(self) -> Iterator[QTreeWidgetItem]:
        """Every item, parents before their children."""
        waiting = [self.topLevelItem(at) for at in range(self.topLevelItemCount())]
        while waiting:
            item = waiting.pop(0)
            yield item
            waiting = [item.child(at) for at in range(item.childCount())] + waiting

    def choose(self, key: str) -> bool:
        """Put a row in front; whether there is one of that key."""
        found = next((item for item in self.items() if item.data(0, _ROW).key == key), None)
        if found is not None:
            self.setCurrentItem(found)
        return found is not None

    def filter(self, text: str) -> None:
        """Show rows with all of these words, unfolded; without words, all rows, folded as they were."""
        self._filter = text
        asked = text.casefold().split()
        self.blockSignals(True)
        for at in range(self.topLevelItemCount()):
            self._sift(self.topLevelItem(at), asked)
        self.blockSignals(False)

    def _sift(self, item: QTreeWidgetItem, asked: list[str]) -> bool:
        row: Row = item.data(0, _ROW)
        below = [self._sift(item.child(at), asked) for at in range(item.childCount())]
        seen = any(below) or (row.thing is not None and all(word in row.search for word in asked)) or not asked
        item.setHidden(not seen)
        item.setExpanded(any(below) if asked else self._folds.get(row.key, row.unfolded))
        return seen

    def _menu(self, place: QPoint) -> None:
        row = self.current()
        if row is not None and row.thing is not None:
            item = self.currentItem()
            inside = place if self.itemAt(place) is item else self.visualItemRect(item).center()
            self.wanted.emit(row, self.viewport().mapToGlobal(inside))
