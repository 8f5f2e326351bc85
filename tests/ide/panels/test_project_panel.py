"""The project panel, as a person uses it: with keys, in a folder that others change, too."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from ide.context import IdeContext
from ide.folder_model import KIND, NOTE
from ide.panels.project.widget import ProjectPanel
from tests.ide.panels.fake_editors import FakeEditors
from tests.ide.panels.parts import window_parts
from toolchains.paths import examples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project on a path with accents, spaces and Chinese."""
    target = tmp_path / "élève 课程" / "factorial"
    shutil.copytree(examples() / "factorial", target, ignore=shutil.ignore_patterns(".natmod", "__pycache__"))
    return target


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QWidget]:
    widget = QWidget()
    widget.resize(230, 400)
    yield widget
    widget.close()
    widget.deleteLater()


@pytest.fixture
def ctx(window: QWidget, folder: Path, tmp_path: Path) -> Iterator[IdeContext]:
    with window_parts(folder) as parts:
        yield dataclasses.replace(
            parts, editors=cast(Any, FakeEditors()), window=window, state_folder=tmp_path / "state"
        )


@pytest.fixture
def panel(ctx: IdeContext, window: QWidget, qtbot: QtBot) -> ProjectPanel:
    """Shown, with the project's folder listed and read."""
    made = ProjectPanel(ctx)
    made.setParent(window)
    made.resize(window.size())
    window.show()
    qtbot.waitExposed(window)
    ctx.project.read()
    qtbot.waitUntil(lambda: ctx.project.project is not None or ctx.project.error is not None)
    qtbot.waitUntil(lambda: not ctx.jobs.running)
    made.tree.setFocus()
    return made


def shown(panel: ProjectPanel, folder: Path | None = None) -> list[str]:
    """The rows of a folder, as they are read."""
    parent = panel.model.index_of(folder or panel.model.root)
    return [str(panel.model.index(row, 0, parent).data()) for row in range(panel.model.rowCount(parent))]


def line_of(panel: ProjectPanel, qtbot: QtBot) -> QLineEdit:
    """The line in which a name is typed."""
    qtbot.waitUntil(lambda: panel.tree.findChild(QLineEdit) is not None)
    return cast(QLineEdit, panel.tree.findChild(QLineEdit))


def editors(ctx: IdeContext) -> FakeEditors:
    return cast(FakeEditors, ctx.editors)


FILES = ["tests/", "factorial.c", "main.py", "natmod.toml", "README.md"]


def test_the_tree_shows_the_files_and_opens_them_with_enter(
    panel: ProjectPanel, ctx: IdeContext, folder: Path, qtbot: QtBot
) -> None:
    assert shown(panel) == FILES
    panel.tree.select(folder / "main.py")
    qtbot.keyClick(panel.tree, Qt.Key.Key_Return)
    assert editors(ctx).opened == [(folder / "main.py", None)]
    panel.tree.select(folder / "tests")
    qtbot.keyClick(panel.tree, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown(panel, folder / "tests") == ["test_factorial.py"])
    qtbot.keyClick(panel.tree, Qt.Key.Key_Down)
    qtbot.keyClick(panel.tree, Qt.Key.Key_Enter)
    assert editors(ctx).opened[-1][0] == folder / "tests" / "test_factorial.py"


def test_a_double_click_opens(panel: ProjectPanel, ctx: IdeContext, folder: Path, qtbot: QtBot) -> None:
    where = panel.tree.visualRect(panel.model.index_of(folder / "main.py")).center()
    qtbot.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=where)
    qtbot.mouseDClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert editors(ctx).opened == [(folder / "main.py", None)]


