"""A window in a process of its own, in which something is typed and not saved; it then says ``typed``."""

from __future__ import annotations

import sys
from pathlib import Path

_PROGRAM = """
import sys
from PySide6.QtCore import QTimer
from ide import app
project, text, wait = sys.argv[1], sys.argv[2], int(sys.argv[3])
def type_something(ide):
    ide.editors.current().sci.insert(0, text)
    QTimer.singleShot(wait, lambda: print("typed", flush=True))
def open_window(args, opened=app.open_window):
    ide = opened(args)
    QTimer.singleShot(1000, lambda: type_something(ide))
    return ide
app.open_window = open_window
sys.exit(app.main(["natmod-studio", project]))
"""


def argv(project: Path, text: str, wait_ms: int) -> list[str]:
    """The real start for ``project``; ``text`` is typed, and ``wait_ms`` later it is said."""
    return [sys.executable, "-P", "-c", _PROGRAM, str(project), text, str(wait_ms)]
