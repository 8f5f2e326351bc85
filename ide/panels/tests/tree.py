"""The list of tests on the screen: name, result in words and colour, time."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from ide.panels.tests.results import BAD, FileRows, Results, Row, State
from ide.themes import themes
from ide.words import bind
from toolchains.text import Text, _
from toolchains.units import time_text

_ROW = Qt.ItemDataRole.UserRole
#: Sign, words and colour of each state.
LOOK: dict[State, tuple[str, Text | None, str]] = {
    "new": ("", None, "muted"),
    "waiting": ("…", _("waits"), "muted"),
    "running": ("▸", _("runs"), "accent"),
    "passed": ("✓", _("passed"), "green"),
    "failed": ("✗", _("failed"), "red"),
    "error": ("✗", _("error"), "red"),
    "timeout": ("✗", _("time-out"), "red"),
    "skipped": ("–", _("skipped"), "amber"),
}


class TestTree(QTreeWidget):
    """``chosen(row)``: the keyboard is at this test; ``opened(row, focus)``: show where it failed or is written."""

    __test__ = False
    chosen = Signal(object)
    opened = Signal(object, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setIndentation(14)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.header().setMinimumSectionSize(24)
        bind(self, "setAccessibleName", _("Tests"))
        self._items: dict[str, QTreeWidgetItem] = {}
        self.currentItemChanged.connect(lambda item, _old: self.chosen.emit(_row_of(item)))
        self.itemClicked.connect(self._clicked)
        self.itemDoubleClicked.connect(lambda item, _column: self.opened.emit(_row_of(item), True))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes to the line."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentItem() is not None:
            self.opened.emit(_row_of(self.currentItem()), True)
            return
        super().keyPressEvent(event)

    def _clicked(self, item: QTreeWidgetItem, _column: int) -> None:
        row = _row_of(item)
        if row is not None and row.state in BAD:
            self.opened.emit(row, False)

    def selected(self) -> list[Row]:
        """The tests that are selected."""
        rows = [_row_of(item) for item in self.selectedItems()]
        return [row for row in rows if row is not None]

    def show_results(self, results: Results) -> None:
        """Make the rows what they must be; those that stay keep their selection."""
        wanted = [row.name for row in results.all()]
        if wanted != list(self._items):
            self._rebuild(results)
        for file in results.files:
            for row in file.rows:
                self._show(file, row)

    def select(self, row: Row) -> None:
        """Put the keyboard at a test."""
        item = self._items.get(row.name)
        if item is not None:
            self.setCurrentItem(item)

    def _rebuild(self, results: Results) -> None:
        current = _row_of(self.currentItem())
        self.clear()
        self._items = {}
        for file in results.files:
            home = QTreeWidgetItem(self)
            self._items[file.own.name] = home
            for row in file.methods:
                self._items[row.name] = QTreeWidgetItem(home)
            home.setExpanded(True)
        if current is not None:
            self.select(current)

    def _show(self, file: FileRows, row: Row) -> None:
        item = self._items[row.name]
        is_file = not row.method
        state = file.state if is_file else row.state
        seconds = file.seconds if is_file else (row.case.seconds if row.case is not None else None)
        sign, words, token = LOOK[state]
        time = time_text(seconds) if seconds is not None and words is not None else ""
        item.setData(0, _ROW, row)
        item.setText(0, row.file.rpartition("/")[2] if is_file else row.method.rpartition(".")[2])
        item.setText(1, " ".join(filter(None, (sign, str(words) if words is not None else "", time))))
        item.setForeground(1, themes.color(token))
        message = row.case.message if row.case is not None else ""
        item.setToolTip(0, "\n".join(filter(None, (row.name, message))))
        item.setToolTip(1, item.toolTip(0))
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{item.text(0)}: {item.text(1)}")


def _row_of(item: QTreeWidgetItem | None) -> Row | None:
    data = item.data(0, _ROW) if item is not None else None
    return data if isinstance(data, Row) else None
