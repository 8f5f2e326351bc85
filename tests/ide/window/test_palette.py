"""The command palette: every command by what a person would type, and nothing that does not fit."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ide.commands import Command, Commands
from ide.palette import Palette
from toolchains.text import Text

Key = Qt.Key


class _Person:
    """Somebody with the palette open; ``done`` are the commands that ran."""

    def __init__(self, qtbot: QtBot, window: QWidget) -> None:
        self.qtbot, self.window, self.done = qtbot, window, list[str]()
        commands = Commands()
        for name, title, hint in (
            ("view.theme_dark", "Dark colours", None),
            ("help.dismiss", "Close the message", None),
            ("edit.find", "Find", None),
            ("edit.find_in_files", "Find in the project", "In all files"),
            ("project.run", "Run", "Build the module and run the program"),
        ):
            commands.register(
                Command(name, Text(title), lambda name=name: self.done.append(name), hint=hint and Text(hint))
            )
        commands.register(Command("board.off", Text("Disconnect"), lambda: self.done.append("off"), enabled=bool))
        self.palette = Palette(commands, window)
        self.palette.open_over(window)
        qtbot.waitExposed(self.palette)

    def type(self, words: str) -> list[str]:
        """What is listed for it."""
        self.palette.field.clear()
        self.qtbot.keyClicks(self.palette.field, words)
        rows = self.palette.list
        return [rows.topLevelItem(at).text(0) for at in range(rows.topLevelItemCount())]


@pytest.fixture
def person(qtbot: QtBot) -> _Person:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    window.show()
    return _Person(qtbot, window)


@pytest.mark.parametrize(
    ("typed", "listed"),
    [
        ("find", ["Find", "Find in the project"]),
        ("FIND PROJECT", ["Find in the project"]),
        ("project find", ["Find in the project"]),
        ("theme", ["Dark colours"]),
        ("all files", ["Find in the project"]),
        ("module", ["Run"]),
        ("xyz", []),
    ],
)
def test_what_fits_is_listed_best_first(person: _Person, typed: str, listed: list[str]) -> None:
    assert person.type(typed) == listed


def test_the_keyboard_alone_chooses_and_runs(person: _Person, qtbot: QtBot) -> None:
    person.type("find")
    qtbot.keyClick(person.palette.field, Key.Key_Down)
    qtbot.keyClick(person.palette.field, Key.Key_Return)
    assert person.done == ["edit.find_in_files"]


def test_what_cannot_be_done_now_is_listed_and_does_nothing(person: _Person, qtbot: QtBot) -> None:
    assert person.type("disc") == ["Disconnect"]
    qtbot.keyClick(person.palette.field, Key.Key_Return)
    assert person.done == []
    assert person.palette.isVisible()
    person.palette.close()


def test_escape_closes_it(person: _Person, qtbot: QtBot) -> None:
    with qtbot.waitSignal(person.palette.destroyed):
        qtbot.keyClick(person.palette.field, Key.Key_Escape)
    assert person.done == []
