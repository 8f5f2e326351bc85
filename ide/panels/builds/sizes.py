"""Sizes of a module with a bar against the last build, and the symbols of its objects by size."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QGridLayout,
    QHeaderView,
    QLabel,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ide import controls
from ide.context import IdeContext
from ide.panels.builds.facts import SECTIONS, Facts, Size, Symbol
from ide.panels.builds.wording import SECTION_NAMES, change_text
from ide.words import bind, words
from toolchains.text import Text, _
from toolchains.units import size_text

_HEADS: tuple[Text, ...] = (_("Name"), _("Part"), _("Size"), _("Change"))
_NAME, _PART, _SIZE, _CHANGE = range(4)


class Bar(QWidget):
    """One size against the largest: what is there now, and how that differs from the last build."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.size_now, self.largest = Size("", 0), 1
        self.setMinimumSize(80, 14)

    def show_size(self, size: Size, largest: int) -> None:
        """Draw this."""
        self.size_now, self.largest = size, max(1, largest)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """What stayed is filled; what came is hatched; what went is a dashed outline."""
        painter, color = QPainter(self), self._ctx.themes.color
        size, high = self.size_now, self.height() - 4.0
        before = size.before if size.before is not None else size.now
        kept, now, was = (self._width(n) for n in (min(size.now, before), size.now, before))
        painter.fillRect(QRectF(0, 2, kept, high), color("accent"))
        if now > kept:
            came = QRectF(kept, 2.5, max(1.0, now - kept - 1), high - 1)
            painter.fillRect(came, QBrush(color("amber"), Qt.BrushStyle.BDiagPattern))
            painter.setPen(QPen(color("amber"), 1))
            painter.drawRect(came)
        if was > kept:
            painter.setPen(QPen(color("green"), 1, Qt.PenStyle.DashLine))
            painter.drawRect(QRectF(kept, 2.5, max(1.0, was - kept - 1), high - 1))
        painter.end()

    def _width(self, n: int) -> float:
        return (self.width() - 1) * n / self.largest


class SymbolsModel(QAbstractTableModel):
    """Symbols, the largest first."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[Symbol, ...] = ()

    def show(self, rows: tuple[Symbol, ...]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Qt asks."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Qt asks."""
        return len(_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: ANN401
        """The heads, in the person's language."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return str(_HEADS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole and section in (_SIZE, _CHANGE):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: QModelIndex, role: int = 0) -> Any:  # noqa: ANN401
        """One cell."""
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in (_SIZE, _CHANGE):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        symbol = self.rows[index.row()]
        size = symbol.size
        if index.column() == _NAME:
            return size.name
        if index.column() == _PART:
            return str(SECTION_NAMES.get(symbol.kind, symbol.kind))
        return size_text(size.now) if index.column() == _SIZE else _changed(size)


def _changed(size: Size) -> str:
    return change_text(size.change) if size.change else ""


class Sizes(QWidget):
    """Left the parts of the module, right its symbols."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._facts: Facts | None = None
        self.bars = {name: Bar(ctx, self) for name in SECTIONS}
        self.numbers = {name: (QLabel(self), QLabel(self)) for name in SECTIONS}
        self.empty = QLabel(self)
        self.empty.setProperty("role", "muted")
        self.empty.setWordWrap(True)
        bind(self.empty, "setText", _("Build the module: its sizes and its symbols show here."))
        self.model = SymbolsModel(self)
        self.symbols = self._symbols()
        self.split = QSplitter(Qt.Orientation.Horizontal, self)
        self.split.addWidget(self._sections())
        self.split.addWidget(self.symbols)
        self.split.setSizes([420, 580])
        self.split.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.addWidget(self.empty)
        column.addWidget(self.split, 1)
        ctx.themes.changed.connect(self.update)
        words.changed.connect(self.render)
        self.show_facts(None)

    def _sections(self) -> QWidget:
        holder = QWidget(self)
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(1, 1)
        for row, name in enumerate(SECTIONS):
            title = QLabel(self)
            bind(title, "setText", SECTION_NAMES[name])
            grid.addWidget(title, row, 0)
            grid.addWidget(self.bars[name], row, 1)
            for column, label in enumerate(self.numbers[name]):
                label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                label.setMinimumWidth(64)
                grid.addWidget(label, row, 2 + column)
        grid.setRowStretch(len(SECTIONS), 1)
        return holder

    def _symbols(self) -> QTableView:
        table = QTableView(self)
        table.setModel(self.model)
        controls.table_of_rows(table, _("Symbols by size"))
        controls.low_rows(table, 6)
        table.horizontalHeader().setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        return table

    def show_facts(self, facts: Facts | None) -> None:
        """The sizes of a module; None: there is none."""
        self._facts = facts
        self.empty.setVisible(facts is None)
        self.split.setVisible(facts is not None)
        self.model.show(facts.symbols if facts is not None else ())
        self.render()

    def render(self) -> None:
        """Numbers in the person's language."""
        sizes = self._facts.sizes if self._facts is not None else ()
        largest = max((max(size.now, size.before or 0) for size in sizes), default=1)
        for size in sizes:
            number, change = self.numbers[size.name]
            number.setText(size_text(size.now))
            change.setText(change_text(size.change))
            difference = size.change or 0
            _set_role(change, "look" if difference > 0 else "good" if difference < 0 else "muted")
            bar = self.bars[size.name]
            bar.show_size(size, largest)
            bar.setAccessibleName(f"{SECTION_NAMES[size.name]}: {number.text()} {change.text()}")
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(_HEADS) - 1)
        self.symbols.viewport().update()


def _set_role(label: QLabel, role: str) -> None:
    label.setProperty("role", role)
    label.style().unpolish(label)
    label.style().polish(label)
