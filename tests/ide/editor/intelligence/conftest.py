"""An editor area in which a scripted source helps."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import QCoreApplication, Qt

from ide.editor.intelligence import assist
from ide.editor.intelligence.popup import Popup
from ide.editor.lsp.records import Item
from ide.editor.scintilla import Sci
from tests.ide.editor.conftest import Desk
from tests.ide.editor.intelligence.scripted import Scripted


@dataclass
class Helped:
    """A desk, its source, and what a person does and sees."""

    desk: Desk
    source: Scripted

    def open(self, text: str, name: str = "a.c", *, caret: str = "|") -> Sci:
        """A file with the caret at the mark."""
        before, _mark, after = text.partition(caret)
        view = self.desk.view(name, before + after)
        view.sci.go_to(len(before.encode()))
        view.sci.take_focus()
        self.desk.qtbot.waitUntil(view.sci.hasFocus)
        return view.sci

    def type(self, text: str) -> None:
        """Keys, and what is due after them."""
        for char in text:
            if char == "\n":
                self.press(Qt.Key.Key_Return)
            else:
                self.desk.qtbot.keyClicks(self.desk.sci, char)
        self.settle()

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """One key."""
        self.desk.qtbot.keyClick(self.desk.sci, key, modifier)
        self.settle()

    def settle(self) -> None:
        """Everything that is due now."""
        self.desk.sci.viewport().repaint()
        for _again in range(3):
            QCoreApplication.processEvents()

    @property
    def help(self) -> assist.Assist:
        """The front text's."""
        view = self.desk.area.current()
        assert view is not None
        found = view.findChild(assist.Assist)
        assert found is not None
        return found

    @property
    def popup(self) -> Popup:
        """The front text's list."""
        return self.help.completer.popup

    def shown(self) -> list[str]:
        """The names in the list; empty without one."""
        return [one.label for one in self.popup.model.items] if self.help.completer.visible else []

    def chosen(self) -> str:
        """The name under the bar."""
        current = self.popup.current()
        return current.label if current is not None else ""

    def line(self) -> str:
        """The line of the caret, with the caret in it."""
        sci = self.desk.sci
        line = sci.line_of(sci.caret())
        before = sci.slice(sci.line_start(line), sci.caret())
        return f"{before}|{sci.line_text(line)[len(before) :]}"

    def answer(self, number: int, items: list[Item]) -> None:
        """Answer the question with this number."""
        self.source.asked[number].then(items)
        self.settle()


@pytest.fixture
def helped(desk: Desk) -> Helped:
    """C and Python are helped by a source that answers as the test wants."""
    source = Scripted()
    desk.ctx.intelligence = source
    assist.attach(desk.ctx)
    desk.area.activateWindow()
    return Helped(desk, source)
