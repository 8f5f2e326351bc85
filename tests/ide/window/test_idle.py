"""An idle window wakes never, with a board and the focus: no thread of the process is run by the system.

The board is asked what it has left every few seconds unless the person pauses that, or nobody sees it.
"""

from __future__ import annotations

import select
import subprocess
import sys
from pathlib import Path

import pytest

from tests import xserver
from tests.ide.window.conftest import Windows

_WATCHED_S = 3.0
#: What the kernel and the C library may do by themselves in that time.
_ALLOWED = 3

_SETTLED = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from ide import app
ide = app.open_window(["natmod-studio", sys.argv[1]])
seen = []
def look():
    made = all(dock.made or dock.isHidden() for dock in ide.docks.docks.values())
    known = ide.board.state == "prompt" and ide.board.identity is not None
    if made and known and not ide.jobs.running:
        seen.append(True)
    if len(seen) > 15:
        timer.stop()
        print("settled", flush=True)
timer = QTimer()
timer.timeout.connect(look)
timer.start(200)
if sys.argv[2] == "paused":
    ide.vitals.pause(True)
else:
    ide.docks.docks["console"].hide()
ide.board.use("sim:rv32")
QApplication.exec()
"""


def _switches(pid: int) -> int:
    """How often threads of a process went to sleep by themselves, so far."""
    total = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        for line in status.read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                total += int(line.split()[1])
    return total


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("why", ["paused", "unseen"])
def test_an_idle_window_with_a_board_never_wakes(windows: Windows, rv32_firmware: Path, why: str) -> None:
    project = windows.example("factorial")
    argv = [sys.executable, "-P", "-c", _SETTLED, str(project), why]
    with xserver.display() as display, subprocess.Popen(argv, stdout=subprocess.PIPE, env=display.environ()) as child:
        assert child.stdout is not None
        try:
            assert child.stdout.readline() == b"settled\n"
            before = _switches(child.pid)
            assert select.select([child.stdout], [], [], _WATCHED_S)[0] == []
            after = _switches(child.pid)
        finally:
            child.terminate()
    assert after - before <= _ALLOWED
