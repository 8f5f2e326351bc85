"""Changing the board's files: names, folders, away, properties."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QSplitter

from ide.folder_model import shown
from ide.panels.files.questions import PropertiesDialog
from tests.ide.panels.files.conftest import Hand
from tests.ide.panels.files.test_looking import run_forever
from toolchains.text import _

HOSTILE = ["two words.py", 'it\'s "so".py', "中文 été.py", "a\\b.py", "%s{x}.py", "-rf", "tab\there", "😀.txt"]


@pytest.fixture
def there(board: Hand) -> Hand:
    """With a file and a folder on the board."""
    board.write("/lib/one.py", b"1\n")
    board.write("/lib/deep/two.py", b"2\n")
    board.write("/main.py", b"print(1)\n")
    board.ctx.commands.run("files.refresh")
    board.until(lambda: {"lib/", "main.py"} <= set(board.shown()))
    board.settle()
    board.panel.tree.setFocus()
    return board


def line_of(board: Hand) -> QLineEdit:
    board.until(lambda: board.panel.tree.findChild(QLineEdit) is not None)
    return cast(QLineEdit, board.panel.tree.findChild(QLineEdit))


def type_name(board: Hand, name: str) -> None:
    line = line_of(board)
    line.setText(name)
    board.qtbot.keyClick(line, Qt.Key.Key_Return)
    board.until(lambda: board.panel.tree.findChild(QLineEdit) is None)


def test_f2_gives_a_file_another_name(there: Hand) -> None:
    there.select("/main.py")
    there.qtbot.keyClick(there.panel.tree, Qt.Key.Key_F2)
    type_name(there, "boot été.py")
    there.until(lambda: "boot été.py" in there.shown() and "main.py" not in there.shown())
    assert there.read("/boot été.py") == b"print(1)\n"


def test_a_name_that_is_taken_is_not_replaced(there: Hand) -> None:
    there.write("/other.py", b"mine\n")
    there.select("/main.py")
    there.ctx.commands.run("files.rename")
    type_name(there, "other.py")
    there.until(lambda: "there already" in there.panel.message.text())
    there.settle()
    assert there.read("/other.py") == b"mine\n"
    assert there.read("/main.py") == b"print(1)\n"


def test_what_cannot_be_a_name_is_said_before_the_board_is_asked(there: Hand) -> None:
    for name in ("", "  ", "..", "a/b", "x" * 300):
        there.panel.say(None)
        there.select("/main.py")
        there.ctx.commands.run("files.rename")
        type_name(there, name)
        there.until(lambda: "name" in there.panel.message.text())
        assert not there.panel.work.busy


def test_hostile_names_are_names(there: Hand) -> None:
    for name in HOSTILE:
        there.write(f"/names/{name}", name.encode())
    there.ctx.commands.run("files.refresh")
    there.until(lambda: "names/" in there.shown())
    there.panel.tree.expand(there.panel.model.index_of(PurePosixPath("/names")))
    there.until(lambda: sorted(there.shown("/names")) == sorted(map(shown, HOSTILE)))


def test_a_new_folder_and_a_new_file(there: Hand) -> None:
    there.panel.tree.clearSelection()
    there.panel.tree.setCurrentIndex(there.panel.model.index(0, 0))
    there.ctx.commands.run("files.new_folder")
    type_name(there, "neu 新")
    there.until(lambda: "neu 新/" in there.shown())
    there.settle()
    assert there.exec("import os\nprint(os.stat('/neu 新')[0] & 0x4000 > 0)").strip() == b"True"


def test_delete_asks_with_everything_that_would_be_lost(there: Hand) -> None:
    there.select("/lib", "/main.py")
    there.qtbot.keyClick(there.panel.tree, Qt.Key.Key_Delete)
    box = there.box()
    assert "with 2 files in its folders" in box.text()
    assert {"/lib/", "/main.py", "    /lib/deep/two.py", "    /lib/one.py"} <= set(box.text().splitlines())
    assert box.defaultButton().text() == "Leave as it is"
    there.answer("Leave as it is")
    there.settle()
    assert there.read("/lib/one.py") == b"1\n"
    there.qtbot.keyClick(there.panel.tree, Qt.Key.Key_Delete)
    there.answer("Delete")
    there.until(lambda: "main.py" not in there.shown() and "lib/" not in there.shown())
    there.settle()
    assert there.panel.message.text() == "5 files and folders are deleted."


def test_a_change_while_a_program_runs_waits_for_a_word(there: Hand) -> None:
    run_forever(there)
    there.select("/main.py")
    there.ctx.commands.run("files.rename")
    type_name(there, "other.py")
    there.until(lambda: "would stop the board's program" in there.panel.bar.label.text())
    _stop, leave = there.panel.bar.buttons
    leave.click()
    assert [button.text() for button in there.panel.bar.buttons] == ["Stop and look"]
    assert there.ctx.board.state == "running"
    there.ctx.commands.run("files.rename")
    type_name(there, "other.py")
    there.until(lambda: "would stop the board's program" in there.panel.bar.label.text())
    stop, _leave = there.panel.bar.buttons
    stop.click()
    there.until(lambda: "other.py" in there.shown())
    there.settle()
    assert there.read("/other.py") == b"print(1)\n"


def test_properties_tell_size_hash_and_filesystem(there: Hand) -> None:
    there.select("/main.py")
    there.ctx.commands.run("files.properties")
    there.until(lambda: there.panel.window().findChild(PropertiesDialog) is not None)
    dialog = cast(PropertiesDialog, there.panel.window().findChild(PropertiesDialog))
    rows = {str(name): str(value) for name, value in dialog.rows}
    assert rows["Path"] == "/main.py"
    assert rows["Size"] == "9 B (9 bytes)"
    assert len(rows["sha256"]) == 64
    assert any("main.py" in label.text() for label in dialog.findChildren(QLabel))
    dialog.reject()
    there.select("/lib")
    there.ctx.commands.run("files.properties")
    there.until(lambda: there.panel.window().findChild(PropertiesDialog) not in (None, dialog))
    folder = cast(PropertiesDialog, there.panel.window().findChild(PropertiesDialog))
    assert ("Files in it", "2") in [(str(name), str(value)) for name, value in folder.rows]
    folder.reject()


def test_everything_has_a_name_and_is_reached_by_tab(there: Hand) -> None:
    panel = there.panel
    assert panel.tree.accessibleName() == "Files on the board"
    assert panel.local.accessibleName() == "Files of the project, to put on the board"
    there.select("/main.py")
    there.select_local(there.ctx.project.folder / "main.py")
    chain = [*panel.head.buttons.values(), panel.tree, *panel.local_head.buttons.values(), panel.local]
    first = chain[0]
    first.setFocus()
    seen = [first]
    for _step in range(5):
        there.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    assert seen == chain


def test_menus_offer_what_can_be_done(there: Hand) -> None:
    from ide.panels.files import menus

    there.select("/main.py")
    menu = menus.of_board(there.panel, there.ctx.commands)
    enabled = [action.text() for action in menu.actions() if action.isEnabled() and action.text()]
    assert "Delete from the board\tDel" in enabled
    assert "Rename on the board\tF2" in enabled
    assert "Edit the selected board file\tReturn" in enabled
    menu.deleteLater()
    there.select_local(there.ctx.project.folder / "main.py")
    local = menus.of_project(there.panel, there.ctx.commands)
    assert [action.text() for action in local.actions() if action.isEnabled()] == [
        "Put the selected files on the board", "Open\tReturn", "Copy\tCtrl+C", "Paste board files here\tCtrl+V",
    ]  # fmt: skip
    local.actions()[1].trigger()
    assert there.editors.opened == [(there.ctx.project.folder / "main.py", None)]
    local.deleteLater()


def test_where_there_is_room_the_trees_lie_side_by_side(hand: Hand) -> None:
    split = hand.panel.findChild(QSplitter)
    assert split.orientation() == Qt.Orientation.Vertical
    hand.panel.resize(700, 400)
    hand.until(lambda: split.orientation() == Qt.Orientation.Horizontal)
    hand.panel.resize(240, 400)
    hand.until(lambda: split.orientation() == Qt.Orientation.Vertical)


def test_what_is_said_is_never_cut_off(hand: Hand) -> None:
    bar = hand.panel.bar
    hand.panel.resize(200, 240)
    for text in ("No board.", "A rather long sentence that takes three lines at least in a panel as narrow as this"):
        bar.say(text, (_("One"), list), (_("Two"), list))
        hand.until(lambda: bar.height() >= bar.layout().totalHeightForWidth(bar.width()))
        for button in bar.buttons:
            assert button.geometry().bottom() < bar.height()
            assert button.height() >= button.sizeHint().height()
