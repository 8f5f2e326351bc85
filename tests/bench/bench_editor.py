"""The editor: from a key to the picture, and large files. Prints, asserts no time.

    xvfb-run -a -s "-screen 0 1280x800x24" python -m tests.bench.bench_editor [--keys 2000]

A key counts from the moment when its event is in the queue until the event loop is back after the painting; the area is
the window's own, with problems in the text, backups and the watching of files at work. Beside the clock's time stands
the time of the processor: on a machine that is busy with other things, that is the one to look at.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from ide.commands import Commands
from ide.editor.area import EditorArea
from ide.editor.editor import CodeEditor
from ide.editor.find_bar import FindBar
from ide.editor.scintilla import M
from ide.job_queue import Jobs
from ide.notify import Notices
from ide.problems import Problem
from ide.pump import Pump
from ide.settings import Settings
from ide.themes import themes
from toolchains.paths import examples

_TYPED = "for (int i = 0; i < n; i++) {\rtotal += values[i]; // one more\r}\r\b\b\b/* x */\r"


def c_text(n_lines: int) -> str:
    """C source of so many lines, out of the examples."""
    lines = [line for path in sorted(examples().glob("*/*.c")) for line in path.read_text("utf-8").splitlines()]
    return "\n".join(itertools.islice(itertools.cycle(lines), n_lines)) + "\n"


def make_area(root: Path, state: Path | None = None) -> tuple[EditorArea, Callable[[], None]]:
    """An area with its services for the project ``root``, and what ends it."""
    pump, notices, area = Pump(), Notices(), EditorArea()
    notices.added.connect(lambda notice: print("said:", notice.text))
    jobs = Jobs(pump.ring, notices.error)
    pump.add(jobs.drain)
    ctx = SimpleNamespace(
        settings=Settings(root / "settings.toml"), commands=Commands(), jobs=jobs, notices=notices, ring=pump.ring,
        add_drain=pump.add, project=SimpleNamespace(folder=root), state_folder=state or root / "state", editors=area,
        layout=SimpleNamespace(show_panel=lambda *_more, **_names: None),
    )  # fmt: skip
    area.attach(ctx)  # type: ignore[arg-type]

    def end() -> None:
        jobs.close()
        pump.close()
        area.close_all()

    return area, end


class Painted(QObject):
    """Runs the event loop until a view was painted and the loop is back."""

    def __init__(self, view: CodeEditor) -> None:
        super().__init__()
        self._loop = QEventLoop()
        view.sci.viewport().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Qt's."""
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self._loop.quit)
        return False

    def wait(self) -> None:
        """Until the next painting is done."""
        QTimer.singleShot(2000, self._loop.quit)
        self._loop.exec()


def press(view: CodeEditor, char: str) -> None:
    """Put a key into the queue."""
    key = {"\r": Qt.Key.Key_Return, "\b": Qt.Key.Key_Backspace}.get(char, Qt.Key.Key_A)
    text = "" if key != Qt.Key.Key_A else char
    event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, text)
    QApplication.postEvent(view.sci, event)


def type_keys(view: CodeEditor, n_keys: int) -> list[tuple[float, float]]:
    """Milliseconds of each key, by the clock and of the processor."""
    painted, taken = Painted(view), []
    for char in itertools.islice(itertools.cycle(_TYPED), n_keys):
        start, busy = time.perf_counter(), time.thread_time()
        press(view, char)
        painted.wait()
        taken.append(((time.perf_counter() - start) * 1000, (time.thread_time() - busy) * 1000))
    return taken


def show(title: str, both: list[tuple[float, float]]) -> None:
    """One row for the clock, one for the processor."""
    for name, taken in (("", [one for one, _busy in both]), ("processor", [busy for _one, busy in both])):
        ordered = sorted(taken)
        at_99 = ordered[int(0.99 * (len(ordered) - 1))]
        within = 100 * sum(one <= 16 for one in taken) / len(taken)
        print(
            f"{'' if name else title:<28} {name:<10} median {statistics.median(taken):5.1f} ms  99 % {at_99:5.1f} ms"
            f"  max {ordered[-1]:5.1f} ms  within 16 ms {within:6.2f} %  n={len(taken)}"
        )


def open_file(area: EditorArea, path: Path) -> float:
    """Milliseconds from the request to the painted text."""
    loop = QEventLoop()
    start = time.perf_counter()
    area.open(path)

    def look() -> None:
        view = area.current()
        if view is not None and view.document.path == path:
            timer.stop()
            loop.quit()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(0)
    loop.exec()
    view = area.current()
    assert view is not None
    view.sci.viewport().repaint()
    return (time.perf_counter() - start) * 1000


def typing(area: EditorArea, root: Path, n_keys: int) -> None:
    """Keys in a C file of 10 000 lines, plain and with problems, split, wrapped, with the find bar."""
    path = root / "ten_thousand.c"
    path.write_text(c_text(10_000), "utf-8")
    print(f"open 10 000 lines of C: {open_file(area, path):.0f} ms")
    view = area.current()
    assert view is not None
    view.go_to(5000)
    show("typing in 10 000 lines", type_keys(view, n_keys))
    area.set_problems([Problem("error", "expected ';'", path, line, 5) for line in range(10, 10_000, 100)])
    show("  with 100 problems", type_keys(view, n_keys))
    area.panes.split()
    view = area.current()
    assert view is not None
    show("  in one of two panes", type_keys(view, n_keys))
    area.panes.split()
    view = area.current()
    assert view is not None
    bar: FindBar = area.find_bar
    bar.open(view, replace=False)
    bar.text.setText("int")
    view.sci.take_focus()
    show("  with the find bar open", type_keys(view, n_keys))
    bar.leave()
    view.sci.send(M.GotoPos, 0)
    show("  at the top", type_keys(view, n_keys))


def large(area: EditorArea, root: Path) -> None:
    """10 MB: open, jump, type, search."""
    path = root / "large.c"
    text = c_text(10_000)
    path.write_text(text * (10_000_000 // len(text) + 1), "utf-8")
    print(f"open {path.stat().st_size / 1e6:.1f} MB: {open_file(area, path):.0f} ms")
    view = area.current()
    assert view is not None
    start = time.perf_counter()
    view.sci.go_to(view.sci.send(M.GetLength))
    view.sci.viewport().repaint()
    print(f"  jump to its end: {(time.perf_counter() - start) * 1000:.0f} ms")
    show("  typing at its end", type_keys(view, 500))
    for words in ("mp_obj_new_int", "mp_obj_t"):
        area.find_bar.open(view, replace=False)
        start = time.perf_counter()
        area.find_bar.text.setText(words)
        print(f"  find all {words}: {(time.perf_counter() - start) * 1000:.0f} ms, {area.find_bar.count.text()}")
        area.find_bar.leave()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--keys", type=int, default=2000)
    args = parser.parse_args()
    app = QApplication(sys.argv)
    app.setStyle("Fusion")
    themes.use("light")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        area, end = make_area(root)
        area.resize(1100, 700)
        area.show()
        typing(area, root, args.keys)
        large(area, root)
        end()


if __name__ == "__main__":
    main()
