"""The table of packages: sections and rows; what was chosen stays chosen while they change."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from ide.context import IdeContext
from ide.panels.packages.rows import HEADS, Mood, Row
from ide.words import bind, words
from toolchains.text import _

_ROW = Qt.ItemDataRole.UserRole
_WIDTHS = (190, 80, 150)
_COLOURS: dict[Mood, str] = {"good": "green", "look": "amber", "muted": "muted"}
_STATE = 2
_INDENT = 14


class Table(QTreeWidget):
    """``chosen(Row or None)``: another row is current, or what is known of it changed. ``wanted``: its menu."""

    chosen = Signal(object)
    wanted = Signal(object, QPoint)

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._rows: Sequence[Row] = ()
        self.setColumnCount(len(HEADS))
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setIndentation(_INDENT)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.header().setStretchLastSection(True)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        bind(self, "setAccessibleName", _("Packages"))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.currentItemChanged.connect(lambda _now, _before: self.chosen.emit(self.current()))
        words.changed.connect(self._head)
        ctx.themes.changed.connect(self._themed)
        self._head()

    def _head(self) -> None:
        self.setHeaderLabels([str(head) for head in HEADS])
        for column, width in enumerate(_WIDTHS):
            self.setColumnWidth(column, max(width, self.header().sectionSizeHint(column)))

    def _themed(self) -> None:
        self._make()

    def current(self) -> Row | None:
        """The row that the person is at; None at a heading."""
        item = self.currentItem()
        row = item.data(0, _ROW) if item is not None else None
        return row if isinstance(row, Row) and row.mood != "heading" else None

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows; nothing is made anew where they are the same."""
        if rows != self._rows:
            self._rows = rows
            self._make()
        self.chosen.emit(self.current())

    def _make(self) -> None:
        before, place = self.current(), self.verticalScrollBar().value()
        self.blockSignals(True)
        self.clear()
        chosen: QTreeWidgetItem | None = None
        for section in self._rows:
            head = self._item(section, self.invisibleRootItem())
            for row in section.children:
                item = self._item(row, head)
                if before is not None and row.key == before.key:
                    chosen = item
            head.setExpanded(True)
        if chosen is not None:
            self.setCurrentItem(chosen)
        self.blockSignals(False)
        self.verticalScrollBar().setValue(place)

    def _item(self, row: Row, parent: QTreeWidgetItem) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, list(row.cells))
        item.setData(0, _ROW, row)
        for column, cell in enumerate(row.cells):
            item.setToolTip(column, cell)
        if row.mood == "heading":
            font = QFont(self.font())
            font.setBold(True)
            item.setFont(0, font)
            item.setFirstColumnSpanned(True)
        elif row.mood:
            item.setForeground(_STATE, self._ctx.themes.color(_COLOURS[row.mood]))
        return item

    def choose(self, name: str) -> bool:
        """Put a package in front; whether it is there."""
        for at in range(self.topLevelItemCount()):
            section = self.topLevelItem(at)
            for number in range(section.childCount()):
                if section.child(number).data(0, _ROW).name == name:
                    self.setCurrentItem(section.child(number))
                    return True
        return False

    def _menu(self, where: QPoint) -> None:
        row = self.current()
        if row is not None:
            self.wanted.emit(row, self.viewport().mapToGlobal(where))
