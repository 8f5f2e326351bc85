"""From the key to the painted list of names, in the real window with the real clangd, in each example. Asserts no time.

    python -m tests.bench.bench_completion [--rounds 5]

Goal: 95 % of the lists within 100 ms of the key. "Opens" are keys after which there is a list where none was, "narrows"
those that change it; "first" is the first one of a window whose panels are there.
"""

from __future__ import annotations

import argparse
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
    from ide.editor.editor import CodeEditor

_EXAMPLES = ("factorial", "text_search", "signal_filter", "ring_class")
_WORDS = ("mp_obj_new_", "mp_raise_V", "size_", "mp_obj_get_in", "MP_QSTR_", "mp_buffer_in")
_SETTINGS = "[board]\nconnect = false\n[window]\ntheme = 'light'\n"
_LIMIT_MS = 3000


def in_window(project: Path, rounds: int) -> None:
    """Type in a window of this process."""
    from ide import app
    from tests.tools.patience import wait_until

    ide: Ide = app.open_window(["natmod-studio", str(project)])  # type: ignore[assignment]
    wait_until(lambda: all(dock.made or dock.isHidden() for dock in ide.docks.docks.values()))
    source = next(project.glob("*.c"))
    ide.editors.open(source)
    wait_until(lambda: ide.editors.current_path() == source)
    view = ide.editors.current()
    assert view is not None
    wait_until(lambda: ide.ctx.intelligence.source_for(view.document) is not None)
    view.sci.take_focus()
    view.sci.go_to(view.sci.text().encode().index(b") {\n") + 4)
    opens, narrows, missed = _type_words(view, rounds)
    _say(f"{project.name}: first", opens[:1])
    _say(f"{project.name}: opens", opens[1:])
    _say(f"{project.name}: narrows", narrows)
    _say(f"{project.name}: all", opens + narrows)
    if missed:
        print(f"{project.name}: no list after {missed} keys")
    ide.window.close()


def _type_words(view: CodeEditor, rounds: int) -> tuple[list[float], list[float], int]:
    from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QApplication

    from ide.editor.intelligence.assist import Assist

    found = view.findChild(Assist)
    assert isinstance(found, Assist)
    completer = found.completer
    loop = QEventLoop()

    class Painted(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                QTimer.singleShot(0, loop.quit)
            return False

    painted = Painted()
    completer.popup.list.viewport().installEventFilter(painted)

    def press(text: str, key: Qt.Key = Qt.Key.Key_A, wait_ms: int = 0) -> float | None:
        start = time.perf_counter()
        QApplication.postEvent(view.sci, QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, text))
        late = QTimer()
        late.setSingleShot(True)
        late.timeout.connect(loop.quit)
        late.start(wait_ms)
        loop.exec()
        return (time.perf_counter() - start) * 1000 if late.isActive() else None

    opens, narrows, missed = [], [], 0
    for word in _WORDS * rounds:
        for number, letter in enumerate(word):
            was = completer.visible
            took = press(letter, wait_ms=_LIMIT_MS if number else 60)
            if took is None:
                missed += number > 0
            else:
                (narrows if was else opens).append(took)
        press("", Qt.Key.Key_Escape, 60)
        press(";", wait_ms=60)
        press("", Qt.Key.Key_Return, 60)
    return opens, narrows, missed


def _say(title: str, taken: list[float]) -> None:
    ordered = sorted(taken)
    within = 100 * sum(one <= 100 for one in taken) / max(1, len(taken))
    if ordered:
        print(
            f"{title:<26} median {statistics.median(ordered):5.1f} ms  95 % {ordered[len(ordered) * 95 // 100]:6.1f} ms"
            f"  max {ordered[-1]:6.1f} ms  within 100 ms {within:6.2f} %  n={len(ordered)}",
            flush=True,
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--project", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.project is not None:
        in_window(args.project, args.rounds)
        return
    with tempfile.TemporaryDirectory(prefix="n") as home, xserver.display() as display:
        homes.borrow(Path(home))
        (Path(home) / "config").mkdir(exist_ok=True)
        (Path(home) / "config" / "settings.toml").write_text(_SETTINGS, "utf-8")
        env = {**os.environ, **display.environ(), "NATMOD_HOME": home, "NATMOD_LANG": "en"}
        for name in _EXAMPLES:
            project = Path(home) / "projects" / name
            shutil.copytree(examples() / name, project, ignore=shutil.ignore_patterns(".natmod", "__pycache__"))
            argv = [sys.executable, "-m", __spec__.name, "--project", str(project), "--rounds", str(args.rounds)]
            subprocess.run(argv, env=env, cwd=homes.CHECKOUT, check=True)


if __name__ == "__main__":
    main()
