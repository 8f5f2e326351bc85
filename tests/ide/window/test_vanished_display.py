"""The display goes away under the window: the process ends, and the next start has what was typed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pytestqt.qtbot import QtBot

from tests import xserver
from tests.ide.window.conftest import Windows

#: The real start; types, waits the two seconds that a crash may cost, and says so.
_TYPIST = """
import sys
from PySide6.QtCore import QTimer
from ide import app
def type_something(ide):
    ide.editors.current().sci.insert(0, "// typed before the screen went away \\u5B78\\n")
    QTimer.singleShot(2000, lambda: print("typed", flush=True))
def open_window(args, opened=app.open_window):
    ide = opened(args)
    QTimer.singleShot(1000, lambda: type_something(ide))
    return ide
app.open_window = open_window
sys.exit(app.main(["natmod-studio", sys.argv[1]]))
"""


@pytest.mark.slow
def test_what_was_typed_survives_the_display(windows: Windows, qtbot: QtBot) -> None:
    project = windows.example("factorial")
    argv = [sys.executable, "-P", "-c", _TYPIST, str(project)]
    with xserver.display() as display:
        child = subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=display.environ()
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"typed\n"
    with child.stdout:  # the X server is gone
        child.wait(60)
    ide = windows.open(project)
    path = project / "factorial.c"
    qtbot.waitUntil(lambda: "// typed before the screen went away 學" in (ide.editors.text_of(path) or ""))
    assert ide.editors.modified_paths() == [path]
