"""What was open comes back: files, cursors, unsaved text, the board; after a crash too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ide import session_state
from ide.composition import Ide
from tests.ide.window import typist
from tests.ide.window.conftest import Windows
from toolchains.paths import Paths


def _type(ide: Ide, text: str) -> None:
    view = ide.editors.current()
    assert view is not None
    view.sci.insert(0, text)


def test_files_and_cursor_come_back(windows: Windows, qtbot: QtBot) -> None:
    project = windows.example("factorial")
    ide = windows.open(project)
    ide.editors.open(project / "main.py", 4, 7)
    qtbot.waitUntil(lambda: ide.status.place.text() == "Ln 4, Col 7")
    windows.close(ide)
    again = windows.open(project)
    assert again.editors.current_path() == project / "main.py"
    assert "main.py" in again.window.windowTitle()
    qtbot.waitUntil(lambda: again.status.place.text() == "Ln 4, Col 7")
    names = [Path(file["path"]).name for file in again.editors.state()["panes"][0]["files"]]
    assert names == ["factorial.c", "main.py"]


def test_text_that_was_not_saved_comes_back_after_the_window_was_closed(windows: Windows, qtbot: QtBot) -> None:
    project = windows.example("factorial")
    ide = windows.open(project)
    _type(ide, "// not yet saved 中文\n")
    windows.close(ide)
    assert "not yet saved" not in (project / "factorial.c").read_text("utf-8")
    again = windows.open(project)
    qtbot.waitUntil(lambda: "// not yet saved 中文" in (again.editors.text_of(project / "factorial.c") or ""))
    assert again.editors.modified_paths() == [project / "factorial.c"]


def test_the_project_is_the_last_one_when_none_is_named(windows: Windows, warm_home: Path) -> None:
    project = windows.example("ring_class")
    windows.close(windows.open(project))
    state = Paths.from_environment({"NATMOD_HOME": str(warm_home)}).state
    assert session_state.Recent(state).folders()[0] == project


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_after_a_kill_every_keystroke_older_than_two_seconds_is_back(windows: Windows, qtbot: QtBot) -> None:
    project = windows.example("factorial")
    child = subprocess.Popen(
        typist.argv(project, "// typed and never saved 學\n", 2000),
        stdout=subprocess.PIPE,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"typed\n"
        child.send_signal(signal.SIGKILL)
        child.wait()
    ide = windows.open(project)
    qtbot.waitUntil(lambda: "// typed and never saved 學" in (ide.editors.text_of(project / "factorial.c") or ""))
    assert "did not end well" in ide.window.notice_bar.label.text()


def test_garbage_in_the_session_is_forgotten(windows: Windows, warm_home: Path) -> None:
    project = windows.example("factorial")
    state = Paths.from_environment({"NATMOD_HOME": str(warm_home)}).state
    path = session_state.state_file(state, project)
    path.parent.mkdir(parents=True)
    for content in (
        '{"schema": 1, "editors": [1], "layout": {"geometry": "%%", "docks": 7}, "board": 3}',
        '{"schema": 1, "editors": {"panes": [{"files": [{"path": 5}]}]}}',
        "garbage",
    ):
        path.write_text(content, "utf-8")
        ide = windows.open(project)
        assert ide.editors.current_path() == project / "factorial.c"
        windows.close(ide)
