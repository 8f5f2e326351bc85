"""The table: sections, rows and folded versions. What was folded stays so while the facts change."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidgetItem, QWidget

from ide.context import IdeContext
from ide.panels.toolchains.rows import HEADS, Row
from ide.row_table import ROW, RowTable
from ide.table_row import TableRow
from toolchains.text import _

_WIDTHS = (262, 112, 72, 64, 104, 120)
_NUMBERS = (2, 3)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Table(RowTable):
    """``chosen(Row)``, ``wanted(Row, QPoint)``: see :class:`RowTable`."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        self._rows: Sequence[Row] = ()
        self._folds: dict[str, bool] = {}
        self._filter = ""
        super().__init__(ctx, parent, _("Toolchains"), HEADS, _WIDTHS)
        for column in _NUMBERS:
            self.headerItem().setTextAlignment(column, _RIGHT)
        self.itemExpanded.connect(lambda item: self._folded(item, open_=True))
        self.itemCollapsed.connect(lambda item: self._folded(item, open_=False))

    def current(self) -> Row | None:
        """The row that the person is at."""
        row = super().current()
        return row if isinstance(row, Row) else None

    def has_menu(self, row: TableRow) -> bool:
        """Headings and tools of many versions have none."""
        return isinstance(row, Row) and row.thing is not None

    def coloured(self, row: TableRow) -> Sequence[int]:
        """What is of less interest as a whole, else its state."""
        return range(len(HEADS)) if row.mood == "muted" else (len(HEADS) - 1,)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Replace all rows."""
        self._rows = rows
        self.make()
        self.chosen.emit(self.current())

    def make(self) -> None:
        """Make all items anew."""
        with self.renewing():
            for row in self._rows:
                self._add(row, self.invisibleRootItem())
            self._sift_all()

    def _add(self, row: Row, parent: QTreeWidgetItem) -> None:
        item = self.item(row, parent)
        for column in _NUMBERS:
            item.setTextAlignment(column, _RIGHT)
        for child in row.children:
            self._add(child, item)

    def _folded(self, item: QTreeWidgetItem, *, open_: bool) -> None:
        if not self._filter:
            self._folds[item.data(0, ROW).key] = open_

    def filter(self, text: str) -> None:
        """Show rows with all of these words, unfolded; without words, all rows, folded as they were."""
        self._filter = text
        self.blockSignals(True)
        self._sift_all()
        self.blockSignals(False)

    def _sift_all(self) -> None:
        asked = self._filter.casefold().split()
        for at in range(self.topLevelItemCount()):
            self._sift(self.topLevelItem(at), asked)

    def _sift(self, item: QTreeWidgetItem, asked: list[str]) -> bool:
        row: Row = item.data(0, ROW)
        below = [self._sift(item.child(at), asked) for at in range(item.childCount())]
        seen = any(below) or (row.thing is not None and all(word in row.search for word in asked)) or not asked
        item.setHidden(not seen)
        item.setExpanded(any(below) if asked else self._folds.get(row.key, row.unfolded))
        return seen
