"""The list of names below what is typed. It has no keyboard of its own: the text's keys are given to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QLabel, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout

from ide.editor.editor import CodeEditor
from ide.editor.intelligence.floating import Floating, announce
from ide.editor.lsp.records import Item
from ide.themes import themes
from ide.words import bind
from toolchains.text import _

_ROWS = 10
_NARROWEST, _WIDEST = 260, 620
_PAD = 6
#: Of longer names and words nobody sees more.
_MOST_LETTERS, _MOST_ABOUT, _MOST_LINES = 120, 300, 4
_ITEM = Qt.ItemDataRole.UserRole
_Index: TypeAlias = QModelIndex | QPersistentModelIndex
#: A letter before the name says what it is, in the colour that it has in the text.
_SIGNS = {
    "function": ("f", "function"), "member": (".", "editor_text"), "variable": ("v", "editor_text"),
    "class": ("t", "type"), "module": ("m", "preprocessor"), "constant": ("c", "number"), "keyword": ("k", "keyword"),
    "file": ("/", "string"),
}  # fmt: skip
_KINDS = {
    "function": _("function"), "member": _("part"), "variable": _("variable"), "class": _("type"),
    "module": _("module"), "constant": _("constant"), "keyword": _("word of the language"), "file": _("file"),
}  # fmt: skip
#: clangd's words for the header, which say nothing of the name.
_WHERE = 'From "'
_NOT_OFFERED = _("MicroPython does not offer this to modules.")
_NOTHING = _("Nothing to propose here.")


def _short(text: str, most: int = _MOST_LETTERS) -> str:
    """One line of it."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}\u2026"


class _Names(QAbstractListModel):
    """The items, as rows."""

    def __init__(self, parent: Floating) -> None:
        super().__init__(parent)
        self.items: Sequence[Item] = ()

    def use(self, items: Sequence[Item]) -> None:
        self.beginResetModel()
        self.items = items
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's
        """Qt's."""
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt's."""
        if not index.isValid():
            return None
        item = self.items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _short(item.label)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{spoken(item)}. {_NOT_OFFERED}" if item.unlinkable else spoken(item)
        return item if role == _ITEM else None


def spoken(item: Item) -> str:
    """A row in words, for a screen reader."""
    parts = [item.label, str(_KINDS.get(item.kind, "")), _short(item.detail)]
    return ", ".join(part for part in parts if part)


class _Row(QStyledItemDelegate):
    """Paints a row: sign, name, and what stands behind the name as far as there is room."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: _Index) -> QSize:
        """Qt's."""
        return QSize(_NARROWEST, option.fontMetrics.height() + 4)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Qt's."""
        item, color = index.data(_ITEM), themes.color
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(option.rect, color("selection"))
        sign, token = _SIGNS.get(item.kind, ("", "muted"))
        if item.unlinkable:
            sign, token = "\u00d7", "red"
        room = option.rect.adjusted(_PAD, 0, -_PAD, 0)
        width = option.fontMetrics.horizontalAdvance("mm")
        painter.setFont(option.font)
        painter.setPen(color("selection_text") if chosen else color(token))
        painter.drawText(QRect(room.left(), room.top(), width, room.height()), int(Qt.AlignmentFlag.AlignVCenter), sign)
        self._name(painter, option, room.adjusted(width, 0, 0, 0), item)
        painter.restore()

    def _name(self, painter: QPainter, option: QStyleOptionViewItem, room: QRect, item: Item) -> None:
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        font = QFont(option.font)
        font.setStrikeOut(item.unlinkable)
        painter.setFont(font)
        painter.setPen(themes.color("selection_text" if chosen else "muted" if item.unlinkable else "text"))
        metrics = QFontMetrics(font)
        name = metrics.elidedText(_short(item.label), Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), name)
        room = room.adjusted(metrics.horizontalAdvance(name + "  "), 0, 0, 0)
        if item.detail and room.width() > metrics.averageCharWidth() * 3:
            painter.setFont(option.font)
            painter.setPen(themes.color("selection_text" if chosen else "muted"))
            detail = metrics.elidedText(_short(item.detail), Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), detail)


