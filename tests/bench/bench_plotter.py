"""The plotter under a flood of numbers: gaps of the window's thread at 10 000 lines a second. Prints only.

python -m tests.bench.bench_plotter      (in a real X server, Xvfb, where that is installed)
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests import homes

_INSIDE = "--inside"
_LINES_S, _SECONDS, _EVERY_MS = 10_000, 6, 30
_CURVES = (1, 3, 16)


def measure(curves: int, *, whole: bool) -> None:
    """Draw a flood for some seconds; print gaps and work."""
    from PySide6.QtCore import QEventLoop, QTimer

    from ide.panels.plotter.widget import PlotterPanel
    from tests.bench.bench_console import Heart
    from tests.ide.panels.parts import window_parts

    with tempfile.TemporaryDirectory() as folder, window_parts(Path(folder)) as ctx:
        panel = PlotterPanel(ctx)
        panel.resize(1000, 320)
        panel.show()
        sent, a_time = 0, _LINES_S * _EVERY_MS // 1000

        def send() -> None:
            nonlocal sent
            rows = range(sent, sent + a_time)
            lines = (", ".join(f"{math.sin(n / (50 + c)):.4f}" for c in range(curves)) for n in rows)
            ctx.board.printed.emit("".join(f"{line}\r\n" for line in lines).encode())
            sent += a_time
            if whole and panel.feed.table.n_rows:
                panel.chart.show_all()

        loop, source = QEventLoop(), QTimer()
        source.timeout.connect(send)
        QTimer.singleShot(500, lambda: (heart.gaps.clear(), heart.works.clear()))
        QTimer.singleShot(_SECONDS * 1000, loop.quit)
        heart = Heart()
        source.start(_EVERY_MS)
        loop.exec()
        source.stop()
        heart.timer.stop()
        table = panel.feed.table
        drawn = table.first + table.n_rows
        what = "all points" if whole else "the newest 500"
        print(f"{curves:2} curves, {what}: {sent} lines sent, {drawn} read; {heart.words()}")
        panel.close()
        panel.deleteLater()


def inside() -> None:
    """In the process with the window."""
    from PySide6.QtWidgets import QApplication

    app = QApplication([])
    for curves in _CURVES:
        for whole in (False, True):
            measure(curves, whole=whole)
    app.quit()


def main() -> None:
    """In a process of its own, on an X server if there is one."""
    argv = [sys.executable, "-m", "tests.bench.bench_plotter", _INSIDE]
    if sys.platform == "linux" and shutil.which("Xvfb"):
        from tests import xserver

        with xserver.display() as display:
            subprocess.run(argv, env={**os.environ, **display.environ()}, cwd=homes.CHECKOUT, check=True)
    else:
        subprocess.run(argv, cwd=homes.CHECKOUT, check=True)


@pytest.mark.bench
def test_plotter() -> None:
    main()


if __name__ == "__main__":
    inside() if _INSIDE in sys.argv else main()