def test_files_that_come_and_go_are_seen_without_being_asked_for(
    panel: ProjectPanel, ctx: IdeContext, folder: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignals([ctx.project.files_changed, ctx.project.changed]):
        (folder / "extra.py").touch()
        (folder / ".natmod").mkdir()
    qtbot.waitUntil(lambda: shown(panel) == ["tests/", "extra.py", *FILES[1:]])
    (folder / "main.py").unlink()
    os.rename(folder / "README.md", folder / "LIES.md")
    qtbot.waitUntil(lambda: shown(panel) == ["tests/", "extra.py", "factorial.c", "LIES.md", "natmod.toml"])


def test_a_storm_of_changes_ends_with_what_is_there(panel: ProjectPanel, folder: Path, qtbot: QtBot) -> None:
    for n in range(300):
        (folder / f"f{n}").touch()
        if n % 3:
            (folder / f"f{n}").unlink()
    qtbot.waitUntil(lambda: len(shown(panel)) == len(FILES) + 100)
    assert "f3" in shown(panel)
    assert "f4" not in shown(panel)


def test_a_new_file_gets_its_name_in_the_tree_and_opens(
    panel: ProjectPanel, ctx: IdeContext, folder: Path, qtbot: QtBot
) -> None:
    ctx.commands.run("tree.new_file")
    line = line_of(panel, qtbot)
    QApplication.sendEvent(line, QInputMethodEvent("zhong wen", []))
    (folder / "meanwhile").touch()  # rows must not move below the line
    typed = QInputMethodEvent()
    typed.setCommitString("中文 été.py")
    QApplication.sendEvent(line, typed)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: editors(ctx).opened == [(folder / "中文 été.py", None)])
    assert (folder / "中文 été.py").is_file()
    qtbot.waitUntil(lambda: panel.tree.current() == folder / "中文 été.py")
    qtbot.waitUntil(lambda: {"meanwhile", "中文 été.py"} < set(shown(panel)))
    assert "" not in shown(panel)


def test_escape_makes_nothing(panel: ProjectPanel, ctx: IdeContext, folder: Path, qtbot: QtBot) -> None:
    ctx.commands.run("tree.new_folder")
    line = line_of(panel, qtbot)
    line.setText("unwanted")
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: shown(panel) == FILES)
    assert not (folder / "unwanted").exists()
    assert panel.tree.current() == folder


def test_a_new_folder_goes_where_the_keyboard_is(
    panel: ProjectPanel, ctx: IdeContext, folder: Path, qtbot: QtBot
) -> None:
    panel.tree.select(folder / "tests")
    ctx.commands.run("tree.new_folder")
    line = line_of(panel, qtbot)
    line.setText("données")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown(panel, folder / "tests") == ["données/", "test_factorial.py"])


@pytest.mark.parametrize(("name", "said"), [("main.py", "already"), ("a/b", "cannot be the name of a file")])
def test_a_bad_name_is_said_in_the_panel(
    name: str, said: str, panel: ProjectPanel, ctx: IdeContext, folder: Path, qtbot: QtBot
) -> None:
    ctx.commands.run("tree.new_file")
    line = line_of(panel, qtbot)
    line.setText(name)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: said in panel.message.text())
    qtbot.waitUntil(lambda: shown(panel) == FILES)
    assert panel.message.isVisible()


def test_f2_renames_up_to_the_ending_and_tells_the_editor(
    panel: ProjectPanel, ctx: IdeContext, folder: Path, qtbot: QtBot
) -> None:
    panel.tree.select(folder / "main.py")
    qtbot.keyClick(panel.tree, Qt.Key.Key_F2)
    line = line_of(panel, qtbot)
    qtbot.waitUntil(lambda: line.selectedText() == "main")
    qtbot.keyClicks(line, "start")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: editors(ctx).moved == [(folder / "main.py", folder / "start.py")])
    qtbot.waitUntil(lambda: "start.py" in shown(panel))
    assert "main.py" not in shown(panel)


def test_a_folder_is_renamed_with_all_that_is_open_in_it(
    panel: ProjectPanel, ctx: IdeContext, folder: Path, qtbot: QtBot
) -> None:
    tests = folder / "tests"
    panel.tree.expand(panel.model.index_of(tests))
    qtbot.waitUntil(lambda: shown(panel, tests) == ["test_factorial.py"])
    panel.tree.select(tests)
    ctx.commands.run("tree.rename")
    line = line_of(panel, qtbot)
    line.setText("main.py")  # taken: it stays, and is still watched
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "already" in panel.message.text() and not ctx.jobs.running)
    (tests / "more.py").touch()
    qtbot.waitUntil(lambda: shown(panel, tests) == ["more.py", "test_factorial.py"])
    panel.tree.select(tests)
    ctx.commands.run("tree.rename")
    line = line_of(panel, qtbot)
    line.setText("essais")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "essais/" in shown(panel) and "tests/" not in shown(panel))
    panel.tree.expand(panel.model.index_of(folder / "essais"))
    qtbot.waitUntil(lambda: shown(panel, folder / "essais") == ["more.py", "test_factorial.py"])
    assert editors(ctx).moved == [(tests, folder / "essais")]


