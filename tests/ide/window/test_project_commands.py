"""The ways to other projects: a folder that is one, one that is none, and those of last time."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from ide import project_commands, session_state
from ide.composition import Ide
from ide.project_commands import ProjectCommands, RecentMenu, why_no_project
from tests.ide.window.conftest import Windows


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    folders: list[Path] = []
    monkeypatch.setattr(Ide, "open_project", lambda _ide, folder: folders.append(folder))
    return folders


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("natmod.toml", "schema = 1\n[module]\nnames = 3\n"),  # broken: its own window tells
        ("Makefile", "MOD = x\nSRC = x.c\ninclude $(MPY_DIR)/py/dynruntime.mk\n"),
        ("main.py", "print(1)\n"),
    ],
)
def test_what_is_a_project(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    assert why_no_project(tmp_path) is None


def test_what_is_none(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("all:\n\tcc x.c\n", "utf-8")
    assert why_no_project(tmp_path) is not None
    assert why_no_project(tmp_path / "nowhere") is not None


def test_a_folder_is_asked_for_and_opened(windows: Windows, qtbot: QtBot, opened: list[Path], tmp_path: Path) -> None:
    ide = windows.open(windows.example("factorial"))
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "main.py").touch()
    ide.commands.run("project.open_folder")
    (dialog,) = ide.window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "one"))
    qtbot.waitUntil(lambda: opened == [tmp_path / "one"])
    dialog.reject()
    qtbot.waitUntil(lambda: ide.window.findChildren(QFileDialog) == [])


def test_a_folder_that_is_no_project_is_said_and_can_be_opened_all_the_same(
    windows: Windows, qtbot: QtBot, opened: list[Path], tmp_path: Path
) -> None:
    ide = windows.open(windows.example("factorial"))
    (tmp_path / "empty").mkdir()
    ProjectCommands(ide.ctx).open_checked(tmp_path / "empty")
    qtbot.waitUntil(lambda: bool(ide.notices.kept))
    assert "There is no natmod.toml" in str(ide.notices.kept[-1].text)
    assert opened == []
    ide.notices.kept[-1].actions[0].run()
    assert opened == [tmp_path / "empty"]


def test_recent_projects_are_those_that_are_still_there(
    windows: Windows, qtbot: QtBot, opened: list[Path], warm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[list[str]] = []
    monkeypatch.setattr(
        project_commands.RecentMenu, "popup", lambda menu, _at: shown.append([a.text() for a in menu.actions()])
    )
    ide = windows.open(windows.example("factorial"))
    ide.commands.run("project.recent")
    qtbot.waitUntil(lambda: bool(ide.notices.kept))
    assert "No other project" in str(ide.notices.kept[-1].text)
    recent = session_state.Recent(warm_home / "state")
    for name in ("gone", "a & b"):
        (tmp_path / name).mkdir()
        recent.add(tmp_path / name)
    (tmp_path / "gone").rmdir()
    ide.commands.run("project.recent")
    qtbot.waitUntil(lambda: bool(shown))
    assert shown == [[f"a && b — {tmp_path}"]]
    (menu,) = ide.window.findChildren(RecentMenu)
    menu.actions()[0].trigger()
    assert opened == [tmp_path / "a & b"]


def test_the_commands_are_there_though_the_panel_is_closed(windows: Windows) -> None:
    ide = windows.open(windows.example("factorial"))
    titles = [command.id for command in ide.commands.in_menu("file")][:4]
    assert titles == ["project.new", "project.open_folder", "project.recent", "project.examples"]
    assert ide.commands.records["project.new"].shortcut == "Ctrl+Shift+N"
    assert ide.commands.records["project.open_folder"].shortcut != ""
