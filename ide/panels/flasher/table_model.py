"""The rows of a partition table as cells that can be typed in; what is wrong with a row stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PySide6.QtWidgets import QComboBox, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ide.board.flash.table import Partition, Table, is_label, subtype_number, subtypes_of, type_number
from ide.board.flash.table_check import Complaint
from ide.context import IdeContext
from toolchains.text import Text, _
from toolchains.units import size_text

HEADS: tuple[Text, ...] = (_("Name"), _("Type"), _("Subtype"), _("Begins at"), _("Size"), _("What is wrong"))
NAME, TYPE, SUBTYPE, OFFSET, SIZE, WRONG = range(6)
_TYPES = ("app", "data")
_UNITS = {"": 1, "b": 1, "k": 1024, "kb": 1024, "ko": 1024, "m": 1 << 20, "mb": 1 << 20, "mo": 1 << 20}
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|\d+(?:[.,]\d+)?)\s*([a-zA-Z]*)")


def number(words: str) -> int | None:
    """``0x9000``, ``24 kB``, ``1.5 MB``, ``4096`` in bytes; None for what is no number."""
    found = _NUMBER.fullmatch(words.strip())
    if found is None or found[2].lower() not in _UNITS:
        return None
    value = int(found[1], 16) if found[1][:2] in ("0x", "0X") else float(found[1].replace(",", "."))
    return int(value * _UNITS[found[2].lower()])


def exact_size(n_bytes: int) -> str:
    """A size that loses nothing when it is read again: ``1984 kB``; what is no number of kB in hexadecimal."""
    if n_bytes % 1024:
        return f"0x{n_bytes:x}"
    if n_bytes and n_bytes % (1 << 20) == 0:
        return size_text(n_bytes)
    return str(_("{number} kB", number=n_bytes // 1024))


class TableModel(QAbstractTableModel):
    """``edited(row, partition)`` is asked for every change; the rows are whatever is shown then."""

    def __init__(self, ctx: IdeContext, edited: Callable[[int, Partition], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx, self._edited = ctx, edited
        self.table: Table | None = None
        self._wrong: dict[str, list[Complaint]] = {}

    def show(self, table: Table | None, complaints: list[Complaint]) -> None:
        """Replace all rows, or only what they say."""
        same = table is not None and self.table is not None and len(table.partitions) == len(self.table.partitions)
        if not same:
            self.beginResetModel()
        self.table = table
        self._wrong = {}
        for one in complaints:
            self._wrong.setdefault(one.partition, []).append(one)
        if not same:
            self.endResetModel()
        elif self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, len(HEADS) - 1))

    @property
    def rows(self) -> tuple[Partition, ...]:
        """What is shown."""
        return self.table.partitions if self.table is not None else ()

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
        if role == Qt.ItemDataRole.TextAlignmentRole and section in (OFFSET, SIZE):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """All but the last cell can be typed in; what the firmware makes by itself cannot."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        fixed = index.column() == WRONG or self.rows[index.row()].implicit
        return flags if fixed else flags | Qt.ItemFlag.ItemIsEditable

    def data(self, index: QModelIndex, role: int = 0) -> Any:  # noqa: ANN401
        """One cell."""
        row, column = self.rows[index.row()], index.column()
        wrong = self._wrong.get(row.name, [])
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._text(row, column, wrong)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (OFFSET, SIZE):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole and column == WRONG:
            return self._ctx.themes.color("red" if any(one.fatal for one in wrong) else "amber" if wrong else "muted")
        if role == Qt.ItemDataRole.ToolTipRole and column == WRONG:
            return "\n".join(str(one.text) for one in wrong) or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{HEADS[column]}: {self._text(row, column, wrong)}"
        return None

    def _text(self, row: Partition, column: int, wrong: list[Complaint]) -> str:
        if column == WRONG:
            own = str(_("made by the firmware itself")) if row.implicit else ""
            return " ".join(f"{'✗' if one.fatal else '●'} {one.text}" for one in wrong) or own
        return (row.name, row.type_text, row.subtype_text, f"0x{row.offset:x}", exact_size(row.size))[column]

    def setData(self, index: QModelIndex, value: Any, role: int = 0) -> bool:  # noqa: ANN401
        """Typed in. What cannot be read changes nothing."""
        if role != Qt.ItemDataRole.EditRole:
            return False
        changed = _changed(self.rows[index.row()], index.column(), str(value).strip())
        if changed is None or changed == self.rows[index.row()]:
            return False
        self._edited(index.row(), changed)
        return True


def _changed(row: Partition, column: int, words: str) -> Partition | None:
    if column == NAME:
        return replace(row, name=words) if is_label(words) else None
    if column in (OFFSET, SIZE):
        value = number(words)
        if value is None or value >= 1 << 32:
            return None
        return replace(row, offset=value) if column == OFFSET else replace(row, size=value)
    try:
        if column == TYPE:
            kind = type_number(words)
            return replace(row, type=kind, subtype=row.subtype if kind == row.type else _first_subtype(kind))
        return replace(row, subtype=subtype_number(row.type, words))
    except ValueError:
        return None


def _first_subtype(kind: int) -> int:
    return min(subtypes_of(kind).values(), default=0)


class Choices(QStyledItemDelegate):
    """Types and subtypes are chosen from what there is, or typed as a number."""

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: QModelIndex) -> QWidget:
        """A list that can be typed in."""
        model = index.model()
        assert isinstance(model, TableModel)
        box = QComboBox(parent)
        box.setEditable(True)
        box.setAccessibleName(str(HEADS[index.column()]))
        row = model.rows[index.row()]
        box.addItems(list(_TYPES) if index.column() == TYPE else list(subtypes_of(row.type)))
        return box

    def setEditorData(self, editor: QWidget, index: QModelIndex) -> None:
        """What it is now."""
        assert isinstance(editor, QComboBox)
        editor.setCurrentText(str(index.data(Qt.ItemDataRole.EditRole)))

    def setModelData(self, editor: QWidget, model: Any, index: QModelIndex) -> None:  # noqa: ANN401
        """What was chosen."""
        assert isinstance(editor, QComboBox)
        model.setData(index, editor.currentText(), Qt.ItemDataRole.EditRole)
