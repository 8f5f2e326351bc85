"""The X server of the tests: a window that is mapped is found by its title."""

from __future__ import annotations

import subprocess
import sys
import time

from tests import xserver

_CODE = """
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
label = QLabel("text")
label.setWindowTitle("a window – 測試")
label.show()
app.exec()
"""


def test_a_mapped_window_is_found_by_its_title() -> None:
    with xserver.display() as shown:
        assert shown.windows() == {}
        with subprocess.Popen([sys.executable, "-c", _CODE], env=shown.environ()) as process:
            try:
                end = time.monotonic() + 20
                while "a window – 測試" not in shown.windows().values():
                    assert process.poll() is None
                    assert time.monotonic() < end
                    time.sleep(0.02)
            finally:
                process.kill()
