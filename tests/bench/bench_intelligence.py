"""Code help in the real window: first remarks after opening, gaps of the window while servers start, their memory.

    python -m tests.bench.bench_intelligence [--rounds 5]

Goals: remarks within 1 s of opening, no gap over 50 ms, all servers together under 150 MB. Asserts no time.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests import homes, xserver
from toolchains.paths import examples

if TYPE_CHECKING:
    from ide.composition import Ide

_SETTINGS = "[board]\nconnect = false\n[editor]\nintelligence = {}\n"
_BEAT_MS, _QUIET_S = 2, 1.5


def in_window(project: Path, *, off: bool) -> None:
    """One start of a window in this process: prints milliseconds and megabytes; ``off``: gaps without code help."""
    from PySide6.QtCore import QTimer

    from ide import app
    from tests.tools.patience import wait_until

    source = project / f"{project.name}.c"
    source.write_text(source.read_text("utf-8") + "\nint broken = undefined_thing;\n", "utf-8")
    ide: Ide = app.open_window(["natmod-studio", str(project)])  # type: ignore[assignment]
    wait_until(lambda: all(dock.made or dock.isHidden() for dock in ide.docks.docks.values()))
    beats = [time.perf_counter()]
    heart = QTimer()
    heart.timeout.connect(lambda: beats.append(time.perf_counter()))
    heart.start(_BEAT_MS)
    began = time.perf_counter()
    ide.editors.open(source)
    if off:
        _without(ide, project)
        print(f"{max(after - before for before, after in itertools.pairwise(beats)) * 1000:.0f}")
        ide.window.close()
        return
    wait_until(lambda: any("undefined_thing" in one.message for one in ide.problems.all() if one.live))
    first = time.perf_counter() - began
    ide.editors.open(project / "main.py")
    intelligence = ide.ctx.intelligence
    python, c = intelligence._python, intelligence._c
    assert python is not None
    assert c is not None
    wait_until(lambda: python.ready and python.lint.ready)
    view = ide.editors.current()
    assert view is not None
    answers: list[object] = []
    found = intelligence.source_for(view.document)
    assert found is not None
    found.complete(project / "main.py", (0, 3), answers.append)
    wait_until(lambda: bool(answers))
    heart.stop()
    gap = max(after - before for before, after in itertools.pairwise(beats))
    sources = [one.source for one in (c, python.lint, python.names) if one.source is not None]
    sizes = [_megabytes(one.server.pid) for one in sources]
    print(f"{first * 1000:.0f} {gap * 1000:.0f} {sum(sizes):.0f} {' '.join(f'{one:.0f}' for one in sizes)}")
    ide.window.close()


def _without(ide: Ide, project: Path) -> None:
    """The same files on the screen, and as long as servers take to start."""
    from tests.tools.patience import wait_until

    ide.editors.open(project / "main.py")
    until = time.perf_counter() + _QUIET_S
    wait_until(lambda: ide.editors.current_path() == project / "main.py" and time.perf_counter() > until)


def _megabytes(pid: int | None) -> float:
    status = Path(f"/proc/{pid}/status")
    rows = status.read_text("utf-8").splitlines() if status.exists() else []
    return next((int(row.split()[1]) / 1024 for row in rows if row.startswith("VmRSS")), 0.0)


def main() -> None:
    """Each round is a window of its own, on an X server."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--project", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--off", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.project is not None:
        in_window(options.project, off=options.off)
        return
    rows, without = [], []
    with tempfile.TemporaryDirectory(prefix="n") as home, xserver.display() as display:
        homes.borrow(Path(home))
        (Path(home) / "config").mkdir(exist_ok=True)
        settings = Path(home) / "config" / "settings.toml"
        env = {**os.environ, **display.environ(), "NATMOD_HOME": home, "NATMOD_LANG": "en"}
        for number in range(options.rounds):
            project = Path(home) / str(number) / "factorial"
            shutil.copytree(examples() / "factorial", project, ignore=shutil.ignore_patterns(".natmod", "__pycache__"))
            argv = [sys.executable, "-m", __spec__.name, "--project", str(project)]
            settings.write_text(_SETTINGS.format("true"), "utf-8")
            said = subprocess.run(argv, env=env, cwd=homes.CHECKOUT, capture_output=True, text=True, check=True).stdout
            rows.append([float(word) for word in said.splitlines()[-1].split()])
            argv.append("--off")
            settings.write_text(_SETTINGS.format("false"), "utf-8")
            said = subprocess.run(argv, env=env, cwd=homes.CHECKOUT, capture_output=True, text=True, check=True).stdout
            without.append(float(said.splitlines()[-1]))
    for name, column, unit, goal in (
        ("first remarks after opening", 0, "ms", 1000), ("longest gap of the window", 1, "ms", 50),
        ("all servers together", 2, "MB", 150),
    ):  # fmt: skip
        found = [row[column] for row in rows]
        print(f"{name}: median {statistics.median(found):.0f}, worst {max(found):.0f} {unit} (goal {goal})")
    print(f"longest gap without code help: median {statistics.median(without):.0f}, worst {max(without):.0f} ms")
    print("clangd, ruff, jedi:", ", ".join(f"{statistics.median(row[i] for row in rows):.0f} MB" for i in (3, 4, 5)))


if __name__ == "__main__":
    main()
