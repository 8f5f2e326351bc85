"""The console panel with a real MicroPython behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ide.board.monitor import Printed
from ide.context import IdeContext
from ide.editor.scintilla import M
from ide.panels.console import history
from ide.panels.console.widget import ConsolePanel
from tests.fakes.board import FakeBoard
from tests.fakes.wire import PtyBoard
from tests.homes import CHECKOUT

Key = Qt.Key
PATIENCE_MS = 20_000


class User:
    """Somebody at the console of a simulated board."""

    def __init__(self, qtbot: QtBot, ctx: IdeContext, panel: ConsolePanel) -> None:
        self.qtbot, self.ctx, self.panel, self.view = qtbot, ctx, panel, panel.console.view

    def enter(self, line: str) -> None:
        self.view.insert_text(line)
        self.qtbot.keyClick(self.view, Key.Key_Return)

    def sees(self, wanted: str) -> None:
        def check() -> None:
            assert wanted in self.view.text()

        self.qtbot.waitUntil(check, timeout=PATIENCE_MS)

    def ends_with(self, wanted: str) -> None:
        def check() -> None:
            assert self.view.text().endswith(wanted)

        self.qtbot.waitUntil(check, timeout=PATIENCE_MS)

    def waits(self, state: str) -> None:
        self.qtbot.waitUntil(lambda: self.ctx.board.state == state, timeout=PATIENCE_MS)


@pytest.fixture
def user(qtbot: QtBot, board_ctx: IdeContext) -> Iterator[User]:
    panel = ConsolePanel(board_ctx)
    qtbot.addWidget(panel)
    panel.resize(900, 400)
    panel.show()
    it = User(qtbot, board_ctx, panel)
    yield it
    panel.monitor.close_port()


@pytest.fixture
def at_prompt(user: User) -> User:
    user.ctx.board.use("sim:unix")
    user.waits("prompt")
    user.qtbot.waitUntil(lambda: user.ctx.board.identity is not None, timeout=PATIENCE_MS)
    user.ends_with(">>> ")
    return user


def test_a_line_is_run_and_its_value_shown(at_prompt: User) -> None:
    assert at_prompt.view.text().startswith("MicroPython")
    at_prompt.enter("6 * 7")
    at_prompt.ends_with(">>> 6 * 7\n42\n>>> ")


def test_a_loop_with_the_boards_own_indent(at_prompt: User) -> None:
    at_prompt.enter("for i in range(2):")
    at_prompt.ends_with("...     ")
    at_prompt.qtbot.waitUntil(lambda: at_prompt.ctx.board.continued)
    at_prompt.enter("print('n', i)")
    at_prompt.ends_with("i)\n...     ")
    at_prompt.qtbot.waitUntil(lambda: at_prompt.ctx.board.continued)
    at_prompt.qtbot.keyClick(at_prompt.view, Key.Key_Backspace)
    at_prompt.ends_with("i)\n... ")
    at_prompt.enter("")
    at_prompt.ends_with("n 0\nn 1\n>>> ")


def test_chinese_reaches_the_board(at_prompt: User) -> None:
    at_prompt.enter("print('你好', len('漢字'))")
    at_prompt.ends_with(">>> print('你好', len('漢字'))\n你好 2\n>>> ")
    at_prompt.enter("for c in '漢字':")
    at_prompt.ends_with("...     ")
    at_prompt.qtbot.waitUntil(lambda: at_prompt.ctx.board.continued)
    at_prompt.enter("print(c)")
    at_prompt.ends_with(")\n...     ")
    at_prompt.qtbot.keyClick(at_prompt.view, Key.Key_Backspace)
    at_prompt.ends_with(")\n... ")
    at_prompt.enter("")
    at_prompt.ends_with("漢\n字\n>>> ")


def test_several_pasted_lines_are_run_as_one(at_prompt: User) -> None:
    QGuiApplication.clipboard().setText("def f(x):\n    return x * 2\n\nf(21)\n")
    at_prompt.qtbot.keyClick(at_prompt.view, Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    at_prompt.ends_with(">>> def f(x):\n...     return x * 2\n... \n... f(21)\n42\n>>> ")
    at_prompt.enter("f(4)")
    at_prompt.ends_with("8\n>>> ")


def test_an_error_in_pasted_lines_is_the_boards_traceback(at_prompt: User) -> None:
    at_prompt.view.insert_text("a = 1\n1 // 0\n")
    at_prompt.ends_with("ZeroDivisionError: divide by zero\n>>> ")
    assert 'File "<stdin>", line 2' in at_prompt.view.text()


def test_completion_asks_the_board(at_prompt: User) -> None:
    at_prompt.enter("import sys")
    at_prompt.ends_with("import sys\n>>> ")
    at_prompt.waits("prompt")
    at_prompt.view.insert_text("x = sys.im")
    at_prompt.qtbot.keyClick(at_prompt.view, Key.Key_Tab)
    at_prompt.qtbot.waitUntil(lambda: at_prompt.view.line() == "x = sys.implementation", timeout=PATIENCE_MS)
    assert at_prompt.view.transcript().endswith("import sys\n>>> ")


def test_ctrl_c_and_ctrl_d(at_prompt: User) -> None:
    at_prompt.enter("while True: pass")
    at_prompt.enter("")
    at_prompt.waits("running")
    at_prompt.panel._buttons["console.interrupt"].click()
    at_prompt.ends_with("KeyboardInterrupt: \n>>> ")
    at_prompt.enter("kept = 1")
    at_prompt.ends_with("kept = 1\n>>> ")
    at_prompt.waits("prompt")
    at_prompt.qtbot.keyClick(at_prompt.view, Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    at_prompt.sees("Soft reset")
    at_prompt.qtbot.waitUntil(lambda: at_prompt.view.text().count("MicroPython v") == 2, timeout=PATIENCE_MS)
    at_prompt.ends_with(">>> ")
    at_prompt.enter("kept")
    at_prompt.sees("NameError")


def test_a_program_can_be_typed_to(at_prompt: User) -> None:
    at_prompt.enter("input('name? ')")
    at_prompt.ends_with("name? ")
    at_prompt.enter("Ada")
    at_prompt.ends_with("name? Ada\n'Ada'\n>>> ")


def test_a_run_is_named_and_its_end_told(at_prompt: User) -> None:
    script = at_prompt.ctx.project.folder / "main.py"
    script.write_text("print('hi there', end='')\n")
    assert at_prompt.ctx.runs.run(project=script)
    at_prompt.sees(">>> Run ")
    at_prompt.qtbot.waitUntil(lambda: not at_prompt.ctx.runs.busy, timeout=PATIENCE_MS)
    at_prompt.ends_with("\n>>> ")
    lines = at_prompt.view.text().splitlines()
    assert lines[-3] == "hi there"
    assert "ran in" in lines[-2]


def test_random_bytes_of_a_board_break_nothing(user: User) -> None:
    import random

    noise = random.Random(7).randbytes(200_000) + b"\x1b[0m\r\n--end--\r\n"
    pieces = [noise[at : at + 777] for at in range(0, len(noise), 777)]
    fake = FakeBoard(firmware="other")
    opened = []

    def stream() -> bytes:
        return pieces.pop(0) if opened and pieces else b""

    with PtyBoard(fake, stream=stream) as pty:
        user.ctx.board.use(pty.path)
        user.waits("running")
        opened.append(True)
        user.sees("--end--")
        user.view.insert_text("x")
        assert user.view.line() == "x"
        user.ctx.board.use(None)
        user.ctx.board.close()


def test_an_unplugged_board_is_told_and_nothing_can_be_typed(user: User) -> None:
    with PtyBoard(FakeBoard()) as pty:
        user.ctx.board.use(pty.path)
        user.waits("prompt")
        pty.unplug()
        user.waits("lost")
        user.sees("broke")
        user.view.insert_text("x")
        assert user.view.line() == ""
        assert not user.panel._buttons["console.interrupt"].isEnabled()


def test_lines_are_remembered_from_one_window_to_the_next(at_prompt: User) -> None:
    at_prompt.enter("remembered = 1")
    path = at_prompt.ctx.state_folder / "console_history"
    at_prompt.qtbot.waitUntil(lambda: history.read(path) == ["remembered = 1"])
    other = make_other(at_prompt)
    at_prompt.qtbot.waitUntil(lambda: other.console.view.history.lines == ["remembered = 1"])


def make_other(user: User) -> ConsolePanel:
    """A second panel, as another window would have one."""
    for command_id in [name for name in user.ctx.commands.records if name.startswith("console.")]:
        user.ctx.commands.records.pop(command_id)
    other = ConsolePanel(user.ctx)
    user.qtbot.addWidget(other)
    return other


def test_what_is_shown_can_be_saved_searched_and_cleared(at_prompt: User, tmp_path: Path) -> None:
    at_prompt.enter("print('needle')")
    at_prompt.ends_with("needle\n>>> ")
    at_prompt.panel.save_to(tmp_path / "out.txt")
    at_prompt.qtbot.waitUntil(lambda: (tmp_path / "out.txt").exists() and bool(at_prompt.ctx.notices.kept))
    assert (tmp_path / "out.txt").read_text().endswith("needle\n>>> ")
    at_prompt.panel.find()
    bar = at_prompt.panel.find_bar
    assert bar.isVisible()
    bar.field.setText("needle")
    assert at_prompt.view.selected() == "needle"
    first = at_prompt.view.caret()
    assert bar.search(backwards=True)
    assert at_prompt.view.caret() != first
    bar.field.setText("no such thing")
    assert bar.outcome.text() == "Not found"
    at_prompt.qtbot.keyClick(bar.field, Key.Key_Escape)
    assert not bar.isVisible()
    at_prompt.ctx.commands.run("console.clear")
    assert at_prompt.view.text() == ">>> "


def test_a_flood_is_bounded_and_stopped_at_once(at_prompt: User) -> None:
    at_prompt.enter("i = 0")
    at_prompt.ends_with("i = 0\n>>> ")
    at_prompt.waits("prompt")
    at_prompt.view.insert_text("while True:\n    i += 1\n    print('0123456789' * 7, i)\n")
    at_prompt.sees("789 10")
    at_prompt.qtbot.waitUntil(lambda: at_prompt.view.send(M.GetLineCount) > 10_000, timeout=PATIENCE_MS)  # lines
    at_prompt.ctx.board.interrupt()
    at_prompt.ends_with("KeyboardInterrupt:\n>>> ")  # how soon is in tests/bench
    assert at_prompt.view.send(M.GetLineCount) <= 12_501


def test_the_serial_monitor_takes_the_port_and_gives_it_back(at_prompt: User) -> None:
    panel = at_prompt.panel
    panel._buttons["console.show_monitor"].click()
    at_prompt.qtbot.waitUntil(lambda: panel.monitor.state == "open", timeout=PATIENCE_MS)
    assert at_prompt.ctx.board.address is None
    panel.monitor.ending.setCurrentIndex(1)
    panel.monitor.field.setText("print(6 * 7)")
    panel.monitor.send_line()
    at_prompt.qtbot.waitUntil(lambda: "\n42\n>>> " in panel.monitor.view.text(), timeout=PATIENCE_MS)
    crashes: list[object] = []
    at_prompt.ctx.board.crashed.connect(crashes.append)
    panic = (CHECKOUT / "tests" / "data" / "crashes" / "esp32s3_null_call.txt").read_bytes()
    panel.monitor._take(Printed(panic + b"\r\nMicroPython v1.26.1 on 2025-09-11; S3\r\n>>> "))
    assert len(crashes) == 1
    assert "Guru Meditation" in panel.monitor.view.text()
    panel.monitor.hexadecimal.setChecked(True)
    panel.monitor.field.setText("1")
    panel.monitor.send_line()
    at_prompt.qtbot.waitUntil(lambda: "00000000  31" in panel.monitor.view.text(), timeout=PATIENCE_MS)
    panel._buttons["console.show_console"].click()
    at_prompt.waits("prompt")
    at_prompt.enter("1 + 1")
    at_prompt.ends_with("2\n>>> ")


def test_a_board_that_is_wanted_gets_its_port_from_the_monitor(at_prompt: User) -> None:
    panel = at_prompt.panel
    panel._buttons["console.show_monitor"].click()
    at_prompt.qtbot.waitUntil(lambda: panel.monitor.state == "open", timeout=PATIENCE_MS)
    at_prompt.ctx.board.use("sim:unix")  # as F5 does, and the list of boards
    at_prompt.waits("prompt")
    assert panel.shown is at_prompt.view
    assert panel._buttons["console.show_console"].isChecked()
    at_prompt.enter("1 + 1")
    at_prompt.ends_with("2\n>>> ")
    assert at_prompt.ctx.notices.kept == []


def test_a_serial_port_changes_hands_at_once(user: User) -> None:
    with PtyBoard(FakeBoard()) as pty:
        user.ctx.board.use(pty.path)
        user.waits("prompt")
        for _ in range(5):
            user.panel.use_monitor(True)
            user.qtbot.waitUntil(lambda: user.panel.monitor.state == "open", timeout=PATIENCE_MS)
            user.ctx.board.use(pty.path)
            user.waits("prompt")
        assert user.ctx.notices.kept == []
        user.ctx.board.use(None)
        user.ctx.board.close()
