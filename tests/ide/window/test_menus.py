"""The menus: made from the commands, and from the panels that there are."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from ide.composition import Ide
from tests.ide.window.conftest import Windows


def _menu(ide: Ide, title: str) -> QMenu:
    found = [menu for menu in ide.window.findChildren(QMenu) if menu.title() == title]
    assert found
    return found[0]


def test_the_menu_view_shows_and_hides_panels(windows: Windows, qtbot: QtBot) -> None:
    ide = windows.open(windows.example("factorial"))
    qtbot.waitUntil(lambda: "Search" in [action.text() for action in _menu(ide, "Panels").actions()])
    search = next(action for action in _menu(ide, "Panels").actions() if action.text() == "Search")
    dock = ide.docks.docks["search"]
    shown = not dock.isHidden()
    search.trigger()
    assert (not dock.isHidden()) is not shown
    search.trigger()
    assert (not dock.isHidden()) is shown


def test_every_menu_has_its_commands(windows: Windows, qtbot: QtBot) -> None:
    ide = windows.open(windows.example("factorial"))
    for name, title in (("file", "&File"), ("project", "&Project"), ("board", "&Board")):
        wanted = [str(command.title) for command in ide.commands.in_menu(name)]
        qtbot.waitUntil(
            lambda title=title, wanted=wanted: (
                [a.text() for a in _menu(ide, title).actions() if not a.isSeparator()] == wanted
            )
        )
        assert wanted
