"""The board's port while the flasher has it: whoever had it lets go, and gets it back."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator

import pytest
import serial

from ide.panels.console.widget import ConsolePanel
from tests.fakes.board import FakeBoard
from tests.fakes.wire import PtyBoard
from tests.ide.panels.flasher.parts import PATIENCE, Desk
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import _

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")


@pytest.fixture
def pty() -> Iterator[PtyBoard]:
    with PtyBoard(FakeBoard()) as made:
        yield made


class Borrower:
    """Opens the port as esptool would, and holds it until it shall go."""

    def __init__(self, port: str) -> None:
        self.port, self.go, self.has = port, threading.Event(), threading.Event()

    def __call__(self, ctx: JobContext, _tell: Callable[[object], None]) -> str:
        with serial.Serial(self.port, exclusive=True), ctx.cancelling(self.go.set):
            self.has.set()
            self.go.wait()
        ctx.check()
        return self.port

    def begins(self, at: Desk, qtbot, back: Callable[[str], str | None] = lambda port: port) -> None:
        self.go.clear()
        self.has.clear()
        assert at.panel.work.start(_("Write"), self, ports=(self.port,), back=back)
        qtbot.waitUntil(lambda: self.has.is_set() or not at.panel.work.busy, timeout=PATIENCE)
        assert self.has.is_set(), at.panel.work.task


def waits(at: Desk, qtbot, state: str) -> None:
    qtbot.waitUntil(lambda: at.ide.ctx.board.state == state, timeout=PATIENCE)


def test_the_connected_board_is_lent_and_comes_back(at: Desk, qtbot, pty: PtyBoard) -> None:
    board = at.ide.ctx.board
    board.use(pty.path)
    waits(at, qtbot, "prompt")
    borrower = Borrower(pty.path)
    for _round in range(3):
        borrower.begins(at, qtbot)
        assert (board.state, board.address, board.connected) == ("lent", pty.path, False)
        assert not at.ide.ctx.runs.run()
        board.use(pty.path)  # the list of boards: it is being flashed, and stays so
        assert board.state == "lent"
        borrower.go.set()
        at.over(qtbot)
        waits(at, qtbot, "prompt")
    assert at.ide.ctx.notices.kept == []


def test_a_cancel_gives_it_back_too(at: Desk, qtbot, pty: PtyBoard) -> None:
    at.ide.ctx.board.use(pty.path)
    waits(at, qtbot, "prompt")
    Borrower(pty.path).begins(at, qtbot)
    at.panel.work.cancel()
    at.over(qtbot)
    waits(at, qtbot, "prompt")


def test_a_board_that_nobody_was_connected_to_is_connected_when_it_answers(at: Desk, qtbot, pty: PtyBoard) -> None:
    borrower = Borrower(pty.path)
    borrower.begins(at, qtbot, back=lambda _port: None)
    borrower.go.set()
    at.over(qtbot)
    assert (at.ide.ctx.board.state, at.ide.ctx.board.address) == ("none", None)
    borrower.begins(at, qtbot)
    borrower.go.set()
    at.over(qtbot)
    waits(at, qtbot, "prompt")


def test_another_board_is_left_alone_and_one_chosen_meanwhile_stays(at: Desk, qtbot, pty: PtyBoard) -> None:
    board, borrower = at.ide.ctx.board, Borrower(pty.path)
    with PtyBoard(FakeBoard()) as other:
        board.use(other.path)
        waits(at, qtbot, "prompt")
        borrower.begins(at, qtbot)
        assert board.state == "prompt"
        borrower.go.set()
        at.over(qtbot)
        assert board.address == other.path
        board.use(pty.path)
        waits(at, qtbot, "prompt")
        borrower.begins(at, qtbot)
        board.use(other.path)
        waits(at, qtbot, "prompt")
        borrower.go.set()
        at.over(qtbot)
        assert board.address == other.path
        board.use(None)
        board.close()


def test_the_serial_monitor_lets_go(at: Desk, qtbot, pty: PtyBoard) -> None:
    console = ConsolePanel(at.ide.ctx)
    qtbot.addWidget(console)
    at.ide.ctx.board.use(pty.path)
    waits(at, qtbot, "prompt")
    console.use_monitor(True)
    qtbot.waitUntil(lambda: console.monitor.state == "open", timeout=PATIENCE)
    borrower = Borrower(pty.path)
    borrower.begins(at, qtbot)
    assert not console.monitors
    borrower.go.set()
    at.over(qtbot)
    waits(at, qtbot, "prompt")


def test_an_error_is_told_before_the_board_is_back(at: Desk, qtbot, pty: PtyBoard) -> None:
    told: list[StudioError] = []

    def work(_ctx: JobContext, _tell: Callable[[object], None]) -> None:
        raise StudioError(_("It broke."))

    at.panel.work.start(_("Write"), work, ports=(pty.path,), failed=told.append)
    at.over(qtbot)
    assert [str(error) for error in told] == ["It broke."]
    assert at.card.said.text() == "It broke."
