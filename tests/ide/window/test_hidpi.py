"""On a dense screen the window is as large as on any other, sharp, and no word of it is cut off."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.homes import CHECKOUT
from tests.ide.window.conftest import Windows

_LOOK = """
import json, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from ide import app
from tests.ide.window.test_widths import cut_off
ide = app.open_window(["natmod-studio", sys.argv[1]])
def look():
    if not all(dock.made or dock.isHidden() for dock in ide.docks.docks.values()):
        return
    if ide.window.width() != 1280:
        ide.window.resize(1280, 720)
        return
    timer.stop()
    picture = ide.window.grab()
    print(json.dumps({
        "size": [ide.window.width(), ide.window.height()],
        "pixels": [picture.width(), picture.height()],
        "cut": sorted(cut_off(ide.window)),
    }), flush=True)
    ide.window.close()
timer = QTimer()
timer.timeout.connect(look)
timer.start(50)
QApplication.exec()
"""


@pytest.mark.parametrize("scale", [1.5, 2.0])
def test_the_window_on_a_dense_screen(windows: Windows, scale: float) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOOK, str(windows.example("factorial"))],
        cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=100,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": str(scale)},
    )  # fmt: skip
    seen = json.loads(done.stdout)
    width, height = seen["size"]
    assert seen["pixels"] == [round(width * scale), round(height * scale)]
    assert seen["cut"] == []
