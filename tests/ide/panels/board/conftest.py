"""The Board panel, with the services of a window."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ide.panels.board.panel import PANEL
from ide.panels.board.widget import BoardPanel
from tests.ide.panels.stand_in import Studio, studio
from toolchains import paths

PATIENT = 60_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "factorial"
    shutil.copytree(paths.examples() / "factorial", place, ignore=shutil.ignore_patterns(".natmod"))
    return place


@pytest.fixture
def ide(folder: Path, warm_home: Path) -> Iterator[Studio]:
    with studio(folder) as found:
        yield found


@pytest.fixture
def panel(ide: Studio, qtbot: QtBot) -> BoardPanel:
    """The panel, without a board."""
    widget = PANEL.create(ide.ctx)
    assert isinstance(widget, BoardPanel)
    qtbot.addWidget(widget)
    widget.resize(640, 700)
    widget.show()
    return widget


@pytest.fixture
def met(ide: Studio, panel: BoardPanel, qtbot: QtBot, rv32_firmware: Path) -> Callable[[], None]:
    """Waits until sim:rv32 is at its prompt, and known."""
    board = ide.ctx.board
    board.use("sim:rv32")

    def wait() -> None:
        qtbot.waitUntil(lambda: board.state == "prompt" and board.identity is not None, timeout=PATIENT)

    wait()
    return wait
