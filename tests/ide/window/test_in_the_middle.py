"""In the middle of something: stop a build, close the window, press F5 twice, choose another board.

What is left behind (threads, processes, timers) fails each of these tests by itself.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEventLoop, Qt
from pytestqt.qtbot import QtBot

from ide import app
from ide.composition import Ide
from tests import processes
from tests.ide.window.conftest import PATIENT, Windows
from toolchains.errors import Cancelled

pytestmark = pytest.mark.slow
_ENDLESS = "print('begun')\nwhile True:\n    pass\n"


def _large(project: Path) -> Path:
    """A project that takes a while to build."""
    names = [f"part{n}" for n in range(60)]
    for name in names:
        (project / f"{name}.c").write_text(f"int {name}(int x) {{ return x + 1; }}\n", "utf-8")
    sources = ", ".join(f'"{name}.c"' for name in ["factorial", *names])
    file = project / "natmod.toml"
    file.write_text(file.read_text("utf-8").replace('"factorial.c"', sources), "utf-8")
    return project


def _begin_build(ide: Ide, qtbot: QtBot) -> None:
    """Returns when the compiler is at work."""
    with qtbot.waitSignal(ide.runs.event, timeout=PATIENT):
        assert ide.commands.run("project.build")
    assert ide.runs.busy


def _begin_run(ide: Ide, qtbot: QtBot) -> None:
    """Returns when the program prints."""
    printed = bytearray()
    ide.board.printed.connect(printed.extend)
    qtbot.keyClick(ide.window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: b"begun" in printed, timeout=PATIENT)


def test_a_build_is_stopped_and_the_next_one_works(windows: Windows, qtbot: QtBot, rv32_firmware: Path) -> None:
    ide = windows.open(_large(windows.example("factorial")), board=True)
    _begin_build(ide, qtbot)
    with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT):
        qtbot.keyClick(ide.window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    assert ide.runs.last is not None
    assert isinstance(ide.runs.last.error, Cancelled)
    assert ide.problems.all() == []
    assert ide.window.notice_bar.isHidden()
    assert not ide.commands.records["project.stop"].enabled()
    with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT):
        assert ide.commands.run("project.build")
    assert ide.runs.last.good, ide.runs.last.error


def test_the_window_is_closed_while_it_builds(windows: Windows, qtbot: QtBot, rv32_firmware: Path) -> None:
    project = _large(windows.example("factorial"))
    ide = windows.open(project, board=True)
    _begin_build(ide, qtbot)
    windows.close(ide)
    ide = windows.open(project, board=True)  # nothing half done is in the way
    with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT):
        assert ide.commands.run("project.build")
    assert ide.runs.last is not None
    assert ide.runs.last.good, ide.runs.last.error


def test_the_window_is_closed_while_a_program_runs(windows: Windows, qtbot: QtBot, rv32_firmware: Path) -> None:
    project = windows.example("factorial")
    (project / "main.py").write_text(_ENDLESS, "utf-8")
    ide = windows.open(project, board=True)
    _begin_run(ide, qtbot)
    windows.close(ide)
    (project / "main.py").write_text("print('fresh')\n", "utf-8")
    ide = windows.open(project, board=True)
    printed = bytearray()
    ide.board.printed.connect(printed.extend)
    with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT):
        assert ide.commands.run("project.run")
    assert b"fresh" in printed


@pytest.mark.parametrize("turns", [0, 1, 2, 4, 8, 16, -32])
def test_the_window_is_closed_in_its_first_moments(windows: Windows, warm_home: Path, turns: int) -> None:
    if turns < 0:
        (warm_home / "config" / "settings.toml").write_text("", "utf-8")  # it looks for a board, too
    ide = app.open_window(["natmod-studio", str(windows.example("factorial"))])
    assert isinstance(ide, Ide)
    ide.crash.remove()
    windows.open_ones.append(ide)
    for _turn in range(abs(turns)):
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
    windows.close(ide)
    QCoreApplication.processEvents()
    # A simulated board that was just being started waits for somebody to come, and then ends.
    assert processes.wait_until_none(lambda: processes.with_home(warm_home), 60) == []


def test_f5_again_while_it_runs_changes_nothing(windows: Windows, qtbot: QtBot, rv32_firmware: Path) -> None:
    project = windows.example("factorial")
    (project / "main.py").write_text(_ENDLESS, "utf-8")
    ide = windows.open(project, board=True)
    begun: list[str] = []
    ide.runs.started.connect(begun.append)
    qtbot.keyClick(ide.window, Qt.Key.Key_F5)
    qtbot.keyClick(ide.window, Qt.Key.Key_F5)
    _begin_run(ide, qtbot)
    assert begun == ["run"]
    with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT):
        assert ide.commands.run("project.stop")


def test_another_board_is_chosen_while_a_program_runs(
    windows: Windows, qtbot: QtBot, rv32_firmware: Path, unix_firmware: Path
) -> None:
    project = windows.example("factorial")
    program = (project / "main.py").read_text("utf-8")
    (project / "main.py").write_text(_ENDLESS, "utf-8")
    ide = windows.open(project, board=True)
    _begin_run(ide, qtbot)
    with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT):
        ide.board.use("sim:unix")
    qtbot.waitUntil(lambda: ide.board.state == "prompt" and ide.board.identity is not None, timeout=PATIENT)
    (project / "main.py").write_text(program, "utf-8")
    printed = bytearray()
    ide.board.printed.connect(printed.extend)
    with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT):
        assert ide.commands.run("project.run")
    assert b"factorial(10) = 3628800" in printed
    assert "x64" in ide.toolbar.tools.text()
