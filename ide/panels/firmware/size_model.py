"""The tree of sizes as Qt's views ask for it; nothing is made for a branch that is closed."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt

from ide.panels.firmware.size_nodes import Node, Place
from ide.themes import Themes
from toolchains.text import Text, _
from toolchains.units import percent_text, signed_size_text, size_text

HEADS: tuple[Text, ...] = (_("Name"), _("Size"), _("Share"), _("Change"))
NAME, SIZE, SHARE, CHANGE = range(4)

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class _Row:
    """A node in its place; the view keeps it by its number."""

    def __init__(self, node: Node, parent: _Row | None, at: int) -> None:
        self.node, self.parent, self.at = node, parent, at
        self._children: list[_Row] | None = None

    @property
    def children(self) -> list[_Row]:
        if self._children is None:
            self._children = [_Row(one, self, at) for at, one in enumerate(self.node.children)]
        return self._children


class SizeModel(QAbstractItemModel):
    """Name, size, share of the whole, change."""

    def __init__(self, themes: Themes, parent: QObject) -> None:
        super().__init__(parent)
        self._themes = themes
        self._rows: list[_Row] = []
        self._whole = 0

    def show_nodes(self, nodes: tuple[Node, ...]) -> None:
        """Another firmware."""
        self.beginResetModel()
        self._rows = [_Row(one, None, at) for at, one in enumerate(nodes)]
        self._whole = sum(one.size for one in nodes)
        self.endResetModel()

    def node(self, index: QModelIndex) -> Node | None:
        """What stands in a row."""
        return index.internalPointer().node if index.isValid() else None

    def index_of(self, place: Place) -> QModelIndex:
        """The row of a place; an invalid one where there is none."""
        found, rows = QModelIndex(), self._rows
        for depth in range(1, len(place) + 1):
            row = next((one for one in rows if one.node.place == place[:depth]), None)
            if row is None:
                return QModelIndex()
            found, rows = self.createIndex(row.at, 0, row), row.children
        return found

    def _below(self, parent: QModelIndex | None) -> list[_Row]:
        return parent.internalPointer().children if parent is not None and parent.isValid() else self._rows

    def index(self, row: int, column: int, parent: QModelIndex = QModelIndex()) -> QModelIndex:  # noqa: B008 - Qt's own
        """Qt asks."""
        rows = self._below(parent)
        return self.createIndex(row, column, rows[row]) if 0 <= row < len(rows) else QModelIndex()

    def parent(self, index: QModelIndex = QModelIndex()) -> Any:  # noqa: ANN401, B008 - two of Qt's are called so
        """Qt asks."""
        above = index.internalPointer().parent if index.isValid() else None
        return self.createIndex(above.at, 0, above) if above is not None else QModelIndex()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Qt asks."""
        return len(self._below(parent))

    def columnCount(self, _parent: QModelIndex | None = None) -> int:
        """Qt asks."""
        return len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: ANN401
        """The heads, in the person's language."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return str(HEADS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole and section != NAME:
            return int(_RIGHT)
        return None

    def data(self, index: QModelIndex, role: int = 0) -> Any:  # noqa: ANN401
        """One cell."""
        node, column = self.node(index), index.column()
        if node is None:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and column != NAME:
            return int(_RIGHT)
        if role == Qt.ItemDataRole.ForegroundRole and column == CHANGE and node.change:
            return self._themes.color("amber" if node.change > 0 else "green")
        if role == Qt.ItemDataRole.ToolTipRole and column == NAME:
            return node.title
        return self._text(node, column) if role == Qt.ItemDataRole.DisplayRole else None

    def _text(self, node: Node, column: int) -> str:
        if column == NAME:
            return node.title
        if column == SIZE:
            return size_text(node.size)
        if column == SHARE:
            return percent_text(node.size, self._whole)
        return signed_size_text(node.change) if node.change else ""
