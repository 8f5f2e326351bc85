"""A board that prints without pause, or nothing but noise: the window works, Stop works, the prompt comes back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ide.composition import Ide
from ide.editor.scintilla import M
from ide.panels.console.view import ConsoleView
from tests.fakes.board import FakeBoard
from tests.fakes.wire import PtyBoard
from tests.ide.window.conftest import PATIENT, Windows

pytestmark = pytest.mark.slow
_FLOOD = "n = 0\nwhile True:\n    n += 1\n    print('a line of a flood that never ends', n)\n"


def _console(ide: Ide) -> ConsoleView:
    found = ide.docks.docks["console"].findChild(ConsoleView)
    assert isinstance(found, ConsoleView)
    return found


def test_a_program_that_prints_without_pause_is_stopped(windows: Windows, qtbot: QtBot, rv32_firmware: Path) -> None:
    project = windows.example("factorial")
    (project / "main.py").write_text(_FLOOD, "utf-8")
    ide = windows.open(project, board=True)
    ide.settings.set("console.lines", 2000)
    view = _console(ide)
    got = bytearray()
    ide.board.printed.connect(got.extend)
    assert ide.commands.run("project.run")
    qtbot.waitUntil(lambda: len(got) > 300_000, timeout=PATIENT)
    # The window works meanwhile: a letter that is typed is in the text.
    editor = ide.editors.current()
    assert editor is not None
    QTest.keyClick(editor.sci, Qt.Key.Key_X)
    assert editor.sci.text().startswith("x")
    with qtbot.waitSignal(ide.runs.ended, timeout=PATIENT):
        assert ide.commands.run("project.stop")
    qtbot.waitUntil(lambda: ide.board.state == "prompt" and view.text().endswith(">>> "), timeout=PATIENT)
    assert view.send(M.GetLineCount) <= 2501
    view.insert_text("6 * 7")
    QTest.keyClick(view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.text().endswith("6 * 7\n42\n>>> "), timeout=PATIENT)


def _noise() -> Iterator[bytes]:
    """Random bytes, and every escape sequence that a terminal could be made to misbehave with."""
    dice = random.Random(4)
    for _ in range(300):
        yield dice.randbytes(500)
        yield b"\x1b[%d;%dH\x1b[2J\x1b[?1049h\x1b]0;title\x07\x1b[999999999C\x1b[31m\x1bP+q\x1b\\\x9b" % (
            dice.randrange(10**6), dice.randrange(10**6),
        )  # fmt: skip
        yield b"\x00" * 50 + b"\xf0\x9f\x98" + b"\r" * 20 + b"\x08" * 200
    yield b"\x1b\\\x1b[0m\r\nthe end of the noise\r\n"


def test_a_board_that_sends_noise(windows: Windows, qtbot: QtBot) -> None:
    project = windows.example("factorial")
    ide = windows.open(project)
    title, pieces, begun = ide.window.windowTitle(), _noise(), []
    with PtyBoard(FakeBoard(firmware="other"), stream=lambda: next(pieces, b"") if begun else b"") as pty:
        ide.board.use(pty.path)
        qtbot.waitUntil(lambda: ide.board.state == "running", timeout=PATIENT)
        begun.append(True)
        view = _console(ide)
        qtbot.waitUntil(lambda: "the end of the noise" in view.text(), timeout=PATIENT)
        assert ide.window.windowTitle() == title
        assert [notice for notice in ide.notices.kept if notice.kind == "error"] == []
        ide.board.use(None)
        ide.board.close()
