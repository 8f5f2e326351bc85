"""The cable is pulled while a program runs: the window says so, keeps the text, and works on with another board."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ide.board import board_list, simulator
from ide.board.board_list import ListedBoard
from tests.fakes.board import FakeBoard
from tests.fakes.cable import Cable
from tests.fakes.usb_desk import Desk
from tests.fakes.usb_ports import CP2102, UsbPorts
from tests.fakes.wire import PtyBoard
from tests.ide.window.conftest import PATIENT, Windows
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.toolbox import Toolbox

pytestmark = pytest.mark.slow


@pytest.fixture
def port(toolbox: Toolbox, rv32_firmware: Path) -> Iterator[str]:
    """The port of a real MicroPython."""
    ctx = JobContext(toolbox.host)
    lease = simulator.lease(ctx, toolbox, "sim:rv32", toolbox.sdks.ensure(ctx, "1.26.1"))
    yield lease.port
    lease.close()


def test_unplugged_while_a_program_runs(windows: Windows, qtbot: QtBot, port: str) -> None:
    project = windows.example("factorial")
    program = (project / "main.py").read_text("utf-8")
    (project / "main.py").write_text("print('begun')\nwhile True:\n    pass\n", "utf-8")
    ide = windows.open(project)
    printed = bytearray()
    ide.board.printed.connect(printed.extend)
    cable = Cable(port)
    ide.board.use(cable.port)
    qtbot.waitUntil(lambda: ide.board.state == "prompt" and ide.board.identity is not None, timeout=PATIENT)
    assert ide.commands.run("project.run")
    qtbot.waitUntil(lambda: b"begun" in printed, timeout=PATIENT)
    view = ide.editors.current()
    assert view is not None
    view.sci.insert(0, "// typed meanwhile\n")
    with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT):
        cable.close()
    qtbot.waitUntil(lambda: ide.board.state == "lost", timeout=PATIENT)
    assert "not connected" in ide.picker.text()
    assert "not connected" in ide.status.board.text()
    assert "board" in ide.window.notice_bar.label.text()
    assert ide.commands.records["board.reconnect"].enabled()
    assert not ide.commands.records["project.stop"].enabled()
    assert (ide.editors.text_of(project / "factorial.c") or "").startswith("// typed meanwhile\n")
    # Plugged in again, under another name: the program still runs there, and F5 works.
    (project / "main.py").write_text(program, "utf-8")
    with Cable(port) as again:
        ide.board.use(again.port)
        qtbot.waitUntil(lambda: ide.board.state == "running", timeout=PATIENT)
        with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT):
            assert ide.commands.run("project.run")
        assert b"factorial(10) = 3628800" in printed
        qtbot.waitUntil(lambda: ide.board.state == "prompt" and ide.board.identity is not None, timeout=PATIENT)
        ide.board.use(None)
        ide.board.close()


def test_a_board_of_which_nothing_is_heard_is_not_called_busy(windows: Windows, qtbot: QtBot) -> None:
    ide = windows.open(windows.example("factorial"))
    with PtyBoard(FakeBoard(firmware="silent")) as pty:
        ide.board.use(pty.path)
        qtbot.waitUntil(lambda: "no prompt yet" in ide.picker.text(), timeout=PATIENT)
        assert "no prompt yet" in ide.status.board.text()
        ide.board.use(None)
        ide.board.close()


def test_plugged_in_elsewhere_the_console_comes_back_by_itself(
    windows: Windows, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tasks that were asked for with the old name reach it, too; a stranger at that name is left alone."""
    desk = Desk(tmp_path, UsbPorts(monkeypatch))
    ide = windows.open(windows.example("factorial"))
    ide.settings.set("editor.intelligence", False)  # it would offer what it needs for this board
    printed = bytearray()
    ide.board.printed.connect(printed.extend)
    first = desk.plug("ttyUSB0", CP2102, FakeBoard(), serial="01A2B3C4")
    ide.board.use(first)
    qtbot.waitUntil(lambda: ide.board.state == "prompt", timeout=PATIENT)
    desk.pull("ttyUSB0")
    qtbot.waitUntil(lambda: ide.board.state == "lost", timeout=PATIENT)
    assert not ide.window.notice_bar.isHidden()
    stranger, board = FakeBoard(), FakeBoard()
    desk.plug("ttyUSB0", CP2102, stranger, serial="99999999A")
    second = desk.plug("ttyUSB1", CP2102, board, serial="01A2B3C4")
    ide.board.port_appeared()
    qtbot.waitUntil(lambda: ide.board.state == "prompt", timeout=PATIENT)
    assert ide.board.address == second
    assert ide.window.notice_bar.isHidden()
    assert second in ide.status.board.text()
    done: list[bytes] = []
    ide.board.submit(_("a job"), lambda ctx, boards: boards.open(ctx, first).exec(ctx, "note(5)"), on_done=done.append)
    qtbot.waitUntil(lambda: bool(done), timeout=PATIENT)
    assert (board.notes, stranger.notes) == ([5], [])
    ide.board.use(None)
    ide.board.close()
    desk.close()


def test_a_board_without_a_driver_is_in_the_list_with_its_reason(
    windows: Windows, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = [ListedBoard("", Text("CH340"), "serial", available=False, reason=Text("no driver for it"))]
    monkeypatch.setattr(board_list, "list_without_driver", lambda ctx: there)
    ide = windows.open(windows.example("factorial"))
    menu = ide.picker.menu()
    menu.aboutToShow.emit()
    qtbot.waitUntil(lambda: "CH340" in [action.text() for action in menu.actions()], timeout=PATIENT)
    (action,) = (action for action in menu.actions() if action.text() == "CH340")
    assert not action.isEnabled()
    assert action.toolTip() == "no driver for it"
    assert any(action.text().startswith("sim:rv32") for action in menu.actions())
