"""What other programs do to open files, and texts that outlive the program."""

from __future__ import annotations

import os
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from ide.editor.backups import Backups
from ide.editor.comparison import Comparison
from ide.editor.keeper import DELAY_MS
from ide.editor.scintilla import M
from tests import disks
from tests.ide.editor.conftest import Desk

TEXT = "".join(f"int line_{n};\n" for n in range(100))


def _open(desk: Desk, text: str = TEXT) -> None:
    desk.view("a.c", text)
    desk.qtbot.waitUntil(lambda: str(desk.root / "a.c") in desk.area.files.watcher._system.files())


def test_a_file_changed_outside_is_shown_and_the_caret_stays(desk: Desk) -> None:
    _open(desk)
    desk.sci.send(M.GotoPos, desk.sci.position_of(50, 4))
    (desk.root / "a.c").write_text("// new\n" + TEXT)
    desk.qtbot.waitUntil(lambda: desk.sci.text().startswith("// new"))
    assert desk.sci.place() == (51, 4)
    assert desk.tabs() == ["a.c"]
    desk.sci.send(M.Undo)
    assert desk.sci.text() == TEXT


def test_a_file_replaced_outside_again_and_again_is_followed(desk: Desk) -> None:
    _open(desk)
    for word in ("first", "second", "third"):
        fresh = desk.file("fresh", f"{word}\n")
        os.replace(fresh, desk.root / "a.c")
        desk.qtbot.waitUntil(lambda word=word: desk.sci.text() == f"{word}\n")


def test_both_changed_shows_the_differences_and_asks(desk: Desk) -> None:
    _open(desk, "one\ntwo\nthree\n")
    desk.sci.insert(0, "mine\n")
    (desk.root / "a.c").write_text("one\n2\nthree\n")
    desk.qtbot.waitUntil(lambda: bool(desk.bar()))
    assert desk.bar() == ["Show the differences", "Load the other one", "Keep mine"]
    desk.press("Show the differences")
    desk.qtbot.waitUntil(lambda: isinstance(desk.area.panes.active.currentWidget(), Comparison))
    page = desk.area.panes.active.currentWidget()
    assert isinstance(page, Comparison)
    assert page.sci.text().splitlines()[2:] == ["@@ -1,3 +1,4 @@", "+mine", " one", "-2", "+two", " three"]
    assert page.sci.send(M.GetReadOnly)
    desk.area.open(desk.root / "a.c")
    assert len(desk.bar()) == 3


def test_keeping_mine_lets_it_be_saved(desk: Desk) -> None:
    _open(desk)
    desk.sci.insert(0, "mine\n")
    (desk.root / "a.c").write_text("other\n")
    desk.qtbot.waitUntil(lambda: bool(desk.bar()))
    desk.press("Keep mine")
    assert desk.bar() == []
    desk.saved(desk.area.save)
    assert (desk.root / "a.c").read_text() == "mine\n" + TEXT


def test_loading_the_other_one_can_be_undone(desk: Desk) -> None:
    _open(desk)
    desk.sci.insert(0, "mine\n")
    (desk.root / "a.c").write_text("other\n")
    desk.qtbot.waitUntil(lambda: bool(desk.bar()))
    desk.press("Load the other one")
    desk.qtbot.waitUntil(lambda: desk.sci.text() == "other\n")
    assert desk.tabs() == ["a.c"]
    desk.sci.send(M.Undo)
    assert desk.sci.text() == "mine\n" + TEXT


def test_a_save_does_not_write_over_what_another_program_wrote(desk: Desk) -> None:
    _open(desk)
    desk.sci.insert(0, "mine\n")
    desk.area.files.watcher.close()  # a network disk that tells nothing
    (desk.root / "a.c").write_text("other\n")
    desk.area.save()
    desk.qtbot.waitUntil(lambda: len(desk.bar()) == 3)
    assert (desk.root / "a.c").read_text() == "other\n"
    assert not desk.area.save_all()


def test_coming_back_to_the_window_looks_at_the_files(desk: Desk) -> None:
    _open(desk)
    system = desk.area.files.watcher._system
    system.removePaths([*system.files(), *system.directories()])
    (desk.root / "a.c").write_text("other\n")
    QGuiApplication.instance().applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    desk.qtbot.waitUntil(lambda: desk.sci.text() == "other\n")


def test_a_file_deleted_while_open_stays_as_unsaved_text(desk: Desk) -> None:
    _open(desk)
    (desk.root / "a.c").unlink()
    desk.qtbot.waitUntil(lambda: bool(desk.bar()))
    assert desk.tabs() == ["\u25cf a.c"]
    with desk.qtbot.waitSignal(desk.area.saved):
        desk.press("Save it again")
    assert (desk.root / "a.c").read_text() == TEXT
    assert desk.tabs() == ["a.c"]
    assert desk.bar() == []


