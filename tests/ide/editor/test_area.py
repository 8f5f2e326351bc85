"""Tabs, panes, opening, saving, closing, sessions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox

from ide.editor.scintilla import M
from ide.problems import Problem
from tests import disks
from tests.ide.editor.conftest import Desk


def test_a_file_opens_in_a_tab_at_its_place(desk: Desk) -> None:
    path = desk.file("été/main.c", "int a;\nint é = b;\n")
    moved: list[tuple[int, int]] = []
    desk.area.cursor_moved.connect(lambda line, column: moved.append((line, column)))
    desk.area.open(path, 2, 9)
    desk.qtbot.waitUntil(lambda: moved[-1:] == [(2, 9)])
    assert desk.tabs() == ["main.c"]
    assert desk.area.text_of(path) == "int a;\nint é = b;\n"
    assert desk.area.text_of(desk.root / "other.c") is None


def test_a_file_that_is_open_is_only_shown(desk: Desk) -> None:
    first = desk.view("a.c", "a\n").document.path
    desk.view("b.c", "b\n")
    desk.area.open(first)
    assert desk.area.current_path() == first
    assert desk.tabs() == ["a.c", "b.c"]


def test_the_first_file_is_there_at_once(desk: Desk) -> None:
    path = desk.file("a.c", "int x;\n")
    view = desk.area.open_now(path)
    assert view is not None
    assert desk.sci.text() == "int x;\n"
    seen: list[bool] = []
    desk.area.when_painted(lambda: seen.append(True))
    desk.area.show()
    desk.qtbot.waitUntil(lambda: seen == [True])
    view = desk.area.open_now(desk.root / "b.c", b"\xef\xbb\xbfint y;\n")
    assert view is not None
    assert view.document.form.name == "UTF-8 BOM"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("firmware.bin", b"\0\1\2", "is not a text file"),
        ("gone.c", None, "gone.c cannot be used"),
        ("log.txt", 200 * 1024 * 1024, "has 200 MB"),
    ],
)
def test_what_cannot_be_opened_is_said(desk: Desk, name: str, data: bytes | int | None, words: str) -> None:
    path = desk.root / name
    if isinstance(data, bytes):
        path.write_bytes(data)
    elif data is not None:
        with path.open("wb") as file:
            file.truncate(data)
    desk.area.open(path)
    desk.notice(words)
    assert desk.area.open_now(path) is None
    desk.qtbot.waitUntil(lambda: len(desk.told()) == 2)
    assert desk.tabs() == []
    assert desk.area.current() is None


def test_files_with_the_same_name_are_told_apart(desk: Desk) -> None:
    desk.view("one/main.c", "")
    desk.view("two/main.c", "")
    assert desk.tabs() == ["main.c — one", "main.c — two"]


def test_the_form_of_the_file_is_described(desk: Desk) -> None:
    said: list[str] = []
    desk.area.described.connect(said.append)
    desk.view("a.py", "# é\r\n".encode("latin-1"))
    desk.view("Makefile", "all:\n")
    assert said[-1] == "UTF-8 · LF · Makefile"
    desk.commands.run("file.close")
    assert said[-1] == "ISO 8859-1 · CRLF · Python"


def test_a_change_is_marked_saved_and_undone(desk: Desk) -> None:
    view = desk.view("a.c", "int x;\n")
    path = view.document.path
    desk.sci.insert(0, "// é \n")
    assert desk.tabs() == ["\u25cf a.c"]
    assert desk.area.modified_paths() == [path]
    desk.saved(lambda: desk.commands.run("file.save"))
    assert path.read_text() == "// é\nint x;\n"
    assert desk.tabs() == ["a.c"]
    assert desk.commands.run("edit.undo")
    assert desk.tabs() == ["\u25cf a.c"]


def test_saving_as_the_settings_want(desk: Desk) -> None:
    view = desk.view("a.c", "a  \n\tb\t\nc ")
    desk.sci.send(M.GotoPos, 8)
    desk.saved(desk.area.save)
    assert view.document.path.read_text() == "a\n\tb\nc\n"
    desk.settings.set("editor.trim_blanks", False)
    desk.settings.set("editor.final_newline", False)
    desk.sci.append("d ")
    desk.saved(desk.area.save)
    assert view.document.path.read_text() == "a\n\tb\nc\nd "


def test_blanks_of_markdown_stay(desk: Desk) -> None:
    view = desk.view("a.md", "line  \nnext\n")
    desk.sci.append("more\n")
    desk.saved(desk.area.save)
    assert view.document.path.read_text() == "line  \nnext\nmore\n"


def test_what_is_typed_while_a_save_is_under_way_is_not_called_saved(desk: Desk) -> None:
    view = desk.view("a.c", "int x;\n")
    desk.sci.insert(0, "a")
    with desk.qtbot.waitSignal(desk.area.saved):
        desk.area.save()
        desk.sci.insert(0, "b")
    assert view.document.path.read_text() == "aint x;\n"
    assert desk.tabs() == ["\u25cf a.c"]


def test_all_are_saved_before_it_returns_or_in_the_background(desk: Desk) -> None:
    paths = [desk.view(name, "x\n").document.path for name in ("a.c", "b.c")]
    for view in desk.area.panes.views():
        view.sci.insert(0, "y")
    assert desk.area.save_all()
    assert [path.read_text() for path in paths] == ["yx\n", "yx\n"]
    for view in desk.area.panes.views():
        view.sci.insert(0, "z")
    ends: list[bool] = []
    desk.area.save_all_then(ends.append)
    desk.qtbot.waitUntil(lambda: ends == [True])
    assert [path.read_text() for path in paths] == ["zyx\n", "zyx\n"]
    assert desk.area.modified_paths() == []


def test_a_full_disk_loses_nothing(desk: Desk) -> None:
    with disks.small_disk(desk.root / "disk", "64k"):
        view = desk.view("disk/a.c", "int x;\n")
        desk.sci.append("y" * 100_000)
        assert not desk.area.save_all()
        desk.notice("no space left")
        assert view.document.dirty
        assert desk.sci.text().endswith("y\n")
        assert view.document.path.read_text() == "int x;\n"
        desk.area.drop(view)


def test_a_character_the_encoding_lacks_offers_utf8(desk: Desk) -> None:
    view = desk.view("a.c", "// é\n".encode("latin-1"))
    desk.sci.append("// 漢\n")
    desk.area.save()
    notice = desk.notice("漢 in line 2")
    desk.saved(notice.actions[0].run)
    assert view.document.path.read_text("utf-8") == "// é\n// 漢\n"


def test_a_read_only_file_cannot_be_typed_into(desk: Desk) -> None:
    path = desk.file("locked/a.c", "int x;\n")
    with disks.read_only(path.parent):
        said: list[str] = []
        desk.area.described.connect(said.append)
        desk.open(path)
        assert said[-1].startswith("read only")
        desk.qtbot.keyClicks(desk.sci, "abc")
        assert desk.sci.text() == "int x;\n"


def test_a_new_text_is_saved_under_a_name(desk: Desk) -> None:
    desk.commands.run("file.new")
    assert desk.tabs() == ["Untitled 1"] or desk.tabs()[0].startswith("Untitled")
    desk.sci.append("def f():\n    pass\n")
    document = desk.area.current().document
    desk.saved(lambda: desk.area.files.save_to(document, desk.root / "new.py"))
    assert (desk.root / "new.py").read_text() == "def f():\n    pass\n"
    assert desk.tabs() == ["new.py"]
    assert document.language.id == "python"


def test_a_name_that_is_open_elsewhere_is_refused(desk: Desk) -> None:
    other = desk.view("a.c", "a\n").document.path
    document = desk.view("b.c", "b\n").document
    desk.area.files.save_to(document, other)
    desk.notice("is open in another tab")
    assert other.read_text() == "a\n"


def _question(desk: Desk) -> QMessageBox:
    desk.qtbot.waitUntil(lambda: desk.area.files.question is not None)
    box = desk.area.files.question
    assert box is not None
    return box


def test_closing_asks_only_for_what_is_not_saved(desk: Desk) -> None:
    view = desk.view("a.c", "int x;\n")
    desk.commands.run("file.close")
    assert desk.tabs() == []
    path = desk.view("b.c", "int x;\n").document.path
    desk.sci.insert(0, "y")
    desk.commands.run("file.close")
    _question(desk).button(QMessageBox.StandardButton.Cancel).click()
    assert desk.tabs() == ["\u25cf b.c"]
    desk.commands.run("file.close")
    with desk.qtbot.waitSignal(desk.area.saved):
        _question(desk).button(QMessageBox.StandardButton.Save).click()
    desk.qtbot.waitUntil(lambda: desk.tabs() == [])
    assert path.read_text() == "yint x;\n"
    assert view is not None


def test_a_text_that_is_discarded_is_gone(desk: Desk) -> None:
    path = desk.view("b.c", "int x;\n").document.path
    desk.sci.insert(0, "y")
    desk.commands.run("file.close")
    _question(desk).button(QMessageBox.StandardButton.Discard).click()
    assert desk.tabs() == []
    assert path.read_text() == "int x;\n"


def test_the_middle_button_and_the_cross_close_a_tab(desk: Desk) -> None:
    desk.view("a.c", "")
    desk.view("b.c", "")
    bar = desk.area.panes.active.tabBar()
    desk.qtbot.mouseClick(bar, Qt.MouseButton.MiddleButton, pos=bar.tabRect(0).center())
    assert desk.tabs() == ["b.c"]
    bar.tabButton(0, bar.ButtonPosition.RightSide).click()
    assert desk.tabs() == []


def test_the_menu_of_a_tab(desk: Desk) -> None:
    for name in ("a.c", "b.c", "c.c"):
        desk.view(name, "")
    pane = desk.area.panes.active
    menu = pane.menu_of(pane.widget(1))
    entries = {action.text(): action for action in menu.actions()}
    entries["Copy the path"].trigger()
    assert QGuiApplication.clipboard().text() == str(desk.root / "b.c")
    entries["Close the others"].trigger()
    assert desk.tabs() == ["b.c"]


def test_ctrl_tab_goes_to_the_text_used_before(desk: Desk) -> None:
    for name in ("a.c", "b.c", "c.c"):
        desk.view(name, "")
    desk.area.open(desk.root / "a.c")
    assert desk.area.current_path() == desk.root / "a.c"
    desk.commands.run("file.next_tab")
    assert desk.area.current_path() == desk.root / "c.c"
    desk.commands.run("file.next_tab")
    assert desk.area.current_path() == desk.root / "a.c"


def test_two_panes_share_a_text(desk: Desk) -> None:
    desk.view("a.c", "int x;\n")
    desk.commands.run("view.split")
    left, right = desk.area.panes.views()
    assert left.document is right.document
    right.sci.insert(0, "// both\n")
    assert left.sci.text() == right.sci.text() == "// both\nint x;\n"
    left.sci.send(M.Undo)
    assert right.sci.text() == "int x;\n"
    desk.area.close_tab(left)
    assert [view.sci.text() for view in desk.area.panes.views()] == ["int x;\n"]
    assert len(desk.area.panes.all) == 1


def test_joining_panes_keeps_every_text(desk: Desk) -> None:
    desk.view("a.c", "a\n")
    desk.commands.run("view.split")
    desk.view("b.c", "b\n")
    desk.sci.insert(0, "changed ")
    desk.commands.run("view.split")
    assert desk.tabs() == ["a.c", "\u25cf b.c"]
    assert desk.area.text_of(desk.root / "b.c") == "changed b\n"


def test_a_session_comes_back(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    long = "".join(f"line {n}\n" for n in range(300))
    for name in ("a.c", "b.py", "c.md"):
        desk.view(name, long)
    desk.area.open(desk.root / "b.py", 200, 3)
    desk.qtbot.waitUntil(lambda: desk.sci.place() == (200, 3))
    desk.commands.run("view.split")
    state = desk.area.state()
    desk.file("c.md", "")
    (desk.root / "a.c").unlink()
    desk = make_desk()
    first = desk.area.remembered(state)
    assert first == desk.root / "b.py"
    desk.area.open_now(first)
    desk.area.restore(state)
    desk.qtbot.waitUntil(lambda: len(desk.area.panes.all) == 2)
    assert [view.document.name for view in desk.area.panes.views()] == ["b.py", "c.md", "b.py"]
    assert desk.area.current_path() == desk.root / "b.py"
    assert desk.sci.place() == (200, 3)


@pytest.mark.parametrize("state", [None, [], {"panes": 3}, {"panes": [{"files": [{"path": 4}, 5]}]}, {"active": "x"}])
def test_a_session_of_nonsense_opens_nothing(desk: Desk, state: object) -> None:
    assert desk.area.remembered(state) is None
    desk.area.restore(state)
    assert desk.tabs() == []


def test_a_file_that_we_rename_is_followed(desk: Desk) -> None:
    desk.view("src/a.c", "int x;\n")
    (desk.root / "src").rename(desk.root / "lib")
    desk.area.file_moved(desk.root / "src", desk.root / "lib")
    assert desk.area.current_path() == desk.root / "lib" / "a.c"


def test_without_a_text_it_says_how_one_comes(desk: Desk) -> None:
    def colours() -> int:
        pane = desk.area.panes.active.grab().toImage()
        return len({pane.pixel(x, pane.height() // 2 + y) for x in range(pane.width()) for y in range(-8, 8)})

    assert colours() > 2
    desk.view("a.txt", "")
    desk.area.close_tab()
    desk.qtbot.waitUntil(lambda: desk.tabs() == [])
    assert colours() > 2


def test_problems_are_shown_also_in_texts_opened_later(desk: Desk) -> None:
    path = desk.file("a.c", "int x\nint y;\n")
    desk.area.set_problems([Problem("error", "expected ';'", path, 1, 5)])
    view = desk.open(path)
    assert view.document.problems[0].message == "expected ';'"
    desk.area.set_problems([])
    assert view.document.problems == ()


def test_commands_have_their_own_names_and_shortcuts(desk: Desk) -> None:
    records = desk.commands.records.values()
    shortcuts = [one for record in records for one in record.shortcut.split(" | ") if one]
    assert len(set(shortcuts)) == len(shortcuts)
    assert all(str(record.title) for record in records)


def test_nothing_runs_while_nothing_happens(desk: Desk) -> None:
    from tests.qt_leaks import running_timers

    desk.view("a.c", "int x;\n")
    desk.sci.insert(0, "y")
    desk.qtbot.waitUntil(lambda: not running_timers())
    assert desk.area.files.backups.some()
    assert isinstance(desk.root, Path)
