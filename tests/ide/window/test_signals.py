"""Ctrl-C in the terminal and ``kill`` close an idle window as its cross does: nothing is lost, nothing is printed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from pytestqt.qtbot import QtBot

from ide import session_state
from tests.ide.window import typist
from tests.ide.window.conftest import PATIENT, Windows
from toolchains.paths import Paths


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals between processes")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_closes_the_window(windows: Windows, qtbot: QtBot, number: signal.Signals) -> None:
    project = windows.example("factorial")
    child = subprocess.Popen(
        typist.argv(project, "// typed and not saved\n", 200),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_as_in_a_terminal,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == b"typed\n"
    child.send_signal(number)
    _said, complaints = child.communicate(timeout=PATIENT / 1000)
    assert (child.returncode, b"Traceback" in complaints) == (0, False), complaints
    state = Paths.from_environment(dict(os.environ)).state
    assert session_state.read(session_state.state_file(state, project))["open"] is False
    ide = windows.open(project)
    path = project / "factorial.c"
    qtbot.waitUntil(lambda: "// typed and not saved" in (ide.editors.text_of(path) or ""))
    assert ide.window.notice_bar.isHidden()


def _as_in_a_terminal() -> None:
    """Whoever runs the tests in the background has Ctrl-C ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
