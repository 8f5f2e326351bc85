"""F5 without a board: the only one is taken; of several the list asks, and what is chosen runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ide.board import board_list, boards
from ide.board.ports import PortInfo
from ide.composition import Ide
from tests.ide.window.conftest import PATIENT, Windows

pytestmark = pytest.mark.slow


@pytest.fixture
def two_boards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two boards are plugged in."""
    ports = [PortInfo(f"/dev/ttyUSB{n}", "USB board", 1, 2, None, likely=True) for n in (7, 8)]
    for room in (boards, board_list):
        monkeypatch.setattr(room, "list_ports", lambda: ports)


@pytest.fixture
def ide(windows: Windows, rv32_firmware: Path) -> Ide:
    return windows.open(windows.example("factorial"))


def test_the_simulated_board_is_taken_where_nothing_is_plugged_in(
    ide: Ide, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "list_ports", list)
    with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT):
        assert ide.commands.run("project.run")
    assert ide.board.address == "sim:rv32"
    assert ide.runs.last is not None
    assert ide.runs.last.good, ide.runs.last.error


def _asked(ide: Ide, qtbot: QtBot) -> None:
    assert ide.commands.run("project.run")
    menu = ide.picker.menu()
    qtbot.waitUntil(menu.isVisible)
    qtbot.waitUntil(lambda: any("/dev/ttyUSB8" in action.text() for action in menu.actions()))


def test_of_several_the_chosen_one_runs(ide: Ide, qtbot: QtBot, two_boards: None) -> None:
    _asked(ide, qtbot)
    menu = ide.picker.menu()
    simulated = next(action for action in menu.actions() if action.text().startswith("sim:rv32"))
    with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT):
        simulated.trigger()
        menu.close()
    assert ide.runs.last is not None
    assert ide.runs.last.good, ide.runs.last.error


def test_a_list_that_was_closed_is_no_wish_to_run(ide: Ide, qtbot: QtBot, two_boards: None) -> None:
    begun: list[str] = []
    ide.runs.started.connect(begun.append)
    _asked(ide, qtbot)
    ide.picker.menu().close()
    qtbot.waitUntil(lambda: not ide.first_board.waits)
    ide.board.use("sim:rv32")
    qtbot.waitUntil(lambda: ide.board.state == "prompt" and ide.board.identity is not None, timeout=PATIENT)
    assert begun == []
    assert [notice for notice in ide.notices.kept if notice.kind == "error"] == []
