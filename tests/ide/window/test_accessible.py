"""Keyboard and screen reader: every command has a way to it, everything that takes the focus has a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QDialog, QWidget
from pytestqt.qtbot import QtBot

from ide.composition import Ide
from tests.ide.window.conftest import Windows

LANGUAGES = ("en", "fr", "zh_TW", "zh_CN")
#: Parts that Qt makes inside a widget, which speaks for them.
_QTS_OWN = ("qt_", "ScrollLeftButton", "ScrollRightButton")


@pytest.fixture
def ide(windows: Windows) -> Ide:
    return windows.open(windows.example("factorial"))


def takes_focus(root: QWidget) -> Iterator[QWidget]:
    """Each widget below ``root`` that the keyboard can go to, seen now or not."""
    for widget in root.findChildren(QWidget):
        inside = isinstance(widget.parent(), QAbstractSpinBox | QComboBox)
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or widget.focusProxy() is not None or inside:
            continue
        if not widget.isVisibleTo(root) and not getattr(widget, "text", lambda: "shown without words")():
            continue  # gets its words when it is shown
        if not widget.objectName().startswith(_QTS_OWN) and widget.metaObject().className() != "QComboBoxListView":
            yield widget


def spoken(widget: QWidget) -> str:
    """What a screen reader says of it."""
    face = QAccessible.queryAccessibleInterface(widget)
    return face.text(QAccessible.Text.Name).strip() if face is not None else ""


def nameless(root: QWidget) -> list[str]:
    def path(widget: QWidget) -> str:
        names: list[str] = []
        at: QWidget | None = widget
        while at is not None and at is not root:
            names.append(at.objectName() or type(at).__name__)
            at = at.parentWidget()
        return "/".join(reversed(names))

    return sorted({path(widget) for widget in takes_focus(root) if not spoken(widget)})


def test_everything_that_takes_the_focus_has_a_name(ide: Ide) -> None:
    left = nameless(ide.window)
    assert left == [], "\n".join(left)


@pytest.mark.parametrize("command", ["file.settings", "help.log", "help.about", "view.palette"])
def test_so_it_is_in_the_dialogs(ide: Ide, command: str) -> None:
    before = set(ide.window.findChildren(QWidget))
    ide.commands.run(command)
    made = [widget for widget in ide.window.findChildren(QWidget) if widget not in before and widget.isWindow()]
    assert made, command
    for dialog in made:
        assert nameless(dialog) == []
        dialog.close()


def test_every_panel_has_a_name(ide: Ide) -> None:
    for panel_id, dock in ide.docks.docks.items():
        assert dock.accessibleName(), panel_id
        assert dock.windowTitle(), panel_id


def test_every_command_has_a_title_and_a_way_to_it(ide: Ide) -> None:
    for command in ide.commands.records.values():
        assert str(command.title).strip(), command.id
        assert command.in_palette or command.menu or command.shortcut, command.id
    assert ide.commands.records["view.palette"].shortcut  # the way to all those without one


def test_every_menu_entry_is_in_a_menu_that_there_is(ide: Ide) -> None:
    from ide.actions import MENUS

    known = {name for name, _title in MENUS}
    strays = {one.id for one in ide.commands.records.values() if one.menu and one.menu.partition("/")[0] not in known}
    assert strays == set()


def test_no_shortcut_means_two_things(ide: Ide) -> None:
    keys = Counter(
        QKeySequence(key).toString()
        for command in ide.commands.records.values()
        if command.shortcut
        for key in command.shortcut.split(" | ")
    )
    assert "" not in keys, "a shortcut that Qt does not understand"
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_letter_opens_two_menus(ide: Ide, language: str) -> None:
    ide.commands.run(f"view.language_{language}")
    letters = Counter(QKeySequence.mnemonic(action.text()).toString() for action in ide.window.menuBar().actions())
    assert "" not in letters
    assert [letter for letter, count in letters.items() if count > 1] == []


def test_every_panel_is_reached_by_tab(ide: Ide) -> None:
    for panel_id, dock in ide.docks.docks.items():
        if not dock.made:  # one that is not open at first
            ide.docks.show_panel(panel_id)
    chain: list[QWidget] = []
    at = ide.window.nextInFocusChain()
    while at is not ide.window:
        chain.append(at)
        at = at.nextInFocusChain()
    stops = [widget for widget in chain if widget.focusPolicy() & Qt.FocusPolicy.TabFocus]
    for panel_id, dock in ide.docks.docks.items():
        assert any(dock.isAncestorOf(stop) for stop in stops), panel_id


def test_every_panel_is_reached_by_its_command(ide: Ide, qtbot: QtBot) -> None:
    ide.window.activateWindow()
    for panel_id, dock in ide.docks.docks.items():
        assert ide.commands.run(f"panel.{panel_id}")
        at = ide.window.focusWidget()
        assert at is not None, panel_id
        assert at is dock or dock.isAncestorOf(at), panel_id


def test_dialogs_stand_beside_the_window_and_are_opened_once(ide: Ide) -> None:
    for command in ("file.settings", "help.log", "help.about"):
        ide.commands.run(command)
        ide.commands.run(command)
    dialogs = ide.window.findChildren(QDialog)
    assert len(dialogs) == 3
    for dialog in dialogs:
        assert not dialog.isModal()
        dialog.close()
