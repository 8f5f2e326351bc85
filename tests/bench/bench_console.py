"""The console under a flood: gaps of the window's thread, MB/s, memory, and how soon Stop shows a prompt. Prints only.

python -m tests.bench.bench_console      (in a real X server, Xvfb, where that is installed)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import homes

if TYPE_CHECKING:
    from ide.context import IdeContext
    from ide.panels.console.widget import ConsolePanel

_AMOUNT = 50_000_000
_INSIDE = "--inside"

#: A board in a process of its own that prints as fast as it is read, from the first line on, until Ctrl-C.
_PRINTER = """
import os, select, sys, tty
line = eval(sys.argv[1])
master, slave = os.openpty(); tty.setraw(slave); os.set_blocking(master, False)
print(os.ttyname(slave), flush=True)
block = line * (60000 // len(line)); flood = False; left = b""
while True:
    ready, free, _ = select.select([master, 0], [master] if flood or left else [], [])
    if 0 in ready: break
    if master in ready:
        said = os.read(master, 4096)
        if b"\\r" in said: flood = True
        if b"\\x03" in said: flood, left = False, b"\\r\\nKeyboardInterrupt: \\r\\n>>> "
    elif free:
        left = left or block
        left = left[os.write(master, left):]
"""
_LINES = {
    "lines of 80": r"b'0123456789' * 7 + b' 1234567\r\n'",
    "short lines": r"b'12345\r\n'",
    "coloured lines": r"b'\x1b[32m' + b'0123456789' * 3 + b'\x1b[0m 0123456789\r\n'",
    "no line ends": r"b'0123456789'",
    "overwritten": r"b'0123456789 %\r'",
}


class Heart:
    """Beats every 5 ms on the window's thread; how long the gaps were, and how much of each it worked, in ms.

    On a machine that is busy with other things only the second figure says something.
    """

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.timer = QTimer()
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self._beat)
        self.gaps: list[float] = []
        self.works: list[float] = []
        self._last, self._worked = time.perf_counter(), time.thread_time()
        self.timer.start(5)

    def _beat(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        self.gaps.append((now - self._last) * 1000)
        self.works.append((worked - self._worked) * 1000)
        self._last, self._worked = now, worked

    def words(self) -> str:
        gaps, works = sorted(self.gaps), sorted(self.works)
        self.gaps, self.works = [], []
        at = len(gaps) * 95 // 100
        work = f"at work p95 {works[at]:.0f} ms, max {works[-1]:.0f} ms"
        return f"gaps p95 {gaps[at]:.0f} ms, max {gaps[-1]:.0f} ms ({work})"


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def _wait(reached: Callable[[], bool], seconds: float = 120) -> None:
    from PySide6.QtCore import QEventLoop
    from PySide6.QtWidgets import QApplication

    end = time.monotonic() + seconds
    while not reached():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
        if time.monotonic() > end:
            raise TimeoutError


def _flood(name: str, ctx: IdeContext, panel: ConsolePanel, seen: list[int], begin: Callable[[], Any]) -> None:
    view, heart, before = panel.console.view, Heart(), _resident()
    seen[0] = seen[1] = 0
    begin()
    _wait(lambda: seen[0] > 0)
    heart.words()
    start = time.perf_counter()
    _wait(lambda: seen[0] >= _AMOUNT)
    took = time.perf_counter() - start
    beats, amount, dropped, after = heart.words(), seen[0], seen[1], _resident()
    start = time.perf_counter()
    ctx.board.interrupt()
    _wait(lambda: view.slice(view.send(2006) - 4, view.send(2006)) == ">>> ")  # SCI_GETLENGTH
    stopped = (time.perf_counter() - start) * 1000
    heart.timer.stop()
    rate = f"{amount / took / 1e6:.1f} MB/s ({dropped / 1e6:.0f} MB of them left out)"
    print(f"{name:<26} {rate}, {beats}, memory {before:.0f} -> {after:.0f} MB, prompt {stopped:.0f} ms after Stop")


def inside(home: Path) -> None:
    """The measurement, in a process of its own."""
    os.environ["NATMOD_HOME"] = str(home)
    homes.borrow(home)
    from PySide6.QtWidgets import QApplication

    from ide.panels.console.widget import ConsolePanel
    from tests.ide.panels.parts import window_parts

    app = QApplication([])
    app.setStyle("Fusion")
    with window_parts(home) as ctx:
        panel = ConsolePanel(ctx)
        panel.resize(1200, 500)
        panel.show()
        seen = [0, 0]
        ctx.board.printed.connect(lambda data: seen.__setitem__(0, seen[0] + len(data)))
        ctx.board.dropped.connect(lambda n: seen.__setitem__(slice(None), [seen[0] + n, seen[1] + n]))
        for name, line in _LINES.items():
            argv = [sys.executable, "-c", _PRINTER, line]
            with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as board:
                assert board.stdout is not None
                ctx.board.use(board.stdout.readline().strip())
                _wait(lambda: ctx.board.state == "running")
                _flood(name, ctx, panel, seen, lambda: ctx.board.type(b"\r"))
                ctx.board.use(None)
                board.kill()
        ctx.board.use("sim:unix")
        _wait(lambda: ctx.board.state == "prompt" and ctx.board.identity is not None)
        code = "i = 0\nwhile True:\n    print('0123456789' * 7, i)\n    i += 1\n"
        _flood("sim:unix, print()", ctx, panel, seen, lambda: panel.console.paste(code))
        panel.close()
        panel.deleteLater()
        app.processEvents()


@pytest.mark.bench
def test_console(sdk_tree: object, unix_firmware: Path) -> None:
    """Start the measurement where windows are really painted."""
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "tests.bench.bench_console", _INSIDE, folder]
        xvfb = shutil.which("xvfb-run")
        platform = "offscreen" if xvfb is None else "xcb"
        if xvfb is not None:
            argv = [xvfb, "-a", "-s", "-screen 0 1280x800x24", *argv]
        environ = {**os.environ, "QT_QPA_PLATFORM": platform, "NATMOD_SIM_LINGER": "0"}
        done = subprocess.run(argv, cwd=homes.CHECKOUT, env=environ, capture_output=True, text=True, check=False)
        print(f"\n{platform}\n{done.stdout}{done.stderr if done.returncode else ''}")
        assert done.returncode == 0


if __name__ == "__main__":
    if _INSIDE in sys.argv:
        inside(Path(sys.argv[-1]))
    else:
        raise SystemExit(pytest.main([__file__, "-s", "-q", "-p", "no:cacheprovider"]))
