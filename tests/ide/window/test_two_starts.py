"""A second start for the same project raises the first window; another project is another process with its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from ide import app, session_state
from ide.instance import Instance
from tests import processes
from tests.ide.window.conftest import PATIENT, Windows

pytestmark = pytest.mark.slow


def _started(home: Path, project: Path) -> list[processes.Process]:
    return [one for one in processes.with_home(home) if "ide.app" in one.command and str(project) in one.command]


def test_a_second_start_raises_the_window(windows: Windows, qtbot: QtBot) -> None:
    project = windows.example("factorial")
    ide = windows.open(project)
    ide.window.showMinimized()
    assert ide.window.isMinimized()
    second = subprocess.Popen([sys.executable, "-P", "-m", "ide.app", str(project)])
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=PATIENT)
    assert second.returncode == 0
    assert not ide.window.isMinimized()


def test_another_project_is_a_process_of_its_own(windows: Windows, qtbot: QtBot, warm_home: Path) -> None:
    ide, other = windows.open(windows.example("factorial")), windows.example("ring_class")
    ide.open_project(other)

    def is_open() -> bool:
        return session_state.read(session_state.state_file(ide.state_folder, other)).get("open") is True

    qtbot.waitUntil(is_open, timeout=PATIENT)
    (process,) = _started(warm_home, other)
    assert process.pid != os.getpid()
    os.kill(process.pid, signal.SIGKILL)
    assert processes.wait_until_none(lambda: _started(warm_home, other), 20) == []
    assert ide.window.isVisible()  # what ends the one leaves the other alone
    assert ide.commands.run("view.theme_dark")


def test_a_first_window_that_does_not_answer_is_said(windows: Windows, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(QMessageBox, "critical", lambda _parent, _title, text: said.append(text))
    monkeypatch.setattr(Instance, "claim", lambda self: False)
    monkeypatch.setattr(Instance, "raise_other", lambda self: False)
    assert app.open_window(["natmod-studio", str(windows.example("factorial"))]) == 1
    assert "does not answer" in said[0]
    assert "start it again" in said[0]