def test_a_file_that_comes_back_is_no_question(desk: Desk) -> None:
    _open(desk)
    (desk.root / "a.c").rename(desk.root / "b.c")
    desk.qtbot.waitUntil(lambda: bool(desk.bar()))
    (desk.root / "b.c").rename(desk.root / "a.c")
    desk.qtbot.waitUntil(lambda: desk.bar() == [])
    assert desk.tabs() == ["a.c"]


def test_what_cannot_be_saved_before_a_run_is_said_though_its_tab_is_behind(desk: Desk) -> None:
    _open(desk, "x\n")
    desk.sci.insert(0, "mine ")
    desk.view("b.c", "y\n")
    (desk.root / "a.c").write_text("longer than before\n")
    assert not desk.area.save_all()
    desk.notice("a.c was changed by another program.")
    assert (desk.root / "a.c").read_text() == "longer than before\n"


# --- unsaved text --------------------------------------------------------------------------------------------------


def _kept(desk: Desk) -> list[str]:
    return [backup.text for backup in desk.area.files.backups.found()]


def test_what_is_typed_is_kept_within_two_seconds_and_forgotten_when_saved(desk: Desk) -> None:
    _open(desk, "x\n")
    desk.sci.insert(0, "é")
    desk.qtbot.waitUntil(lambda: _kept(desk) == ["éx\n"], timeout=2000)
    assert DELAY_MS <= 1000
    desk.saved(desk.area.save)
    desk.qtbot.waitUntil(lambda: _kept(desk) == [])


def test_undoing_all_forgets_the_kept_text(desk: Desk) -> None:
    _open(desk, "x\n")
    desk.sci.insert(0, "é")
    desk.qtbot.waitUntil(lambda: _kept(desk) == ["éx\n"])
    desk.sci.send(M.Undo)
    desk.qtbot.waitUntil(lambda: _kept(desk) == [])


def test_unsaved_texts_come_back_at_the_next_start(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    _open(desk, "x\r\n")
    desk.sci.insert(0, "déjà ")
    desk.area.new()
    desk.sci.append("a thought\n")
    desk.area.keep_all()
    state = desk.area.state()
    desk = make_desk()
    desk.area.open_now(desk.root / "a.c")
    desk.area.restore(state)
    desk.qtbot.waitUntil(lambda: len(desk.tabs()) == 2)
    assert desk.area.restore_backups()
    assert desk.area.text_of(desk.root / "a.c") == "déjà x\r\n"
    assert (desk.root / "a.c").read_bytes() == b"x\r\n"
    assert desk.area.unsaved_texts() == {desk.root / "a.c": "déjà x\r\n"}
    assert sorted(_kept(desk)) == ["a thought\n", "déjà x\r\n"]
    assert all(tab.startswith("\u25cf") for tab in desk.tabs())
    view = next(one for one in desk.area.panes.views() if one.document.path)
    view.sci.send(M.Undo)
    assert view.sci.text() == "x\r\n"


def test_a_kept_text_whose_file_is_gone_or_other_is_said(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    for name in ("gone.c", "other.c"):
        desk.view(name, "x\n")
        desk.sci.insert(0, "mine ")
    desk.area.keep_all()
    (desk.root / "gone.c").unlink()
    (desk.root / "other.c").write_text("longer than before\n")
    desk = make_desk()
    assert desk.area.restore_backups()
    desk.qtbot.waitUntil(lambda: len(desk.tabs()) == 2)
    for name, choices in (("gone.c", 2), ("other.c", 3)):
        desk.area.open(desk.root / name)
        desk.qtbot.waitUntil(lambda choices=choices: len(desk.bar()) == choices)
        assert desk.sci.text() == "mine x\n"


def test_a_full_state_disk_is_said_once(desk: Desk) -> None:
    folder = desk.ctx.state_folder / "texts"
    with disks.small_disk(folder, "64k"):
        _open(desk, "x\n")
        desk.sci.append("y" * 100_000)
        desk.notice("no space left")
        desk.sci.append("z")
        desk.area.keep_all()
        assert len(desk.told()) == 1
        desk.area.drop(desk.area.current())


def test_a_text_that_is_closed_is_forgotten(desk: Desk) -> None:
    _open(desk, "x\n")
    desk.sci.insert(0, "y")
    desk.qtbot.waitUntil(lambda: _kept(desk) == ["yx\n"])
    view = desk.area.current()
    assert view is not None
    desk.area.drop(view)
    desk.qtbot.waitUntil(lambda: Backups(desk.area.files.backups.folder).found() == [])
