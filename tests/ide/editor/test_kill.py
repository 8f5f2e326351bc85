"""The program is killed without warning: every keystroke older than two seconds is there at the next start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.ide.editor.conftest import Desk

#: Types a letter every 50 ms, and writes down what was typed and when, as the person's memory would.
_TYPIST = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from tests.bench.bench_editor import make_area, press
app = QApplication(sys.argv)
root, state, log = map(Path, sys.argv[1:4])
area, end = make_area(root, state)
area.show()
view = area.open_now(root / "a.c")
log = log.open("w")
def type_one():
    press(view, "x")
    QApplication.sendPostedEvents()
    print(f"{time.time()} {view.sci.length()}", file=log, flush=True)
timer = QTimer(interval=50)
timer.timeout.connect(type_one)
timer.start()
app.exec()
"""


def test_what_was_typed_two_seconds_ago_survives_a_kill(make_desk: Callable[[], Desk], tmp_path: Path) -> None:
    desk = make_desk()
    desk.file("a.c", "")
    log = tmp_path / "typed"
    checkout = Path(__file__).parents[3]
    words = [sys.executable, "-c", _TYPIST, str(desk.root), str(desk.ctx.state_folder), str(log)]
    child = subprocess.Popen(words, cwd=checkout)
    try:
        desk.qtbot.waitUntil(lambda: log.exists() and len(log.read_text().splitlines()) > 60, timeout=60_000)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        killed = time.time()
        child.wait()
    typed = [line.split() for line in log.read_text().splitlines()]
    wanted = max(int(length) for when, length in typed if float(when) < killed - 2)
    desk = make_desk()
    desk.area.open_now(desk.root / "a.c")
    assert desk.area.restore_backups()
    desk.qtbot.waitUntil(lambda: desk.sci.length() > 0)
    assert desk.sci.length() >= wanted > 0
    assert set(desk.sci.text()) == {"x"}
    assert desk.tabs() == ["\u25cf a.c"]
