"""What a person notices of a board: through a bad line, in simulated time."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ide.board.errors import (
    BoardExecError,
    BoardFlood,
    BoardGarbled,
    BoardGone,
    BoardRestarted,
    BoardSilent,
    BoardTimeout,
)
from ide.board.link import Board
from tests.fakes.board import FakeBoard
from tests.fakes.wire import Faults, MemoryWire
from toolchains.errors import BoardError, Cancelled
from toolchains.jobs import JobContext

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def memory_board(board: FakeBoard | None = None, faults: Faults | None = None) -> tuple[Board, MemoryWire]:
    wire = MemoryWire(board or FakeBoard(), faults)
    return Board(wire, "memory"), wire  # type: ignore[arg-type]


# --- a bad line ----------------------------------------------------------------------------------------------------

CODE = "total = 0\nfor i in range(10):\n    total += i * 3\nnote(total)\nprint('the total is', total)\n"
ANSWER = b"the total is 135\r\n"


@QUICK
@given(
    seed=st.integers(0, 2**32),
    drop=st.sampled_from([0.0, 0.0005, 0.002, 0.02]),
    double=st.sampled_from([0.0, 0.0005, 0.01]),
    packet=st.integers(0, 20),
    window=st.sampled_from([16, 32, 128]),
    paste=st.sampled_from(["yes", "yes", "refused", "unknown"]),
)
def test_code_damaged_on_its_way_never_runs(
    seed: int, drop: float, double: float, packet: int, window: int, paste: str
) -> None:
    faults = Faults(random.Random(seed), drop_down=drop, double_down=double, lost_packets=frozenset({packet}))
    board, wire = memory_board(FakeBoard(window=window, paste=paste), faults)
    try:
        assert board.exec(JobContext(), CODE) == ANSWER
    except BoardError:
        assert wire.board.notes in ([], [135])
    else:
        assert wire.board.notes == [135]
    assert wire.time < 200


@QUICK
@given(seed=st.integers(0, 2**32), rate=st.sampled_from([0.0005, 0.003, 0.02]), delay=st.sampled_from([0.0, 0.3]))
def test_an_answer_is_right_or_an_error(seed: int, rate: float, delay: float) -> None:
    faults = Faults(random.Random(seed), rate, rate / 2, rate, rate / 2, delay=delay)
    board, wire = memory_board(faults=faults)
    with suppress(BoardError):
        assert board.ask(JobContext(), "[str(i) * 3 for i in range(40)]") == [str(i) * 3 for i in range(40)]
    assert wire.time < 400


@pytest.mark.parametrize("packet", range(1, 16))
def test_one_lost_packet_is_made_good_by_sending_again(packet: int) -> None:
    board, wire = memory_board(faults=Faults(lost_packets=frozenset({packet})))
    assert board.exec(JobContext(), CODE) == ANSWER
    assert wire.board.notes == [135]


@QUICK
@given(after=st.integers(0, 1500), seed=st.integers(0, 100))
def test_a_cable_pulled_at_any_byte_is_an_error(after: int, seed: int) -> None:
    board, _ = memory_board(faults=Faults(random.Random(seed), hang_up_after=after))
    with suppress(BoardGone):
        board.soft_reset(JobContext())
        assert board.exec(JobContext(), CODE) == ANSWER


# --- what answers, and what does not -------------------------------------------------------------------------------


@pytest.mark.parametrize("paste", ["yes", "refused", "unknown"])
def test_old_and_new_firmware_alike(paste: str) -> None:
    board, _ = memory_board(FakeBoard(paste=paste))
    ctx = JobContext()
    assert board.exec(ctx, "print('x' * 1000)") == b"x" * 1000 + b"\r\n"
    board.soft_reset(ctx)
    assert board.ask(ctx, "(1, 'a', b'\\x04', None)") == (1, "a", b"\x04", None)


def test_a_traceback_looks_as_if_the_code_had_been_typed() -> None:
    board, _ = memory_board()
    with pytest.raises(BoardExecError) as caught:
        board.exec(JobContext(), "def f():\n    1/0\n\nf()\n")
    assert caught.value.traceback.splitlines()[1:3] == [
        '  File "<stdin>", line 4, in <module>',
        '  File "<stdin>", line 2, in f',
    ]
    assert "division by zero" in str(caught.value)


def test_a_syntax_error_names_the_line() -> None:
    board, wire = memory_board()
    with pytest.raises(BoardExecError, match="SyntaxError"):
        board.exec(JobContext(), "note(1)\nx = (\n")
    assert wire.board.notes == []


def test_soft_reset_forgets_everything_and_survives_a_boot_script_that_prints() -> None:
    board, wire = memory_board(FakeBoard(boot=b"booting\r\n>>> not a prompt\r\n"))
    ctx = JobContext()
    board.exec(ctx, "x = 1")
    board.soft_reset(ctx)
    assert wire.board.resets == 1
    with pytest.raises(BoardExecError, match="NameError"):
        board.exec(ctx, "print(x)")


def test_a_boot_script_that_never_ends_is_stopped() -> None:
    board, wire = memory_board(FakeBoard(boot_hangs=True))
    board.soft_reset(JobContext())
    assert wire.board.resets == 1
    assert wire.time < 30


def test_a_program_that_catches_ctrl_c_is_interrupted_again() -> None:
    board, _ = memory_board()
    ctx = JobContext()
    with pytest.raises(BoardTimeout) as caught:
        board.exec(ctx, "stubborn(4)", timeout=3)
    assert caught.value.fields["stopped"] is True
    assert board.exec(ctx, "print(1)") == b"1\r\n"


def test_a_silent_program_may_run_as_long_as_it_likes_without_a_limit() -> None:
    board, wire = memory_board()

    def later(now: float) -> None:
        if now > 1000:
            board.interrupt()

    wire.on_wait = later
    with pytest.raises(BoardExecError) as caught:
        board.exec(JobContext(), "forever()", timeout=None)
    assert caught.value.interrupted
    assert wire.time > 1000


def test_ctrl_c_pressed_twice_at_once_is_two_ctrl_c_also_for_a_program_that_says_nothing() -> None:
    board, wire = memory_board()
    pressed: list[float] = []

    def press_twice(now: float) -> None:
        if now > 1000 and not pressed:
            pressed.append(now)
            board.interrupt()
            board.interrupt()

    wire.on_wait = press_twice
    with pytest.raises(BoardExecError) as caught:
        board.exec(JobContext(), "quiet(1)", timeout=None)
    assert caught.value.interrupted
    assert wire.time < pressed[0] + 10


def test_cancel_stops_the_program() -> None:
    board, wire = memory_board()
    ctx = JobContext()
    wire.on_wait = lambda now: ctx.cancel() if now > 1000 else None
    with pytest.raises(Cancelled):
        board.exec(ctx, "forever()", timeout=None)
    assert not wire.board.running
    assert board.exec(JobContext(), "print(1)") == b"1\r\n"


@pytest.mark.parametrize("paste", ["yes", "unknown"])
@pytest.mark.parametrize("moment", range(1, 60))
def test_cancel_takes_hold_at_every_step(moment: int, paste: str) -> None:
    board, wire = memory_board(FakeBoard(paste=paste, boot=b"booting\r\n"), Faults(split=False))
    ctx, plain_receive = JobContext(), wire.receive

    def receive(timeout: float) -> bytes:
        if wire.events == moment:
            ctx.cancel()
        return plain_receive(timeout)

    def work() -> None:
        board.soft_reset(ctx)
        board.identity(ctx)
        board.exec(ctx, "note(1)\nforever()", timeout=None, on_output=lambda data: None)

    wire.receive = receive  # type: ignore[method-assign]
    wire.on_wait = lambda now: ctx.cancel() if wire.board.running and moment > wire.events else None
    with pytest.raises(Cancelled):
        work()
    wire.on_wait = None
    assert wire.time < 5000, "one long wait for the program, and no other"
    assert not wire.board.running
    assert board.exec(JobContext(), "print(1)") == b"1\r\n"


def test_cancel_in_native_code_says_so_and_resets_the_board() -> None:
    board, wire = memory_board()
    wire.resettable = True
    said: list[object] = []
    ctx = JobContext(sink=said.append)
    wire.on_wait = lambda now: ctx.cancel() if now > 1000 and not ctx.cancelled else None
    with pytest.raises(Cancelled):
        board.exec(ctx, "native()", timeout=None)
    assert any("native code" in str(event.text) for event in said)  # type: ignore[attr-defined]
    assert board.exec(JobContext(), "print(1)") == b"1\r\n"


def test_a_board_lost_in_native_code_is_called_busy() -> None:
    board, _ = memory_board()
    ctx = JobContext()
    with pytest.raises(BoardTimeout, match="reset button"):
        board.exec(ctx, "native()", timeout=2)
    with pytest.raises(BoardSilent) as caught:
        board.exec(ctx, "print(1)")
    assert caught.value.kind == "busy-program"


def test_a_board_lost_in_native_code_before_we_came_is_reset_and_that_is_said() -> None:
    board, wire = memory_board()
    wire.resettable = True
    wire.board.receive(b"\x01native()\x04")
    said: list[object] = []
    assert board.exec(JobContext(sink=said.append), "print(1)") == b"1\r\n"
    assert [str(event.text) for event in said] == [  # type: ignore[attr-defined]
        "The board does not react to Ctrl-C (native code may run on it): it is reset by its reset line."
    ]


def test_a_reset_that_does_not_help_is_tried_once() -> None:
    board, wire = memory_board(FakeBoard(firmware="dead"))
    wire.resettable = True
    said: list[object] = []
    with pytest.raises(BoardSilent):
        board.exec(JobContext(sink=said.append), "print(1)")
    assert len(said) == 1
    assert wire.time < 15


def test_a_crash_is_an_error_with_the_boards_last_words() -> None:
    board, _ = memory_board()
    ctx = JobContext()
    with pytest.raises(BoardRestarted) as caught:
        board.exec(ctx, "crash()", timeout=None)
    assert "Guru Meditation" in caught.value.detail
    assert board.exec(ctx, "print(1)") == b"1\r\n"


def test_a_program_that_exits_leaves_a_usable_board() -> None:
    board, _ = memory_board()
    ctx = JobContext()
    assert board.exec(ctx, "print(1)\nleave()") == b"1\r\n"
    assert board.exec(ctx, "print(2)") == b"2\r\n"


@pytest.mark.parametrize(("firmware", "kind"), [("dead", "silent"), ("other", "busy-program")])
def test_what_is_no_micropython_is_reported_in_time(firmware: str, kind: str) -> None:
    board, wire = memory_board(FakeBoard(firmware=firmware))
    with pytest.raises(BoardSilent) as caught:
        board.exec(JobContext(), "print(1)")
    assert caught.value.kind == kind
    assert wire.time < 12


def test_a_reset_button_pressed_in_between_costs_no_wait() -> None:
    board, wire = memory_board()
    ctx = JobContext()
    board.exec(ctx, "x = 1")
    wire.board.hard_reset()
    wire.says(b"rst:0x1 (POWERON)\r\n>>> ")
    start = wire.time
    assert board.exec(ctx, "print(2)") == b"2\r\n"
    assert wire.time - start < 1


@pytest.mark.parametrize("error", [ValueError("console closed"), Cancelled(), BoardGarbled()])
def test_a_program_is_stopped_when_its_watcher_fails(error: Exception) -> None:
    board, wire = memory_board()

    def watcher(data: bytes) -> None:
        raise error

    with pytest.raises(type(error)):
        board.exec(JobContext(), "print(1)\nforever()", timeout=None, on_output=watcher)
    assert not wire.board.running
    assert board.exec(JobContext(), "print(2)") == b"2\r\n"


def test_a_cancelled_program_is_stopped_even_if_its_watcher_breaks_meanwhile() -> None:
    board, wire = memory_board()
    ctx = JobContext()

    def watcher(data: bytes) -> None:
        if ctx.cancelled:
            raise BrokenPipeError
        ctx.cancel()

    with pytest.raises(Cancelled):
        board.exec(ctx, "print(1)\nstubborn(2)", timeout=None, on_output=watcher)
    assert not wire.board.running


def test_a_board_that_never_agrees_on_where_we_are_is_an_error() -> None:
    board, wire = memory_board()
    wire.board.names["__builtins__"]["__import__"] = None  # type: ignore[index]
    with pytest.raises(BoardGarbled):
        board.exec(JobContext(), "print(1)")


def test_a_question_that_is_answered_without_end_is_stopped() -> None:
    board, wire = memory_board(faults=Faults(split=False))
    wire.on_wait = lambda now: wire.says(b"x" * 1_000_000) if wire.board.running else None
    with pytest.raises(BoardFlood, match="16 MB"):
        board.exec(JobContext(), "forever()", timeout=None)
    assert not wire.board.running


# --- typed text and services ---------------------------------------------------------------------------------------


def test_text_typed_before_the_program_runs_reaches_it() -> None:
    board, _ = memory_board()
    board.type(b"Ada\r")
    assert board.exec(JobContext(), "print(1)") == b"1\r\n", "a command of ours does not eat it"
    seen = bytearray()
    board.exec(JobContext(), "ask('name? ', lambda name: print('hi', name))", on_output=seen.extend, timeout=5)
    assert seen.endswith(b"hi Ada\r\n")


def test_typed_text_that_the_program_does_not_read_is_not_run_as_code() -> None:
    board, wire = memory_board()
    ctx = JobContext()
    wire.on_wait = lambda now: board.interrupt() if now > 100 else None
    board.type(b"note('typed')\r")
    with pytest.raises(BoardExecError):
        board.exec(ctx, "forever()", timeout=None, on_output=lambda data: None)
    wire.on_wait = None
    assert wire.board.receive(b"note('late')") == b""
    assert board.exec(ctx, "print(1)") == b"1\r\n"
    assert wire.board.notes == []


class Echo:
    """A service: the program says <word>, gets the word and a carriage return."""

    busy = False

    def __init__(self) -> None:
        self.pending = b""
        self.ticks = 0

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        self.ticks += not data
        self.pending += data
        before, _, rest = self.pending.partition(b"<")
        word, closed, after = rest.partition(b">")
        if not closed and rest:
            self.busy = True
            return b"", b""
        if not closed:
            self.pending = b""
            return before, b""
        self.pending, self.busy = b"", False
        return before + after, word + b"\r"


def test_a_service_takes_its_frames_out_of_the_output_and_answers() -> None:
    board, wire = memory_board()
    service = Echo()
    shown = bytearray()
    code = "raw(b'<file.py>')\nask('', lambda line: (note(line), print('end<>')))"
    board.exec(JobContext(), code, service=service, on_output=shown.extend)
    assert wire.board.notes == ["file.py"]
    assert shown == b"\r\nend\r\n"


def test_a_service_is_called_while_nothing_comes() -> None:
    board, _ = memory_board()
    service = Echo()
    with pytest.raises(BoardTimeout):
        board.exec(JobContext(), "forever()", service=service, timeout=5)
    assert service.ticks >= 40
