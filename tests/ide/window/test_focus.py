"""After a build or a run the person is where they must look: at the line, or still at their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ide.composition import Ide
from ide.problems import Problem
from tests.ide.window.conftest import PATIENT, Windows

pytestmark = pytest.mark.slow


def run(ide: Ide, qtbot: QtBot, command: str = "project.run") -> None:
    with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT):
        assert ide.commands.run(command)


def in_front(ide: Ide, panel: str) -> bool:
    return not ide.docks.docks[panel].visibleRegion().isEmpty()


def line_of(ide: Ide) -> tuple[Path | None, int]:
    view = ide.editors.current()
    assert view is not None
    sci = view.sci
    return ide.editors.current_path(), sci.line_of(sci.caret()) + 1


def has_focus(ide: Ide) -> bool:
    """Whether what is typed goes into the text."""
    focus = QApplication.focusWidget()
    return focus is not None and ide.editors.isAncestorOf(focus)


def test_a_good_run_leaves_the_person_in_the_text(windows: Windows, qtbot: QtBot, rv32_firmware: Path) -> None:
    project = windows.example("factorial")
    ide = windows.open(project, board=True)
    ide.editors.open(project / "factorial.c", 5, 1)
    qtbot.waitUntil(lambda: line_of(ide)[1] == 5)
    run(ide, qtbot)
    assert ide.runs.last is not None
    assert ide.runs.last.good
    assert line_of(ide) == (project / "factorial.c", 5)
    assert has_focus(ide)
    assert in_front(ide, "console")
    assert in_front(ide, "run")


def test_an_error_in_c_leads_to_its_line_from_another_file(windows: Windows, qtbot: QtBot, rv32_firmware: Path) -> None:
    project = windows.example("factorial")
    source = project / "factorial.c"
    lines = source.read_text("utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if "result *= i;" in line)
    lines[at] = "        result *= j;"
    source.write_text("\n".join(lines) + "\n", "utf-8")
    ide = windows.open(project, board=True)
    ide.editors.open(project / "main.py")
    ide.problems.put("test", [Problem("error", "a test of earlier", project / "main.py", 1, 1)])
    run(ide, qtbot)
    qtbot.waitUntil(lambda: line_of(ide) == (source, at + 1), timeout=PATIENT)
    assert has_focus(ide)
    assert in_front(ide, "problems")
    # The same by Build.
    ide.editors.open(project / "main.py")
    run(ide, qtbot, "project.build")
    qtbot.waitUntil(lambda: line_of(ide) == (source, at + 1), timeout=PATIENT)


def test_an_exception_leads_to_its_line_and_the_traceback_stays_in_sight(
    windows: Windows, qtbot: QtBot, rv32_firmware: Path
) -> None:
    project = windows.example("factorial")
    (project / "main.py").write_text("import factorial\n\n\n1 / 0\n", "utf-8")
    ide = windows.open(project, board=True)
    run(ide, qtbot)
    qtbot.waitUntil(lambda: line_of(ide) == (project / "main.py", 4), timeout=PATIENT)
    assert has_focus(ide)
    assert in_front(ide, "console")
    assert not in_front(ide, "problems")


def test_stop_moves_nobody(windows: Windows, qtbot: QtBot, rv32_firmware: Path) -> None:
    project = windows.example("factorial")
    (project / "main.py").write_text("while True:\n    pass\n", "utf-8")
    ide = windows.open(project, board=True)
    ide.editors.open(project / "factorial.c", 3, 1)
    qtbot.waitUntil(lambda: line_of(ide)[1] == 3)
    ide.problems.put("test", [Problem("error", "a test of earlier", project / "main.py", 1, 1)])
    undo = ide.runs.stage.connect(lambda began: ide.commands.run("project.stop") if began.name == "run" else None)
    run(ide, qtbot)
    ide.runs.stage.disconnect(undo)
    assert line_of(ide) == (project / "factorial.c", 3)


def test_build_shows_its_panel(windows: Windows, qtbot: QtBot, sdk_tree: object) -> None:
    ide = windows.open(windows.example("factorial"))
    qtbot.keyClick(ide.window, Qt.Key.Key_F7)
    qtbot.waitUntil(lambda: ide.runs.last is not None, timeout=PATIENT)
    assert in_front(ide, "build")
    assert ide.status.said.text().startswith("built 374 B in")


def test_a_wish_to_run_commands_can_be_granted_at_the_notice(
    windows: Windows, qtbot: QtBot, rv32_firmware: Path
) -> None:
    project = windows.example("factorial")
    (project / "natmod.toml").unlink()
    (project / "Makefile").write_text(
        "MOD = factorial\nSRC = factorial.c\nARCH = rv32imc\nV := $(shell python3 -c 'print(7)')\nCFLAGS += -DV=$(V)\n"
        "include $(MPY_DIR)/py/dynruntime.mk\n"
    )
    ide = windows.open(project, board=True)
    run(ide, qtbot)
    assert "print(7)" in ide.window.notice_bar.label.text()
    notice = ide.notices.kept[-1]
    (allow,) = notice.actions
    with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT):
        allow.run()
    assert ide.runs.last is not None
    assert ide.runs.last.good


def test_the_window_closes_while_a_program_runs(windows: Windows, qtbot: QtBot, rv32_firmware: Path) -> None:
    project = windows.example("factorial")
    (project / "main.py").write_text("print('begun')\nwhile True:\n    pass\n", "utf-8")
    ide = windows.open(project, board=True)
    seen = bytearray()
    ide.board.printed.connect(seen.extend)
    ide.commands.run("project.run")
    qtbot.waitUntil(lambda: b"begun" in seen, timeout=PATIENT)
    windows.close(ide)  # and what is left behind fails this test
    assert not ide.runs.busy


def test_the_window_closes_in_the_middle_of_a_build(windows: Windows, qtbot: QtBot, sdk_tree: object) -> None:
    ide = windows.open(windows.example("factorial"))
    ide.runs.stage.connect(lambda _began: windows.close(ide) if ide in windows.open_ones else None)
    ide.commands.run("project.rebuild")
    qtbot.waitUntil(lambda: ide not in windows.open_ones, timeout=PATIENT)
    assert not ide.runs.busy
