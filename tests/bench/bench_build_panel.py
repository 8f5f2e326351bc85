"""A build that prints 20 000 lines and more, in the whole window: gaps of the window's thread. Prints only.

python -m tests.bench.bench_build_panel      (in a real X server, Xvfb, where that is installed)
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
from typing import TYPE_CHECKING

import pytest

from tests import homes
from toolchains.paths import examples

if TYPE_CHECKING:
    from ide.composition import Ide

_INSIDE = "--inside"
_PATIENCE_S = 180.0
#: A warning is three lines.
_MANY, _VERY_MANY = 6_667, 20_000


class Heart:
    """Beats every 5 ms on the window's thread. Gaps in ms: by the clock, and what of them this thread was at work.

    On a machine that does other things, the second tells what is our own fault.
    """

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.timer = QTimer()
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self._beat)
        self.gaps: list[float] = []
        self.work: list[float] = []
        self._last, self._worked = time.perf_counter(), time.thread_time()
        self.timer.start(5)

    def _beat(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        self.gaps.append((now - self._last) * 1000)
        self.work.append((worked - self._worked) * 1000)
        self._last, self._worked = now, worked

    def words(self) -> str:
        gaps, work = sorted(self.gaps), sorted(self.work)
        longest, busiest = (", ".join(f"{one:.0f}" for one in some[-4:]) for some in (gaps, work))
        return f"gaps p99 {gaps[len(gaps) * 99 // 100]:.0f} ms, the longest {longest} ms; at work {busiest} ms"


def _wait(reached: Callable[[], bool], patience_s: float = _PATIENCE_S) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    loop, clock, end = QEventLoop(), QTimer(), time.monotonic() + patience_s
    clock.timeout.connect(lambda: loop.quit() if reached() or time.monotonic() > end else None)
    clock.start(20)
    loop.exec()
    assert reached(), "not in time"


def _project(folder: Path, name: str, lines: str) -> Path:
    """The factorial example with more lines in its C file."""
    target = folder / name
    shutil.copytree(examples() / "factorial", target, ignore=shutil.ignore_patterns(".natmod"))
    source = target / "factorial.c"
    source.write_text(lines + source.read_text("utf-8"), "utf-8")
    return target


def _flood(ide: Ide, name: str, act: Callable[[], object]) -> None:
    panel = ide.docks.docks["build"].widget().layout().itemAt(0).widget()
    lines = [0]
    counted = ide.runs.event.connect(lambda event: lines.__setitem__(0, lines[0] + len(getattr(event, "lines", ()))))
    heart, start = Heart(), time.perf_counter()
    act()
    _wait(lambda: not ide.runs.busy and not panel.output.flush())
    took = time.perf_counter() - start
    heart.timer.stop()
    ide.runs.event.disconnect(counted)
    shown, problems = panel.output.blockCount(), len(ide.problems.all())
    print(f"{name:<24} {lines[0]} lines in {took:.1f} s ({shown} shown, {problems} problems): {heart.words()}")


def _warnings(count: int) -> str:
    return "".join(f"#warning number {n}\n" for n in range(count))


def inside(home: Path) -> None:
    """The measurement, in a process of its own."""
    os.environ["NATMOD_HOME"] = str(home)
    homes.borrow(home)
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "settings.toml").write_text("[board]\nconnect = false\n", "utf-8")
    from ide import app

    for name, lines in (
        ("warnings", _warnings(_MANY)),
        ("very many", _warnings(_VERY_MANY)),
        ("errors", "".join(f"int f{n}(void) {{ return x{n} }}\n" for n in range(_MANY))),
    ):
        ide = app.open_window(["natmod-studio", str(_project(home, name, lines))])
        _wait(lambda ide=ide: all(dock.made or dock.isHidden() for dock in ide.docks.docks.values()))  # type: ignore[misc]
        for panel in ("build", "problems"):
            ide.docks.show_panel(panel)
            ide.build()
            _wait(lambda ide=ide: not ide.runs.busy)  # type: ignore[misc]
            ide.runs.clean()
            _wait(lambda ide=ide: not ide.runs.busy)  # type: ignore[misc]
            _flood(ide, f"{name}, {panel} seen", ide.build)
            _flood(ide, f"{name}, once more", ide.build)
        ide.window.close()


@pytest.mark.bench
def test_build_panel(sdk_tree: object) -> None:
    """Start the measurement where windows are really painted."""
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "tests.bench.bench_build_panel", _INSIDE, folder]
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
