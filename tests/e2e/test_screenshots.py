"""The window on a real X server: every panel in every theme, and the whole in every language."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests import xserver
from tests.tools import board_pictures, code_pictures, firmware_pictures, learn_pictures, screenshots
from tests.tools.photographer import LANGUAGES, NAMES

pytestmark = pytest.mark.slow
_PANELS = (
    "board", "build", "compiled", "console", "files", "firmware", "flasher", "learn", "packages", "plotter", "problems",
    "project", "run", "search", "start", "tests", "toolchains",
)  # fmt: skip
#: Each page of the board's panel, as it is when it has something to show.
_BOARD = ("board-memory", "board-heap", "board-storage", "board-cost")
#: A window in which nothing is painted has two or three.
_FEWEST_COLOURS = 20


def _colours(path: Path) -> int:
    done = subprocess.run(["identify", "-format", "%k", str(path)], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_the_window_is_painted_in_every_theme_and_language(home: Path, tmp_path: Path, rv32_firmware: Path) -> None:
    with xserver.display() as display:
        taken = screenshots.take(display, home, tmp_path / "pictures")
    names = {path.stem for path in taken}
    assert {f"{theme}-{panel}" for theme in NAMES for panel in _PANELS} <= names
    pages = (_BOARD, board_pictures.NAMES, code_pictures.NAMES, firmware_pictures.NAMES, learn_pictures.NAMES)
    assert {name for page in pages for name in page} <= names
    assert {f"language-{language}" for language in LANGUAGES} <= names
    assert {path.name: n for path in taken if (n := _colours(path)) < _FEWEST_COLOURS} == {}
    assert xserver.has_han_font(), "fonts-noto-cjk is missing: Chinese would be empty boxes"
