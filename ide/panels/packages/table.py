"""The table of packages: sections and rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from ide.context import IdeContext
from ide.panels.packages.rows import HEADS, Row
from ide.row_table import ROW, RowTable
from ide.table_row import TableRow
from toolchains.text import _

_WIDTHS = (190, 80, 150)
_STATE = 2


class Table(RowTable):
    """``chosen(Row or None)``, ``wanted(Row, QPoint)``: see :class:`RowTable`. At a heading nothing is chosen."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        self._rows: Sequence[Row] = ()
        super().__init__(ctx, parent, _("Packages"), HEADS, _WIDTHS)

    def current(self) -> Row | None:
        """The row that the person is at; None at a heading."""
        row = super().current()
        return row if isinstance(row, Row) and row.mood != "heading" else None

    def coloured(self, _row: TableRow) -> Sequence[int]:
        """What the board has of it."""
        return (_STATE,)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows; nothing is made anew where they are the same."""
        if rows != self._rows:
            self._rows = rows
            self.make()
        self.chosen.emit(self.current())

    def make(self) -> None:
        """Make all items anew."""
        with self.renewing():
            for section in self._rows:
                head = self.item(section, self.invisibleRootItem())
                head.setFirstColumnSpanned(True)
                for row in section.children:
                    self.item(row, head)
                head.setExpanded(True)

    def choose_package(self, name: str) -> bool:
        """Put a package in front; whether it is there."""
        rows = [item.data(0, ROW) for item in self.items()]
        return any(self.choose(row.key) for row in rows if row.mood != "heading" and row.name == name)
