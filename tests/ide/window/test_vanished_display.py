"""The display goes away under the window: the process ends, and the next start has what was typed."""

from __future__ import annotations

import subprocess

import pytest
from pytestqt.qtbot import QtBot

from tests import xserver
from tests.ide.window import typist
from tests.ide.window.conftest import Windows


@pytest.mark.slow
def test_what_was_typed_survives_the_display(windows: Windows, qtbot: QtBot) -> None:
    project = windows.example("factorial")
    argv = typist.argv(project, "// typed before the screen went away 學\n", 2000)  # what a crash may cost, in ms
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
