"""Every byte of the module: a treemap, and a table that says the same."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QLabel, QSplitter, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from ide.context import IdeContext
from ide.treemap import Tile, Treemap
from ide.words import bind, words
from toolchains.size_map import Kind, Part, SizeMap
from toolchains.text import Text, _
from toolchains.units import signed_size_text, size_text

KIND_NAMES: dict[Kind, Text] = {
    "function": _("Function"),
    "constant": _("Constant"),
    "string": _("String"),
    "name": _("Name for Python"),
    "rest": _("Header, tables and padding"),
}
_TOKENS: dict[Kind, str] = {
    "function": "accent",
    "constant": "keyword",
    "string": "string",
    "name": "function",
    "rest": "muted",
}
_HEADS: tuple[Text, ...] = (_("Name"), _("Size"), _("Change"), _("Part"))
_NAME, _SIZE, _CHANGE, _PART = range(4)
#: Of the column of names, in letters; below the other width, in pixels, the table is under the map.
_LETTERS, _WIDE = 18, 720
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class BytesPage(QWidget):
    """The treemap above, the table below; what is chosen in one is chosen in the other."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._map: SizeMap | None = None
        self.parts: tuple[Part, ...] = ()
        self.head = QLabel(self)
        self.head.setWordWrap(True)
        self.head.setProperty("role", "muted")
        self.treemap = Treemap(ctx.themes, self)
        bind(self.treemap, "setAccessibleName", _("Bytes of the module as areas"))
        self.table = QTreeWidget(self)
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setAllColumnsShowFocus(True)
        bind(self.table, "setAccessibleName", _("Bytes of the module"))
        self.table.setMinimumHeight(60)
        self.table.setColumnCount(len(_HEADS))
        header = self.table.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(_NAME, _LETTERS * self.fontMetrics().averageCharWidth())
        self.split = QSplitter(Qt.Orientation.Vertical, self)
        self.split.addWidget(self.treemap)
        self.split.addWidget(self.table)
        self.split.setChildrenCollapsible(False)
        self.split.setSizes([300, 260])
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.addWidget(self.head)
        column.addWidget(self.split, 1)
        column.addStretch(0)
        self.treemap.chosen.connect(self._in_table)
        self.table.currentItemChanged.connect(self._in_map)
        words.changed.connect(self.render)
        ctx.themes.changed.connect(self.render)
        self.show_map(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side where there is room."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        self.split.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)

    def show_map(self, found: SizeMap | None) -> None:
        """The parts of a module; None: nothing was built."""
        self._map = found
        self.parts = found.parts if found is not None else ()
        self.split.setVisible(found is not None)
        self.render()

    def render(self) -> None:
        """Say it in the person's language."""
        self.head.setText(str(self._head()))
        self.treemap.show_tiles([_tile(one) for one in self.parts])
        self.table.blockSignals(True)
        self.table.clear()
        self.table.setHeaderLabels([str(head) for head in _HEADS])
        self.table.addTopLevelItems([self._row(one) for one in self.parts])
        if self.treemap.current >= 0:
            self.table.setCurrentItem(self.table.topLevelItem(self.treemap.current))
        self.table.blockSignals(False)

    def _head(self) -> Text:
        found = self._map
        if found is None:
            return _("Build the module: each function, constant and string in it shows here, as large as it is.")
        if found.file_before is None:
            return _("{name}.mpy: {size}. The next build is compared with this one.", name=found.name,
                     size=size_text(found.file))  # fmt: skip
        return _("{name}.mpy: {size}, {change} against the last build.", name=found.name, size=size_text(found.file),
                 change=signed_size_text(found.file - found.file_before))  # fmt: skip

    def _row(self, part: Part) -> QTreeWidgetItem:
        change = signed_size_text(part.change) if part.change else ""
        row = QTreeWidgetItem([part.name, size_text(part.now), change, str(KIND_NAMES[part.kind])])
        row.setToolTip(_NAME, part.name)
        for column in (_SIZE, _CHANGE):
            row.setTextAlignment(column, _RIGHT)
        if part.change:
            row.setForeground(_CHANGE, self._ctx.themes.color("amber" if part.change > 0 else "green"))
        return row

    # --- one in the other -----------------------------------------------------------------------------------------

    def _in_table(self, number: int) -> None:
        self.table.blockSignals(True)
        self.table.setCurrentItem(self.table.topLevelItem(number))
        self.table.blockSignals(False)

    def _in_map(self, item: QTreeWidgetItem | None, _before: object) -> None:
        self.treemap.go_to(self.table.indexOfTopLevelItem(item) if item is not None else -1)


def _tile(part: Part) -> Tile:
    return Tile(str(KIND_NAMES[part.kind]), part.name, part.now, part.change, _TOKENS[part.kind])
