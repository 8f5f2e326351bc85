"""The list of declarations in the dialog of signatures: each is edited in its place, its problem is said below it."""

from __future__ import annotations

from typing import TypeAlias

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ide.stub_table import line_of, with_line
from ide.themes import mono, themes
from toolchains.text import Text, _

_Index: TypeAlias = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole
#: Pixels between rows, so that a field fits over one.
_AIR = 12


class DeclarationsModel(QAbstractListModel):
    """The texts of the declarations, as rows. ``edited``: the person changed one, or their number."""

    edited = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.texts: list[str] = []
        self._problems: list[Text | None] = []

    def problem(self, row: int) -> Text | None:
        """What is wrong with a row, as far as is known."""
        return self._problems[row] if 0 <= row < len(self._problems) else None

    def load(self, texts: tuple[str, ...]) -> None:
        """Other declarations."""
        self.beginResetModel()
        self.texts, self._problems = list(texts), [None] * len(texts)
        self.endResetModel()
        self.edited.emit()

    def add(self, text: str, row: int) -> None:
        """A new one."""
        self.beginInsertRows(QModelIndex(), row, row)
        self.texts.insert(row, text)
        self._problems.insert(row, None)
        self.endInsertRows()
        self.edited.emit()

    def remove(self, row: int) -> None:
        """One less."""
        self.beginRemoveRows(QModelIndex(), row, row)
        del self.texts[row], self._problems[row]
        self.endRemoveRows()
        self.edited.emit()

    def change(self, row: int, text: str) -> None:
        """Another text for one."""
        if text != self.texts[row]:
            self.texts[row] = text
            self._redraw(row)
            self.edited.emit()

    def tell(self, problems: tuple[Text | None, ...]) -> None:
        """What is wrong with each."""
        if len(problems) == len(self.texts):
            before, self._problems = self._problems, list(problems)
            for row, one in enumerate(before):
                if str(one) != str(problems[row]):
                    self._redraw(row)

    def redraw(self) -> None:
        """Language or colours are others now."""
        for row in range(len(self.texts)):
            self._redraw(row)

    def _redraw(self, row: int) -> None:
        self.dataChanged.emit(self.index(row), self.index(row))

    # --- Qt's ------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: _Index | None = None) -> int:
        """Qt's."""
        return 0 if parent is not None and parent.isValid() else len(self.texts)

    def data(self, index: _Index, role: int = _ROLE.DisplayRole) -> object:
        """Qt's: the line, and below it what is wrong."""
        line, problem = line_of(self.texts[index.row()]), self._problems[index.row()]
        if role == _ROLE.EditRole:
            return line
        if role in (_ROLE.DisplayRole, _ROLE.AccessibleTextRole, _ROLE.ToolTipRole):
            return line if problem is None else f"{line}\n{problem}"
        if role == _ROLE.ForegroundRole and problem is not None:
            return themes.color("red")
        return None

    def setData(self, index: _Index, value: object, role: int = _ROLE.EditRole) -> bool:
        """Qt's: the person typed another line."""
        if role != _ROLE.EditRole or not str(value).strip():
            return False
        if str(value) != line_of(self.texts[index.row()]):
            self.change(index.row(), with_line(self.texts[index.row()], str(value)))
        return True

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Qt's."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable


class LineDelegate(QStyledItemDelegate):
    """Room to type in each row. What is being typed stays, whatever becomes known of the row meanwhile."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Qt's."""
        hint = super().sizeHint(option, index)
        return QSize(hint.width(), hint.height() + _AIR)

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: _Index) -> QWidget:
        """Qt's."""
        field = QLineEdit(parent)
        field.setFont(mono())
        field.setAccessibleName(str(_("The line as Python sees it")))
        return field

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        """Qt's: once."""
        if isinstance(editor, QLineEdit) and not editor.text() and not editor.isModified():
            editor.setText(str(index.data(_ROLE.EditRole)))

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: _Index) -> None:
        """Qt's: over the line, as tall as a field must be."""
        place = option.rect
        place.setHeight(max(editor.sizeHint().height(), min(place.height(), 2 * _AIR)))
        editor.setGeometry(place)
