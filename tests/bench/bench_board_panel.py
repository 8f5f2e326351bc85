"""The heap of a board with 8 MB of PSRAM in the real window: gaps of the window's thread. Prints only.

python -m tests.bench.bench_board_panel      (in a real X server, Xvfb, where that is installed)

The board is sim:rv32, its heap is played: half a million blocks in text as ``py/gc.c`` prints it, read in the board's
thread. Read, drawn, scrolled, zoomed, compared with an earlier one. Goal: no gap over 50 ms.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import homes
from tests.bench.bench_build_panel import Heart, _wait
from toolchains.paths import examples

_INSIDE = "--inside"
_BLOCKS = (8 << 20) // 16
_PIECE = 4096


def _text(seed: int) -> bytes:
    """A heap of which a third is in use, everywhere."""
    from tests.ide.board.memory.test_mem_info import printed

    chance = random.Random(seed)
    found = bytearray()
    while len(found) < _BLOCKS:
        found += chance.choice([b"h===", b"S=", b"A=======", b"D===", b"T", b"F"]) + b"." * chance.randrange(18)
    return printed([(0x3C000000, bytes(found[:_BLOCKS]))])


def _play() -> None:
    """Let every map be one of these."""
    from ide.board.memory import heap_map
    from ide.board.memory.mem_info import MemInfoReader

    texts = [_text(seed) for seed in (1, 2)]

    def take(_ctx: object, _board: object, on_progress: Callable[[int, int], None], *, collect: bool) -> object:
        text = texts.pop(0)
        reader = MemInfoReader()
        for at in range(0, len(text), _PIECE):
            reader.feed(text[at : at + _PIECE])
            on_progress(*reader.progress)
        return heap_map.HeapMap(time.time(), reader.result(), 0.0, collect)

    heap_map.take = take  # type: ignore[assignment]


def _measured(name: str, act: Callable[[], object], done: Callable[[], bool]) -> None:
    heart, start = Heart(), time.perf_counter()
    act()
    _wait(done)
    took = time.perf_counter() - start
    end = time.monotonic() + 0.3
    _wait(lambda: time.monotonic() > end)
    heart.timer.stop()
    print(f"{name:<22} {took:5.2f} s: {heart.words()}")


def inside(home: Path) -> None:
    """The measurement, in a process of its own."""
    os.environ["NATMOD_HOME"] = str(home)
    os.environ["NATMOD_SIM_LINGER"] = "0"
    homes.borrow(home)
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "settings.toml").write_text("[board]\nconnect = false\n", "utf-8")
    from ide import app
    from ide.panels.board.widget import BoardPanel

    project = home / "factorial"
    shutil.copytree(examples() / "factorial", project, ignore=shutil.ignore_patterns(".natmod"))
    ide = app.open_window(["natmod-studio", str(project)])
    _wait(lambda: all(dock.made or dock.isHidden() for dock in ide.docks.docks.values()))
    ide.board.use("sim:rv32")
    _wait(lambda: ide.board.state == "prompt" and ide.board.identity is not None)
    ide.docks.show_panel("board")
    panel = ide.docks.docks["board"].widget().layout().itemAt(0).widget()
    assert isinstance(panel, BoardPanel)
    page, grid = panel.heap, panel.heap.grid
    panel.show_page(page)
    _wait(lambda: page.asked.can)
    _play()
    _measured("8 MB read and drawn", page.take, lambda: len(page.snapshots) == 1)
    bar = grid.verticalScrollBar()
    places = iter(range(0, bar.maximum(), max(1, bar.maximum() // 60)))
    step_down = bar.maximum() // 60
    _measured(
        "scrolled to its end", lambda: None,
        lambda: next(places, None) is None or bool(bar.setValue(bar.value() + step_down)),
    )  # fmt: skip
    steps = iter([1] * 7 + [-1] * 7)
    _measured("zoomed in and out", lambda: None, lambda: (step := next(steps, None)) is None or bool(grid.zoom(step)))
    _measured("8 MB, another one", page.take, lambda: len(page.snapshots) == 2)

    def compare() -> None:
        page.before.setCurrentIndex(1)
        page._chosen()

    _measured("compared", compare, lambda: page.change is not None)
    ide.window.close()


@pytest.mark.bench
def test_board_panel() -> None:
    """Start the measurement where windows are really painted."""
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "tests.bench.bench_board_panel", _INSIDE, folder]
        xvfb = shutil.which("xvfb-run")
        platform = "offscreen" if xvfb is None else "xcb"
        where = [] if xvfb is None else [xvfb, "-a", "-s", "-screen 0 1400x900x24"]
        subprocess.run([*where, *argv], check=True, env={**os.environ, "QT_QPA_PLATFORM": platform}, cwd=homes.CHECKOUT)


if __name__ == "__main__":
    if sys.argv[1:2] == [_INSIDE]:
        inside(Path(sys.argv[2]))
    else:
        test_board_panel()
