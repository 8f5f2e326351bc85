"""What is named on the command line is what the window opens: a project, a file in one, a folder that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ide import app
from ide.composition import Ide
from tests.ide.window.conftest import Windows


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = tmp_path / "élève" / "demo"
    (made / "tests").mkdir(parents=True)
    (made / "natmod.toml").write_text("schema = 1\n", "utf-8")
    (made / "tests" / "test_a.py").write_text("assert True\n", "utf-8")
    return made


def test_a_file_is_named_with_the_project_around_it(project: Path, tmp_path: Path) -> None:
    file = project / "tests" / "test_a.py"
    assert app.named([str(file)]) == (project, file)
    alone = tmp_path / "blink.py"
    alone.write_text("print(1)\n", "utf-8")
    assert app.named([str(alone)]) == (tmp_path, alone)


def test_a_folder_is_itself_also_where_there_is_none(project: Path, tmp_path: Path) -> None:
    assert app.named([str(project), "more"]) == (project, None)
    assert app.named([str(tmp_path / "no" / "such")]) == (tmp_path / "no" / "such", None)
    assert app.named([]) == (None, None)


def test_the_named_file_is_in_front(windows: Windows, qtbot: QtBot, project: Path) -> None:
    windows.close(windows.open(project))  # there is something to remember: natmod.toml in front
    file = project / "tests" / "test_a.py"
    ide = app.open_window(["natmod-studio", str(file)])
    assert isinstance(ide, Ide)
    ide.crash.remove()
    windows.open_ones.append(ide)
    qtbot.waitUntil(lambda: ide.editors.current_path() == file)
    assert ide.folder == project
    qtbot.waitUntil(lambda: all(dock.made or dock.isHidden() for dock in ide.docks.docks.values()))


def test_a_folder_that_is_not_there_is_said_by_its_name(windows: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    ide = windows.open(tmp_path / "not there")
    qtbot.waitUntil(lambda: ide.project.error is not None)
    assert "not there" in str(ide.project.error)
    assert ide.docks.docks["project"].isVisible()
