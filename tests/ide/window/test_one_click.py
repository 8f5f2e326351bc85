"""The one click: F5 shows 3628800, with the size of the module and the memory that it took."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ide.composition import Ide
from tests.ide.window.conftest import PATIENT, Windows

pytestmark = pytest.mark.slow


def _printed(ide: Ide) -> bytearray:
    seen = bytearray()
    ide.board.printed.connect(seen.extend)
    return seen


def _run(ide: Ide, qtbot: QtBot) -> None:
    with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT):
        qtbot.keyClick(ide.window, Qt.Key.Key_F5)


def _replace(path: Path, old: str, new: str, ide: Ide) -> None:
    """Type over something in the editor."""
    view = ide.editors.current()
    assert view is not None
    assert ide.editors.current_path() == path
    found = view.sci.find(old, 0, view.sci.length())
    assert found is not None
    view.sci.replace(*found, new)


def test_run_shows_the_result_the_size_and_the_memory(windows: Windows, qtbot: QtBot, rv32_firmware: Path) -> None:
    ide = windows.open(windows.example("factorial"), board=True)
    printed = _printed(ide)
    _run(ide, qtbot)
    assert ide.runs.last is not None
    assert ide.runs.last.good, ide.runs.last.error
    assert b"factorial(10) = 3628800" in printed
    assert "built 374 B" in ide.status.said.text()
    stages = [name for name, _seconds in ide.runs.last.stages]
    assert stages == ["board", "sdk", "compiler", "build", "check", "put", "run", "report"]
    report = ide.runs.last.report
    assert report is not None
    assert report.outcome is not None
    assert report.outcome.heap_after is not None


def test_a_changed_line_of_c_is_on_the_board_at_the_next_run(
    windows: Windows, qtbot: QtBot, rv32_firmware: Path
) -> None:
    project = windows.example("factorial")
    ide = windows.open(project, board=True)
    _run(ide, qtbot)
    printed = _printed(ide)
    _replace(project / "factorial.c", "result *= i;", "result += i;", ide)
    _run(ide, qtbot)
    assert b"factorial(10) = 55" in printed
    assert "result += i;" in (project / "factorial.c").read_text("utf-8")


def test_a_mistake_in_c_is_marked_on_its_line(windows: Windows, qtbot: QtBot, rv32_firmware: Path) -> None:
    project = windows.example("factorial")
    ide = windows.open(project, board=True)
    _replace(project / "factorial.c", "result *= i;", "result *= i", ide)
    _run(ide, qtbot)
    problem = ide.problems.all()[0]
    assert (problem.severity, problem.path) == ("error", project / "factorial.c")
    assert problem.line is not None
    assert ide.editors.current_path() == project / "factorial.c"
    assert ide.docks.docks["problems"].windowTitle() != "Problems"
    assert "The C code has 1 error" in ide.window.notice_bar.label.text()
    _replace(project / "factorial.c", "result *= i", "result *= i;", ide)
    _run(ide, qtbot)
    assert ide.problems.all() == []
    assert ide.window.notice_bar.isHidden()


def test_stop_ends_a_program_that_runs_for_ever(windows: Windows, qtbot: QtBot, rv32_firmware: Path) -> None:
    project = windows.example("factorial")
    (project / "main.py").write_text("print('begun')\nwhile True:\n    pass\n", "utf-8")
    ide = windows.open(project, board=True)
    printed = _printed(ide)
    ide.commands.run("project.run")
    qtbot.waitUntil(lambda: b"begun" in printed, timeout=PATIENT)
    with qtbot.waitSignal(ide.runs.ended, timeout=10_000):
        ide.commands.run("project.stop")
    qtbot.waitUntil(lambda: ide.board.state == "prompt", timeout=10_000)
    assert not ide.runs.busy


def test_an_exception_of_the_program_leads_to_its_line(windows: Windows, qtbot: QtBot, rv32_firmware: Path) -> None:
    project = windows.example("factorial")
    (project / "main.py").write_text("import factorial\n\nfactorial.factorial(-1)\n", "utf-8")
    ide = windows.open(project, board=True)
    printed = _printed(ide)
    _run(ide, qtbot)
    assert b"ValueError: factorial needs a number from 0 up" in printed
    problem = ide.problems.all()[0]
    assert (problem.path, problem.line) == (project / "main.py", 3)
    qtbot.waitUntil(lambda: ide.editors.current_path() == project / "main.py")
