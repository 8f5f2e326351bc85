"""C that crashes the board: one sentence, the line as a link, the calls below; and the board takes the next program."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from ide.composition import Ide
from ide.panels.console.view import ConsoleView
from tests.homes import CHECKOUT
from tests.ide.window.conftest import PATIENT, Windows

pytestmark = pytest.mark.slow

_SOURCE = CHECKOUT / "tests" / "data" / "crashing" / "broken.c"
_TOML = 'schema = 1\n[module]\nname = "broken"\nsources = ["broken.c"]\n[run]\nscript = "main.py"\n'


def _line(mark: str) -> int:
    lines = _SOURCE.read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.endswith(f"// {mark}"))


def _project(windows: Windows, call: str) -> Path:
    folder = windows.folder / "élève 课程" / "broken"
    folder.mkdir(parents=True)
    (folder / "natmod.toml").write_text(_TOML, "utf-8")
    (folder / "broken.c").write_text(_SOURCE.read_text("utf-8"), "utf-8")
    (folder / "main.py").write_text(f"import broken\nprint('before')\n{call}\n", "utf-8")
    return folder


def _run(ide: Ide, qtbot: QtBot) -> None:
    with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT):
        qtbot.keyClick(ide.window, Qt.Key.Key_F5)


def _console(ide: Ide) -> ConsoleView:
    found = ide.docks.docks["console"].findChild(ConsoleView)
    assert isinstance(found, ConsoleView)
    return found


def test_a_crash_in_a_run(windows: Windows, qtbot: QtBot, rv32_firmware: Path) -> None:
    project = _project(windows, "broken.null_write(3)")
    ide = windows.open(project, board=True)
    _run(ide, qtbot)
    line = _line("null_write: here")
    sentence = f"The board crashed in store (broken.c:{line}): it wrote through a null pointer"
    view = _console(ide)
    qtbot.waitUntil(lambda: f"store  broken.c:{line}" in view.transcript(), timeout=PATIENT)
    text = view.transcript()
    assert sentence in text
    assert f"null_write  broken.c:{_line('null_write: called here')}" in text
    assert "Stack memory" not in text
    assert sentence in ide.window.notice_bar.label.text()
    problem = next(one for one in ide.problems.all() if one.severity == "error")
    assert (problem.path, problem.line) == (project / "broken.c", line)
    qtbot.waitUntil(lambda: ide.editors.current_path() == project / "broken.c")
    qtbot.waitUntil(lambda: ide.board.state == "prompt", timeout=PATIENT)
    assert not view.visibleRegion().isEmpty(), "who called whom stays in sight"
    (project / "main.py").write_text("import broken\nprint('well again')\n", "utf-8")
    _run(ide, qtbot)
    assert ide.runs.last is not None
    assert ide.runs.last.good, ide.runs.last.error
    qtbot.waitUntil(lambda: "well again" in view.transcript(), timeout=PATIENT)
    assert not [one for one in ide.problems.all() if one.severity == "error"]


def test_a_click_on_the_place_goes_there(windows: Windows, qtbot: QtBot, rv32_firmware: Path) -> None:
    project = _project(windows, "broken.bad_call(3)")
    ide = windows.open(project, board=True)
    _run(ide, qtbot)
    view, line = _console(ide), _line("bad_call: here")
    qtbot.waitUntil(lambda: f"bad_call  broken.c:{line}" in view.transcript(), timeout=PATIENT)
    ide.editors.open(project / "main.py", 1, None)
    qtbot.waitUntil(lambda: ide.editors.current_path() == project / "main.py")
    start = len(view.transcript()[: view.transcript().rindex(f"broken.c:{line}")].encode())
    view.hotSpotClick.emit(start + 2, 0)
    qtbot.waitUntil(lambda: ide.editors.current_path() == project / "broken.c")
    buttons = [*ide.window.notice_bar.findChildren(QPushButton), *ide.window.notice_bar.findChildren(QToolButton)]
    assert any(one.text() == f"Go to broken.c, line {line}" for one in buttons)


def test_a_crash_of_what_is_typed_at_the_prompt(windows: Windows, qtbot: QtBot, rv32_firmware: Path) -> None:
    project = _project(windows, "print('loaded')")
    ide = windows.open(project, board=True)
    _run(ide, qtbot)
    qtbot.waitUntil(lambda: ide.board.state == "prompt", timeout=PATIENT)
    view, line = _console(ide), _line("null_write: here")
    ide.board.type(b"broken.null_write(3)\r")
    qtbot.waitUntil(lambda: f"store  broken.c:{line}" in view.transcript(), timeout=PATIENT)
    text = view.transcript()
    assert "Stack memory" not in text
    assert "The place of the module is that of its last run" in text
    qtbot.waitUntil(lambda: ide.board.state == "prompt", timeout=PATIENT)
