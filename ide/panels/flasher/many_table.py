"""The table of all boards: one line each, with its progress drawn in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ide import controls
from ide.board.flash.facts_words import board_words
from ide.context import IdeContext
from ide.panels.flasher.tells import RowTold, State
from ide.words import words
from toolchains.text import Text, _
from toolchains.units import percent_text

if TYPE_CHECKING:
    from ide.board.flash.coach import Lesson
    from ide.board.flash.records import BoardFacts
    from toolchains.errors import StudioError

HEADS: tuple[Text, ...] = (_("Port"), _("Label"), _("Board"), _("Progress"), _("Result"))
PORT, LABEL, BOARD, PROGRESS, RESULT = range(5)
#: Percent of the width; the last column has the rest.
_SHARES = (11, 8, 28, 17)
#: Names are to be read in whole: at most this much of the width, and pixels beside the letters (a port's box to tick).
_NAMES = {PORT: (22, 36), LABEL: (16, 12)}
#: Pixels of a row beside its letters.
_SPARE = 5
_COLOURS: dict[State, str] = {"good": "green", "bad": "red", "stopped": "amber"}
_SIGNS: dict[State, str] = {"good": "✓ ", "bad": "✗ ", "stopped": "● "}


@dataclass
class BoardRow:
    """One board. ``percent`` 0 to 100, None where that is not known; ``mac`` is what its label is kept by.

    ``result``, ``more``, ``detail`` and ``lesson``: as of :class:`~ide.panels.flasher.tells.RowTold`.
    """

    port: str
    title: Text | str = ""
    mac: str = ""
    label: str = ""
    facts: BoardFacts | None = None
    step: Text | str = ""
    percent: int | None = None
    state: State = "idle"
    result: Text | str = ""
    more: tuple[Text | StudioError, ...] = ()
    detail: str = ""
    lesson: Lesson | None = None
    chosen: bool = True

    def clear(self) -> None:
        """Nothing was done with it yet."""
        self.state, self.step, self.percent = "idle", "", None
        self.result, self.more, self.detail, self.lesson = "", (), "", None

    def take(self, told: RowTold) -> None:
        """It got further."""
        self.state, self.step, self.percent = told.state, told.step, told.percent
        self.result, self.more, self.detail, self.lesson = told.result, told.more, told.detail, told.lesson
        self.mac = told.mac or self.mac
        self.label = told.label or self.label
        self.facts = told.facts or self.facts


class ManyModel(QAbstractTableModel):
    """``relabelled(row, text)`` is called when the person names a board; ``ticked``: boards were chosen, or not."""

    ticked = Signal()

    def __init__(self, ctx: IdeContext, relabelled: Callable[[BoardRow, str], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx, self._relabelled = ctx, relabelled
        self.rows: list[BoardRow] = []
        self.fixed = False  # while they are flashed, nothing is chosen

    def show(self, rows: list[BoardRow]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def touched(self, row: BoardRow) -> None:
        """One row is another one now."""
        at = self.rows.index(row)
        self.dataChanged.emit(self.index(at, 0), self.index(at, len(HEADS) - 1))

    def take(self, row: BoardRow, told: RowTold) -> None:
        """One row got further: only the cells are painted that are others now."""
        before, state = [self._text(row, column) for column in range(len(HEADS))], row.state
        row.take(told)
        at = self.rows.index(row)
        for column, text in enumerate(before):
            if text != self._text(row, column) or (column in (PROGRESS, RESULT) and row.state != state):
                self.dataChanged.emit(self.index(at, column), self.index(at, column))

    def of(self, port: str) -> BoardRow | None:
        """The row of a port."""
        return next((row for row in self.rows if row.port == port), None)

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Qt asks."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Qt asks."""
        return len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: ANN401
        """The heads, in the person's language."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return str(HEADS[section])
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """The first cell is ticked, the second one typed in."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == PORT and not self.fixed:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        if index.column() == LABEL and self.rows[index.row()].mac:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: QModelIndex, role: int = 0) -> Any:  # noqa: ANN401
        """One cell."""
        row, column = self.rows[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._text(row, column)
        if role == Qt.ItemDataRole.CheckStateRole and column == PORT:
            return Qt.CheckState.Checked if row.chosen else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ForegroundRole and column == RESULT and row.state in _COLOURS:
            return self._ctx.themes.color(_COLOURS[row.state])
        if role == Qt.ItemDataRole.ToolTipRole:
            more = "\n".join(map(str, row.more)) if column == RESULT else ""
            return more or self._text(row, column) or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{HEADS[column]}: {self._text(row, column)}"
        return None

    def _text(self, row: BoardRow, column: int) -> str:
        if column == PORT:
            return row.port
        if column == LABEL:
            return row.label
        if column == BOARD:
            return str(board_words(row.facts) if row.facts is not None else row.title)
        if column == PROGRESS:
            done = percent_text(row.percent, 100) if row.percent is not None else ""
            return " · ".join(part for part in (str(row.step), done) if part) if row.state == "working" else ""
        return f"{_SIGNS.get(row.state, '')}{row.result}" if str(row.result) else ""

    def setData(self, index: QModelIndex, value: Any, role: int = 0) -> bool:  # noqa: ANN401
        """Ticked, or named."""
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == PORT and not self.fixed:
            row.chosen = Qt.CheckState(value) == Qt.CheckState.Checked
            self.ticked.emit()
        elif role == Qt.ItemDataRole.EditRole and index.column() == LABEL:
            row.label = str(value).strip()
            self._relabelled(row, row.label)
        else:
            return False
        self.touched(row)
        return True


class _Bar(QStyledItemDelegate):
    """Words on a bar, in the table's own colours."""

    def __init__(self, ctx: IdeContext, parent: QTableView) -> None:
        super().__init__(parent)
        self._ctx, self._view = ctx, parent

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """The bar below, the words on it."""
        model = index.model()
        assert isinstance(model, ManyModel)
        row = model.rows[index.row()]
        color, place = self._ctx.themes.color, option.rect.adjusted(4, 2, -4, -2)
        if row.state == "working" and row.percent is not None:
            painter.fillRect(place, color("window"))
            done = QRect(place.left(), place.top(), place.width() * row.percent // 100, place.height())
            painter.fillRect(done, color("selection"))
            painter.setPen(color("line"))
            painter.drawRect(place)
        painter.setPen(color("selection_text" if row.state == "working" and (row.percent or 0) > 50 else "text"))
        words_ = option.fontMetrics.elidedText(str(index.data() or ""), Qt.TextElideMode.ElideRight, place.width() - 12)
        painter.drawText(place.adjusted(6, 0, -6, 0), int(Qt.AlignmentFlag.AlignVCenter), words_)


class ManyTable(QTableView):
    """The lines; Space ticks one, F2 names it."""

    def __init__(self, ctx: IdeContext, model: ManyModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegateForColumn(PROGRESS, _Bar(ctx, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        controls.table_of_rows(self, _("All boards"))
        controls.low_rows(self, _SPARE)
        self.horizontalHeader().setStretchLastSection(True)
        words.changed.connect(self._headed)
        model.modelReset.connect(self._share_out)
        model.dataChanged.connect(self._changed)
        ctx.themes.changed.connect(self.viewport().update)
        self._headed()

    def _headed(self) -> None:
        model = self.model()
        model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(HEADS) - 1)
        self._share_out()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The result is always seen, also when there is something beside the table."""
        super().resizeEvent(event)
        self._share_out()

    def _changed(self, first: QModelIndex, last: QModelIndex) -> None:
        """A board may have got a name."""
        if first.column() <= LABEL <= last.column():
            self._share_out()

    def _share_out(self) -> None:
        whole = self.viewport().width()
        for column, share in enumerate(_SHARES):
            width = max(whole * share // 100, self.horizontalHeader().sectionSizeHint(column))
            if column in _NAMES:
                most, beside = _NAMES[column]
                width = max(width, min(self._widest(column) + beside, whole * most // 100))
            self.setColumnWidth(column, width)

    def _widest(self, column: int) -> int:
        model, letters = self.model(), self.fontMetrics()
        texts = (str(model.index(row, column).data() or "") for row in range(model.rowCount()))
        return max(map(letters.horizontalAdvance, texts), default=0)