class Popup(Floating):
    """``accepted(item)``: somebody pressed on it."""

    accepted = Signal(object)

    def __init__(self, view: CodeEditor, why_not: Callable[[str], str]) -> None:
        """``why_not(name)``: the reason of a name that does not link."""
        super().__init__(view)
        self._why_not = why_not
        bind(self, "setAccessibleName", _("Names that fit"))
        self.list = QListView(self)
        self.model = _Names(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Row(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(False)
        self.list.clicked.connect(lambda index: self.accepted.emit(index.data(_ITEM)))
        bind(self.list, "setAccessibleName", _("Names that fit"))
        self.about = QLabel(self)
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setWordWrap(True)
        self.about.setContentsMargins(_PAD, 3, _PAD, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.list)
        column.addWidget(self.about)
        self._position = 0
        self._moved = False

    # --- what it shows -----------------------------------------------------------------------------------------------

    def fill(self, items: Sequence[Item], position: int, *, keep: str = "") -> None:
        """Show these for a word that begins at ``position``; ``keep``: the name that stays chosen if it is there.

        Without items it says that there are none.
        """
        self._position = position
        self.model.use(items)
        font = themes.mono()
        font.setPointSizeF(self.points())
        self.list.setFont(font)
        self.about.setFont(font)
        row = next((number for number, item in enumerate(items) if item.label == keep), -1) if keep else -1
        self._moved, row = row >= 0, max(row, 0)
        self.list.setVisible(bool(items))
        self._choose(row)
        self._fit()

    def _fit(self) -> None:
        metrics = QFontMetrics(self.list.font())
        rows = min(len(self.model.items), _ROWS)
        longest = max((len(item.label) + min(len(item.detail), 48) for item in self.model.items[:50]), default=0)
        wanted = metrics.averageCharWidth() * (longest + 6) + 2 * _PAD + 16
        room = self.parentWidget().size()
        width = min(max(wanted, _NARROWEST), max(_WIDEST, metrics.averageCharWidth() * 70), room.width() - 8)
        self.list.setFixedHeight(min(rows * (metrics.height() + 4), max(room.height() // 2, 40)))
        about = self.about.heightForWidth(width - 2) if not self.about.isHidden() else 0
        self.resize(width, (self.list.height() if rows else 0) + about + 2)
        self.put_at(self._position, shift=metrics.horizontalAdvance("mm") + _PAD + 1)

    def refit(self) -> None:
        """The text moved below it."""
        self._fit()

    # --- what is chosen ----------------------------------------------------------------------------------------------

    def current(self) -> Item | None:
        """The chosen item."""
        items, row = self.model.items, self.list.currentIndex().row()
        return items[row] if 0 <= row < len(items) else None

    def step(self, rows: int) -> None:
        """Choose so many rows below; from the last one on to the first."""
        count = len(self.model.items)
        if not count:
            return
        row, self._moved = self.list.currentIndex().row(), True
        self._choose((row + rows) % count if abs(rows) == 1 else min(max(row + rows, 0), count - 1))
        self._fit()

    def kept(self) -> str:
        """The name that somebody chose by the arrows; empty when they did not."""
        item = self.current()
        return item.label if item is not None and self._moved else ""

    def _choose(self, row: int) -> None:
        self.list.setCurrentIndex(self.model.index(row))
        item = self.current()
        words = self._words(item) if item is not None else str(_NOTHING)
        self.about.setText(words)
        self.about.setVisible(bool(words))
        announce(self.view, f"{spoken(item)}. {words}" if item is not None else words)

    def _words(self, item: Item) -> str:
        if item.unlinkable:
            return self._why_not(item.label) or item.doc or str(_NOT_OFFERED)
        return _about(item)


def _about(item: Item) -> str:
    """What is said of the chosen name below the list."""
    lines = [line.rstrip() for line in item.doc.splitlines() if line.strip() and not line.startswith(_WHERE)]
    if len(item.label) + len(item.detail) > 55:
        lines.insert(0, item.detail)
    return "\n".join(_short(line, _MOST_ABOUT) for line in lines[:_MOST_LINES])
