"""The whole window: the real start, on a real (simulated) board, and everything gone at the end."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ide import app
from ide.composition import Ide
from ide.themes import themes
from ide.words import words
from toolchains.host_languages import ENGLISH
from toolchains.paths import examples

#: A board that has to be built, started and asked takes this long on a loaded machine, in ms.
PATIENT = 120_000


class Windows:
    """Opens windows as ``natmod-studio PROJECT`` does, and closes them."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot, self.folder = qtbot, folder
        self.open_ones: list[Ide] = []

    def example(self, name: str) -> Path:
        """A copy of one of our examples, in a folder with accents and spaces."""
        target = self.folder / "élève 课程" / name
        if not target.is_dir():
            shutil.copytree(examples() / name, target, ignore=shutil.ignore_patterns(".natmod", "__pycache__"))
        return target

    def open(self, project: Path, *, board: bool = False) -> Ide:
        """Start for a project; with ``board``, wait until ``sim:rv32`` answers at its prompt."""
        found = app.open_window(["natmod-studio", str(project)])
        assert isinstance(found, Ide)
        found.crash.remove()  # pytest-qt is the one that takes what nobody caught
        self.open_ones.append(found)
        for ready in (
            lambda: "factorial" in found.window.windowTitle() or found.project.name in title_of(found),
            lambda: all(dock.made or dock.isHidden() for dock in found.docks.docks.values()),
        ):
            self.qtbot.waitUntil(ready, timeout=PATIENT)
        if board:
            found.board.use("sim:rv32")
            self.qtbot.waitUntil(
                lambda: found.board.state == "prompt" and found.board.identity is not None, timeout=PATIENT
            )
        return found

    def close(self, ide: Ide) -> None:
        """Close a window as a person does."""
        ide.window.close()
        ide.window.deleteLater()
        self.open_ones.remove(ide)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def title_of(ide: Ide) -> str:
    """What the window's frame says."""
    return ide.window.windowTitle()


@pytest.fixture
def windows(qtbot: QtBot, warm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Windows]:
    """Windows with settings, sessions and projects of this test alone; no board unless the test takes one."""
    config = warm_home / "config"
    config.mkdir(parents=True, exist_ok=True)
    (config / "settings.toml").write_text("[board]\nconnect = false\n[window]\ntheme = 'light'\n", "utf-8")
    made = Windows(qtbot, tmp_path)
    yield made
    for ide in list(made.open_ones):
        made.close(ide)
    words.use(ENGLISH)
    assert [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()] == []
    themes.use("light")