def test_the_project_s_own_folder_is_not_renamed_nor_thrown_away(
    panel: ProjectPanel, ctx: IdeContext, folder: Path, qtbot: QtBot
) -> None:
    panel.tree.setCurrentIndex(panel.model.index(0, 0))
    qtbot.keyClick(panel.tree, Qt.Key.Key_F2)
    qtbot.keyClick(panel.tree, Qt.Key.Key_Delete)
    assert panel.tree.findChild(QLineEdit) is None
    assert not ctx.commands.run("tree.trash")
    assert not ctx.jobs.running


def test_delete_moves_to_the_trash_without_asking_and_closes_the_text(
    panel: ProjectPanel, ctx: IdeContext, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    thrown: list[str] = []
    monkeypatch.setattr("send2trash.send2trash", lambda path: (thrown.append(path), os.unlink(path)))
    editors(ctx).documents = [
        SimpleNamespace(path=folder / "main.py", dirty=False, views=["main"]),
        SimpleNamespace(path=folder / "README.md", dirty=True, views=["readme"]),
        SimpleNamespace(path=folder / "factorial.c", dirty=False, views=["c"]),
    ]
    panel.tree.select(folder / "main.py")
    qtbot.keyClick(panel.tree, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(panel.tree, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(panel.tree, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: panel.message.text() == "3 files are in the system's trash.")
    assert sorted(thrown) == [str(folder / name) for name in ("README.md", "main.py", "natmod.toml")]
    assert editors(ctx).dropped == ["main"]
    qtbot.waitUntil(lambda: shown(panel) == ["tests/", "factorial.c"])


@pytest.mark.parametrize("answer", ["Delete for good", "Keep"])
def test_where_there_is_no_trash_it_is_asked(
    answer: str, panel: ProjectPanel, folder: Path, window: QWidget, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("send2trash.send2trash", refuse)
    panel.tree.select(folder / "main.py")
    qtbot.keyClick(panel.tree, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None)
    box = cast(QMessageBox, window.findChild(QMessageBox))
    assert "There is no trash for" in box.text()
    assert box.defaultButton().text() == "Keep"
    next(button for button in box.buttons() if button.text() == answer).click()
    if answer == "Keep":
        qtbot.waitUntil(lambda: window.findChild(QMessageBox) is None)
        assert (folder / "main.py").exists()
    else:
        qtbot.waitUntil(lambda: "main.py" not in shown(panel))


def test_a_mistake_in_natmod_toml_is_told_with_the_way_to_its_line(
    panel: ProjectPanel, ctx: IdeContext, folder: Path, qtbot: QtBot
) -> None:
    assert panel.trouble.isHidden()
    (folder / "natmod.toml").write_text('schema = 1\n[modul]\nname = "x"\n', "utf-8")
    ctx.project.saved(folder / "natmod.toml")
    qtbot.waitUntil(panel.trouble.isVisible)
    assert "natmod.toml line 2" in panel.why.text()
    assert shown(panel) == FILES  # to mend it
    qtbot.mouseClick(panel.mend, Qt.MouseButton.LeftButton)
    assert editors(ctx).opened == [(folder / "natmod.toml", 2)]
    (folder / "natmod.toml").write_text("schema = 1\n", "utf-8")
    ctx.project.saved(folder / "natmod.toml")
    qtbot.waitUntil(panel.trouble.isHidden)


def test_a_folder_that_is_no_project_becomes_one(window: QWidget, tmp_path: Path, qtbot: QtBot) -> None:
    for name in ("one.c", "two.c"):
        (tmp_path / name).write_text("int x;", "utf-8")
    with window_parts(tmp_path) as parts:
        ctx = dataclasses.replace(parts, editors=cast(Any, FakeEditors()), window=window)
        panel = ProjectPanel(ctx)
        panel.setParent(window)
        window.show()
        ctx.project.read()
        qtbot.waitUntil(panel.trouble.isVisible)
        assert "schema = 1" in panel.why.text()
        panel.mend.click()
        qtbot.waitUntil(lambda: editors(ctx).opened == [(tmp_path / "natmod.toml", None)])
        qtbot.waitUntil(lambda: "natmod.toml" in shown(panel))
        qtbot.waitUntil(lambda: not ctx.jobs.running)


def test_a_folder_that_goes_away_is_said_and_comes_back(panel: ProjectPanel, folder: Path, qtbot: QtBot) -> None:
    folder.rename(folder.with_name("elsewhere"))
    panel.refresh()
    qtbot.waitUntil(panel.again.isVisible)
    assert str(folder) in panel.why.text()
    assert panel.tree.isHidden()
    folder.with_name("elsewhere").rename(folder)
    panel.again.click()
    qtbot.waitUntil(panel.tree.isVisible)
    qtbot.waitUntil(lambda: shown(panel) == FILES)
    qtbot.waitUntil(panel.trouble.isHidden)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_says_so_in_its_place(panel: ProjectPanel, folder: Path, qtbot: QtBot) -> None:
    (folder / "tests").chmod(0)
    try:
        panel.tree.expand(panel.model.index_of(folder / "tests"))
        qtbot.waitUntil(lambda: shown(panel, folder / "tests") == ["cannot be read"])
    finally:
        (folder / "tests").chmod(0o755)


def test_a_folder_that_cannot_be_listed_says_so_in_its_place(
    panel: ProjectPanel, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, closed = os.scandir, [True]

    def scandir(path: Any) -> Any:
        if closed[0] and Path(path).name == "tests":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr("os.scandir", scandir)
    panel.tree.expand(panel.model.index_of(folder / "tests"))
    qtbot.waitUntil(lambda: shown(panel, folder / "tests") == ["cannot be read"])
    note = panel.model.index(0, 0, panel.model.index_of(folder / "tests"))
    assert note.data(KIND) == NOTE
    assert "permission" in note.data(Qt.ItemDataRole.ToolTipRole)
    closed[0] = False
    panel.refresh()
    qtbot.waitUntil(lambda: shown(panel, folder / "tests") == ["test_factorial.py"])


def test_the_path_goes_into_the_clipboard(panel: ProjectPanel, ctx: IdeContext, folder: Path) -> None:
    panel.tree.select(folder / "main.py")
    ctx.commands.run("tree.copy_path")
    assert QGuiApplication.clipboard().text() == str(folder / "main.py")


def test_it_follows_the_editor_but_not_while_the_person_is_in_the_tree(
    panel: ProjectPanel, ctx: IdeContext, folder: Path, window: QWidget, qtbot: QtBot
) -> None:
    panel.tree.select(folder / "main.py")
    panel.tree.clearFocus()
    editors(ctx).path = folder / "factorial.c"
    editors(ctx).current_changed.emit(None)
    assert panel.tree.current() == folder / "factorial.c"


def test_the_menu_offers_what_can_be_done(panel: ProjectPanel, folder: Path, qtbot: QtBot) -> None:
    panel.tree.select(folder / "main.py")
    menu = panel.menu()
    texts = [action.text() for action in menu.actions() if action.isEnabled() and action.text()]
    assert texts[:5] == [
        "Open the selected file\tReturn",
        "New file",
        "New folder",
        "Rename\tF2",
        "Move to the trash\tDel",
    ]
    menu.deleteLater()


def test_the_ways_to_other_projects_are_buttons_with_names_that_fit(panel: ProjectPanel) -> None:
    buttons = panel.findChildren(QToolButton)
    assert [button.text() for button in buttons] == ["Open…", "New…", "Examples…", "Recent…"]
    for button in buttons:
        assert button.sizeHint().width() <= button.width()
        assert button.focusPolicy() == Qt.FocusPolicy.StrongFocus


def test_where_two_buttons_do_not_fit_each_has_a_row(panel: ProjectPanel, window: QWidget, qtbot: QtBot) -> None:
    def rows() -> int:
        return len({button.y() for button in panel.findChildren(QToolButton)})

    qtbot.waitUntil(lambda: rows() == 2)
    panel.resize(120, 400)
    qtbot.waitUntil(lambda: rows() == 4)
    panel.resize(230, 400)
    qtbot.waitUntil(lambda: rows() == 2)
