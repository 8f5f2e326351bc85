"""A board started as by its switch: what its own program says at first, and that it is then left alone."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from ide.board.errors import BoardSilent, BoardTimeout
from tests.fakes.board import FRIENDLY, FakeBoard, _Pause
from tests.fakes.wire import Faults
from tests.ide.board.test_link import memory_board
from toolchains.jobs import JobContext

_TRACEBACK = b'Traceback (most recent call last):\r\n  File "main.py", line 2, in <module>\r\nValueError: 3\r\n'


@dataclass
class MainBoard(FakeBoard):
    """A board with a main.py that prints ``main``, and then ends, runs on (``runs``), or exits (``exits``)."""

    main: bytes = b""
    runs: bool = False
    exits: bool = False
    deaf: bool = False

    def _after_boot(self) -> None:
        if self._in_raw:
            super()._after_boot()
            return
        self._mode = self._friendly
        self._out += self.main
        if self.exits:
            self._out += b"MPY: soft reboot\r\n" * 5
        if self.exits or self.runs:
            self._busy = _Pause("forever")
        else:
            self._out += FRIENDLY

    def _soft_reset(self) -> None:
        if not self.deaf or self._in_raw:
            super()._soft_reset()


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize(
    ("main", "output"),
    [
        (b"hello\r\n", b"hello\r\n"),
        (b"", b""),
        (b"no line end", b"no line end"),
        (b"MicroPython v1 is fun\r\n>>> not a prompt\r\n", b"MicroPython v1 is fun\r\n>>> not a prompt\r\n"),
        (b"x" * 5000 + b"\r\n", b"x" * 5000 + b"\r\n"),
    ],
)
def test_a_program_that_ends_is_shown_without_the_boards_greeting(main: bytes, output: bytes, split: bool) -> None:
    board, wire = memory_board(MainBoard(main=main), Faults(random.Random(1), split=split))
    seen: list[bytes] = []
    began = board.restart(JobContext(), on_output=seen.append)
    assert (began.output, began.running, began.traceback) == (output, False, None)
    assert b"".join(seen) == output
    assert wire.time < 2
    assert board.ask(JobContext(), "6 * 7") == 42


def test_the_exception_that_ended_it_is_told() -> None:
    for main, wanted in (
        (b"working\r\n" + _TRACEBACK, _TRACEBACK.decode().replace("\r\n", "\n")),
        (_TRACEBACK + b"caught and shown\r\n", None),
    ):
        board, _wire = memory_board(MainBoard(main=main), Faults(random.Random(2)))
        assert board.restart(JobContext()).traceback == wanted


@pytest.mark.parametrize("seed", range(5))
def test_a_program_that_runs_on_is_left_running(seed: int) -> None:
    fake = MainBoard(main=b"step 1\r\n", runs=True)
    board, wire = memory_board(fake, Faults(random.Random(seed), delay=0.3))
    began = board.restart(JobContext(), quiet=2.0)
    assert (began.output, began.running) == (b"step 1\r\n", True)
    assert 2 <= wire.time < 8
    sent = len(wire.sent)
    board.close()
    assert (len(wire.sent), fake.running) == (sent, True)


def test_what_is_asked_of_it_afterwards_stops_it_as_always() -> None:
    fake = MainBoard(runs=True)
    board, _wire = memory_board(fake)
    board.restart(JobContext(), quiet=0.5)
    assert board.ask(JobContext(), "1 + 1") == 2
    board.close()
    assert not fake.running


def test_a_program_that_talks_without_end_is_listened_to_for_a_while() -> None:
    board, wire = memory_board(MainBoard(runs=True))
    wire.on_wait = lambda now: wire.says(b"tick\r\n")
    began = board.restart(JobContext(), quiet=2.0, limit=5.0)
    assert began.running
    assert began.output.count(b"tick") > 10
    assert 5 <= wire.time < 9


def test_a_cancel_ends_the_listening_and_leaves_it_running() -> None:
    ctx, fake = JobContext(), MainBoard(main=b"on and on\r\n", runs=True)
    board, _wire = memory_board(fake)
    began = board.restart(ctx, on_output=lambda data: ctx.cancel())
    assert began.running
    board.close()
    assert fake.running


def test_a_program_that_ends_itself_each_time_is_recognised() -> None:
    board, wire = memory_board(MainBoard(exits=True))
    with pytest.raises(BoardSilent, match="ends itself") as caught:
        board.restart(JobContext())
    assert caught.value.kind == "boot-loop"
    assert wire.time < 5


def test_a_board_that_does_not_restart_is_an_error() -> None:
    board, _wire = memory_board(MainBoard(deaf=True))
    with pytest.raises(BoardTimeout, match="soft-reset"):
        board.restart(JobContext())


def test_a_lost_request_is_made_again() -> None:
    for packet in range(4, 12):
        board, _wire = memory_board(MainBoard(main=b"here\r\n"), Faults(lost_packets=frozenset({packet})))
        assert board.restart(JobContext()).output == b"here\r\n", packet
