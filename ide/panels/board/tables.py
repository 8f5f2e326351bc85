"""Small tables of words and numbers, which the mouse, the keyboard and a screen reader all can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QKeySequence, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView, QWidget

from ide.themes import themes
from ide.words import bind, words
from toolchains.text import Text

_SWATCH = 12
_SPACE = 6


@dataclass(frozen=True)
class Cell:
    """What a cell says. ``color``: shown beside it; ``hint``: said to whoever points at it."""

    said: str
    color: QColor | None = None
    hint: str = ""


Row = Sequence["Cell | str"]


class RowsModel(QAbstractTableModel):
    """Rows that are replaced as a whole. ``numbers``: columns that are aligned to the right."""

    def __init__(self, heads: Sequence[Text], numbers: Sequence[int], parent: QWidget) -> None:
        super().__init__(parent)
        self._heads, self._numbers = heads, frozenset(numbers)
        self.rows: list[Row] = []

    def show(self, rows: Sequence[Row]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        """Qt asks."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        """Qt asks."""
        return 0 if parent.isValid() else len(self._heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: ANN401
        """The heads, in the person's language."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return str(self._heads[section])
        return self._aligned(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _aligned(self, column: int) -> int:
        side = Qt.AlignmentFlag.AlignRight if column in self._numbers else Qt.AlignmentFlag.AlignLeft
        return int(side | Qt.AlignmentFlag.AlignVCenter)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:  # noqa: ANN401
        """One cell."""
        found = self.rows[index.row()][index.column()]
        cell = found if isinstance(found, Cell) else Cell(found)
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.said
        if role == Qt.ItemDataRole.ToolTipRole:
            return cell.hint or cell.said
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._aligned(index.column())
        if role == Qt.ItemDataRole.DecorationRole and cell.color is not None:
            return _swatch(cell.color)
        return None


def _swatch(color: QColor) -> QPixmap:
    """A small square with an edge, so that the colour of the ground is seen, too."""
    found = QPixmap(_SWATCH, _SWATCH)
    found.fill(color)
    painter = QPainter(found)
    painter.setPen(themes.color("muted"))
    painter.drawRect(0, 0, _SWATCH - 1, _SWATCH - 1)
    painter.end()
    return found


class Rows(QTableView):
    """A table that is as high as its rows, up to ``most`` of them; Ctrl-C copies the chosen ones."""

    def __init__(
        self, name: Text, heads: Sequence[Text], parent: QWidget, *, numbers: Sequence[int] = (), most: int = 12
    ) -> None:
        super().__init__(parent)
        self._most = most
        self.rows = RowsModel(heads, numbers, self)
        self.setModel(self.rows)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + _SPACE)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(len(heads) - 1 not in numbers)
        bind(self, "setAccessibleName", name)
        words.changed.connect(self._renamed)

    def _renamed(self) -> None:
        self.rows.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.rows.columnCount() - 1)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Replace all; the chosen row stays chosen by its place."""
        at, scrolled = self.currentIndex(), self.verticalScrollBar().value()
        self.rows.show(rows)
        self.setVisible(bool(rows))
        if at.isValid() and at.row() < len(rows):
            self.setCurrentIndex(self.rows.index(at.row(), at.column()))
        self.verticalScrollBar().setValue(scrolled)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As many rows as there are."""
        n = min(self._most, max(1, self.rows.rowCount()))
        bar = self.horizontalScrollBar()
        extra = bar.sizeHint().height() if self.horizontalHeader().length() > self.viewport().width() else 0
        high = self.horizontalHeader().sizeHint().height() + n * self.verticalHeader().defaultSectionSize() + 4 + extra
        return QSize(200, high)

    def minimumSizeHint(self) -> QSize:
        """Narrow, if need be."""
        return QSize(120, self.sizeHint().height())

    def keyPressEvent(self, event: Any) -> None:  # noqa: ANN401 - a QKeyEvent
        """Ctrl-C: the chosen rows, as tab-separated text."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.chosen_text())
            return
        super().keyPressEvent(event)

    def chosen_text(self) -> str:
        """The chosen rows; all, where none is."""
        chosen = sorted({index.row() for index in self.selectionModel().selectedRows()}) or range(self.rows.rowCount())
        columns = range(self.rows.columnCount())
        return "\n".join(
            "\t".join(
                str(self.rows.data(self.rows.index(row, column), Qt.ItemDataRole.DisplayRole)) for column in columns
            )
            for row in chosen
        )
