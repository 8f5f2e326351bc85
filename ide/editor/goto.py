"""Go to a line, or to one of many named places: one small list over the editor."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from ide.editor.editor import CodeEditor
from ide.editor.lsp.records import Outline
from ide.editor.over_text import OverText
from ide.editor.symbols import Symbol, symbols_of
from ide.words import bind
from toolchains.text import Text, _

_PLACE = re.compile(r"\s*(\d+)\s*(?:[:,]\s*(\d+))?\s*$")
_WIDTH, _HEIGHT = 480, 360
_MOST = 500
_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
#: What is shown, and what choosing it gives.
Row = tuple[str, object]


class Chooser(OverText):
    """Words choose among rows. ``chosen(data)`` is called with the row that was taken."""

    width_wanted = _WIDTH

    def __init__(self, view: CodeEditor, parent: QWidget, rows: Sequence[Row], name: Text, hint: Text) -> None:
        super().__init__(view, parent)
        self._rows = rows
        self.list = QListWidget(self)
        bind(self, "setAccessibleName", name)
        bind(self.field, "setPlaceholderText", hint)
        bind(self.field, "setAccessibleName", hint)
        bind(self.list, "setAccessibleName", name)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.column.addWidget(self.field)
        self.column.addWidget(self.list)
        self.field.textChanged.connect(self._filter)
        self.list.itemClicked.connect(self._clicked)
        self._filter("")

    def show_rows(self) -> None:
        """Show it with the list."""
        self.show_over(_HEIGHT)

    def use(self, rows: Sequence[Row]) -> None:
        """Other rows."""
        self._rows = rows
        self._filter(self.field.text())

    def chosen(self, data: object) -> None:
        """A row was taken."""

    def take(self) -> bool:
        """Enter."""
        item = self.list.currentItem()
        if item is not None and self.list.isVisibleTo(self):
            self.chosen(item.data(Qt.ItemDataRole.UserRole))
        return True

    def key(self, event: QKeyEvent) -> bool:
        """Keys that belong to the list."""
        if event.key() in _KEYS:
            self.list.keyPressEvent(event)
            return True
        return False

    def _clicked(self, _item: QListWidgetItem) -> None:
        if self.take():
            self.leave()

    def _filter(self, words: str) -> None:
        self.list.clear()
        wanted = words.casefold().split()
        for shown, data in self._rows:
            if all(word in shown.casefold() for word in wanted) and self.list.count() < _MOST:
                item = QListWidgetItem(shown, self.list)
                item.setData(Qt.ItemDataRole.UserRole, data)
        self.list.setCurrentRow(0)


class GoTo(Chooser):
    """Numbers go to a line (``12`` or ``12:5``), other words choose among the names of the text."""

    def __init__(self, view: CodeEditor, parent: QWidget) -> None:
        symbols = symbols_of(view.document.text(), view.document.language)
        super().__init__(view, parent, rows_of(symbols), _("Names in this file"), _("Line, line:column, or a name"))
        bind(self, "setAccessibleName", _("Go to"))

    def show_for(self, *, names: bool) -> None:
        """Show it at the top of the text; without ``names`` for a line number only."""
        self.list.setVisible(names)
        self.show_over(_HEIGHT if names else 0)

    def use_outline(self, found: Sequence[Outline]) -> None:
        """What a server knows of the text, in place of what was found by simple expressions."""
        if found:
            self.use(rows_of([Symbol(one.name, one.kind, one.at[0] + 1, one.depth) for one in found]))

    def _filter(self, words: str) -> None:
        super()._filter("\0" if _PLACE.match(words) else words)

    def take(self) -> bool:
        """Enter."""
        place = _PLACE.match(self.field.text())
        if not place:
            return super().take()
        self._view.go_to(int(place[1]), int(place[2]) if place[2] else None)
        return True

    def chosen(self, data: object) -> None:
        """A name was taken."""
        assert isinstance(data, int)
        self._view.go_to(data)


class Places(Chooser):
    """Places in files, to go to one of them: (shown, (path, line, column))."""

    def __init__(
        self, view: CodeEditor, parent: QWidget, rows: Sequence[Row], go: Callable[[Path, int, int], object]
    ) -> None:
        super().__init__(view, parent, rows, _("Places"), _("Words of a place"))
        self.width_wanted = max(_WIDTH, min(view.width() - 40, 720))
        self._go = go

    def chosen(self, data: object) -> None:
        """A place was taken."""
        assert isinstance(data, tuple)
        self._go(*data)


def rows_of(symbols: Sequence[Symbol]) -> list[Row]:
    """Names as rows."""
    found: list[Row] = []
    for symbol in symbols:
        shown = f"{symbol.name}()" if symbol.kind == "()" else f"{symbol.kind} {symbol.name}".strip()
        found.append(("    " * symbol.depth + shown, symbol.line))
    return found
