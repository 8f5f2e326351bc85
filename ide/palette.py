"""The command palette: every command, found by typing a part of its name."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from ide.commands import Command, Commands
from ide.words import bind
from toolchains.text import _

_WIDTH, _HEIGHT = 560, 360
_ID = Qt.ItemDataRole.UserRole


def score(query: str, title: str, more: str = "") -> int:
    """How well a command fits what was typed: 0 not at all; best what its title begins with, then a word's beginning.

    Several words may stand anywhere, also in ``more``: the hint, and the id, which has the words that programs use.
    """
    query, title, more = query.casefold().strip(), title.casefold(), more.casefold()
    if not query:
        return 1
    at = title.find(query)
    if at >= 0:
        return 1000 - at - len(title) + (500 if at == 0 or not title[at - 1].isalnum() else 0)
    words = query.split()
    if all(word in title for word in words):
        return 100
    return 10 if all(word in title or word in more for word in words) else 0


class Palette(QFrame):
    """A list over the window; Enter does what is chosen, Escape closes it."""

    def __init__(self, commands: Commands, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._commands = commands
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = QLineEdit(self)
        bind(self.field, "setPlaceholderText", _("Type what you want to do"))
        bind(self.field, "setAccessibleName", _("Find a command"))
        self.list = QTreeWidget(self)
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        bind(self.list, "setAccessibleName", _("Commands"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.field)
        layout.addWidget(self.list)
        self.field.textChanged.connect(self._fill)
        self.field.returnPressed.connect(self._do)
        self.list.itemActivated.connect(lambda _item, _column: self._do())
        self.list.itemClicked.connect(lambda _item, _column: self._do())
        self.field.installEventFilter(self)
        self._fill("")

    def open_over(self, window: QWidget) -> None:
        """Show it at the top of a window."""
        corner = window.mapToGlobal(QPoint((window.width() - _WIDTH) // 2, 48))
        self.setGeometry(corner.x(), corner.y(), _WIDTH, _HEIGHT)
        self.list.setColumnWidth(0, _WIDTH - 160)
        self.show()
        self.field.setFocus()

    def _fill(self, query: str) -> None:
        shown = [one for one in self._commands.records.values() if one.in_palette]
        ranked = [(score(query, str(one.title), f"{one.hint or ''} {one.id}"), one) for one in shown]
        ranked.sort(key=lambda pair: (-pair[0], str(pair[1].title)) if query else (0, str(pair[1].title)))
        self.list.clear()
        for points, command in ranked:
            if points:
                self.list.addTopLevelItem(self._row(command))
        if self.list.topLevelItemCount():
            self.list.setCurrentItem(self.list.topLevelItem(0))

    def _row(self, command: Command) -> QTreeWidgetItem:
        keys = QKeySequence(command.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        row = QTreeWidgetItem([str(command.title), keys])
        row.setData(0, _ID, command.id)
        row.setTextAlignment(1, Qt.AlignmentFlag.AlignRight)
        row.setToolTip(0, str(command.hint or command.title))
        row.setDisabled(not command.enabled())
        return row

    def _do(self) -> None:
        item = self.list.currentItem()
        if item is None or item.isDisabled():
            return
        command_id = item.data(0, _ID)
        self.close()
        self._commands.run(command_id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up, Down and the pages move in the list while the field has the focus."""
        moves = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in moves:
            self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)
