"""The protocol core, driven byte by byte and through a line that splits, delays, doubles and loses bytes."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ide.board.events import Broken, Event, Finished, Noise, Output, Prompt, Restarted, Send, Started
from ide.board.repl import BANNER, Repl, State
from tests.fakes.board import FakeBoard

QUICK = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Pair:
    """A core and a board, with a line that cuts what the board says into pieces."""

    def __init__(self, board: FakeBoard, cuts: random.Random | None = None) -> None:
        self.repl, self.board, self.cuts = Repl(), board, cuts
        self.events: list[Event] = []

    def tell(self, data: bytes) -> list[Event]:
        """Send, and everything that comes of it."""
        start = len(self.events)
        todo = [data]
        while todo:
            for piece in self._pieces(self.board.receive(todo.pop(0))):
                for event in self.repl.receive(piece):
                    if isinstance(event, Send):
                        todo.append(event.data)
                    self.events.append(event)
        return self.events[start:]

    def _pieces(self, data: bytes) -> list[bytes]:
        if self.cuts is None:
            return [data]
        pieces = []
        while data:
            n = self.cuts.randint(1, 9)
            pieces.append(data[:n])
            data = data[n:]
        return pieces

    def enter(self) -> None:
        self.tell(self.repl.enter())
        self.tell(self.repl.sync("abc"))
        assert self.repl.state is State.READY

    def run(self, code: bytes) -> tuple[bytes, bytes]:
        """Output and traceback of a program that ends."""
        events = self.tell(self.repl.start(code).data)
        ended = [event for event in events if isinstance(event, Finished)]
        assert len(ended) == 1, events
        return output_of(events), ended[0].error


def output_of(events: list[Event]) -> bytes:
    return b"".join(event.data for event in events if isinstance(event, Output))


@pytest.mark.parametrize("paste", ["yes", "refused", "unknown"])
def test_every_firmware_runs_code_twice(paste: str) -> None:
    pair = Pair(FakeBoard(paste=paste))
    pair.enter()
    assert pair.run(b"print('a' * 100)") == (b"a" * 100 + b"\r\n", b"")
    assert pair.run(b"print(2)") == (b"2\r\n", b"")
    assert pair.repl.legacy is (paste != "yes")


@QUICK
@given(
    seed=st.integers(0, 2**32),
    window=st.sampled_from([1, 2, 7, 32, 128, 4096]),
    length=st.integers(0, 2000),
    output=st.binary(max_size=300).filter(lambda data: b"\x04" not in data),
)
def test_output_arrives_whole_however_the_line_cuts_it(seed: int, window: int, length: int, output: bytes) -> None:
    pair = Pair(FakeBoard(window=window), random.Random(seed))
    pair.enter()
    code = b"raw(%r)\n#" % output + b"x" * length
    assert pair.run(code) == (output, b"")
    assert pair.board.violations == []


@QUICK
@given(data=st.binary(max_size=60), seed=st.integers(0, 2**32))
def test_a_program_may_print_the_byte_that_ends_programs(data: bytes, seed: int) -> None:
    # What the protocol itself cannot tell from an end is not asked for.
    pair = Pair(FakeBoard(), random.Random(seed))
    pair.enter()
    shown = b"\x04" + data.replace(b"\x04>", b"") + b"."
    if b"\x04>" not in shown:
        assert pair.run(b"raw(%r)" % shown) == (shown, b"")


def test_a_traceback_is_not_output() -> None:
    pair = Pair(FakeBoard())
    pair.enter()
    output, error = pair.run(b"print('before')\n1/0")
    assert output == b"before\r\n"
    assert error.endswith(b"ZeroDivisionError: division by zero\r\n")
    assert pair.run(b"print(1)") == (b"1\r\n", b"")


def test_a_board_that_gives_up_on_a_paste_is_answered_and_says_why() -> None:
    pair = Pair(FakeBoard(window=16))
    pair.enter()
    output, error = pair.run(b"!!abort!!" + b"#" * 500)
    assert output == b""
    assert b"SyntaxError" in error
    assert pair.board.resets == 0, "our answer to the abort must not be taken for a soft reset"
    assert pair.run(b"print(1)") == (b"1\r\n", b"")


def test_soft_reset_gives_a_fresh_interpreter() -> None:
    pair = Pair(FakeBoard(boot=b"hello from boot.py\r\n"))
    pair.enter()
    pair.run(b"x = 1")
    events = pair.tell(pair.repl.soft_reset())
    assert events[-1] == Prompt(rebooted=True)
    assert b"NameError" in pair.run(b"print(x)")[1]


def test_a_program_that_exits_ends_and_the_board_resets() -> None:
    pair = Pair(FakeBoard())
    pair.enter()
    events = pair.tell(pair.repl.start(b"leave()").data)
    assert Finished(b"", reset=True) in events
    assert events[-1] == Prompt(rebooted=True)


def test_a_crash_is_noticed_and_its_last_words_are_kept() -> None:
    pair = Pair(FakeBoard())
    pair.enter()
    events = pair.tell(pair.repl.start(b"print('going')\ncrash()").data)
    assert isinstance(events[-1], Restarted)
    assert b"Guru Meditation" in output_of(events)
    assert pair.repl.state is State.UNKNOWN


def test_text_that_looks_like_a_prompt_is_no_restart() -> None:
    pair = Pair(FakeBoard())
    pair.enter()
    text = b"MicroPython v1 is nice\r\n>>> print(1)\r\n>>> "
    assert pair.run(b"raw(%r)" % text) == (text, b"")


def test_interrupting_a_program_comes_back_with_its_traceback() -> None:
    pair = Pair(FakeBoard())
    pair.enter()
    assert isinstance(pair.tell(pair.repl.start(b"print(1)\nforever()").data)[-1], Output)
    assert pair.repl.program_runs
    (ended,) = (event for event in pair.tell(b"\x03") if isinstance(event, Finished))
    assert b"KeyboardInterrupt" in ended.error


def test_typed_text_reaches_a_running_program() -> None:
    pair = Pair(FakeBoard())
    pair.enter()
    pair.tell(pair.repl.start(b"ask('name? ', lambda name: print('hi', name))").data)
    events = pair.tell(b"Ada\r")
    assert output_of(events).endswith(b"hi Ada\r\n")
    assert Finished(b"") in events


@QUICK
@given(noise=st.binary(max_size=200), cut=st.integers(0, 200))
def test_noise_before_the_prompt_is_only_noise(noise: bytes, cut: int) -> None:
    repl = Repl()
    repl.enter()
    data = noise.replace(b"w REPL", b"") + b"\r\n" + BANNER
    events = [*repl.receive(data[:cut]), *repl.receive(data[cut:])]
    assert isinstance(events[-1], Prompt)
    kept = b"".join(event.data for event in events if isinstance(event, Noise))
    assert data == kept + BANNER


def test_banners_that_are_still_on_their_way_are_not_taken_for_old_firmware() -> None:
    repl, board = Repl(), FakeBoard()
    repl.receive(board.receive(repl.enter()))
    late = board.receive(b"\x01\x01")
    assert repl.receive(late + board.receive(repl.sync("zz")))[-1] == Prompt()
    repl.receive(board.receive(repl.start(b"1").data))
    assert not repl.legacy


def test_a_lost_byte_of_the_question_is_not_taken_for_old_firmware() -> None:
    repl, board = Repl(), FakeBoard()
    repl.receive(board.receive(repl.enter()))
    repl.start(b"print(1)")
    pair = Pair(board)
    pair.repl = repl
    assert output_of(pair.tell(b"\x01")) == b"1\r\n"  # of "\x05A\x01" only the last byte arrived
    assert not repl.legacy


def test_a_nonsensical_window_is_refused() -> None:
    repl, board = Repl(), FakeBoard()
    repl.receive(board.receive(repl.enter()))
    repl.start(b"x")
    assert isinstance(repl.receive(b"R\x01\x00\x00")[-1], Broken)
    assert repl.state is State.UNKNOWN


@QUICK
@given(data=st.lists(st.binary(max_size=80), max_size=30), start=st.sampled_from(["enter", "exec", "reset", "sync"]))
def test_any_bytes_at_all_keep_the_core_alive_and_small(data: list[bytes], start: str) -> None:
    repl, board = Repl(), FakeBoard()
    repl.receive(board.receive(repl.enter()))
    match start:
        case "exec":
            repl.start(b"x" * 300)
        case "reset":
            repl.soft_reset()
        case "sync":
            repl.sync("qq")
    for piece in data:
        assert len(repl.receive(piece)) <= 4 * len(piece) + 4
    repl.enter()
    assert Prompt() in repl.receive(b"\r\n" + BANNER) or repl.rebooted


def test_a_flood_is_handed_on_and_not_kept() -> None:
    pair = Pair(FakeBoard())
    pair.enter()
    pair.tell(pair.repl.start(b"forever()").data)
    for _ in range(100):
        assert pair.repl.receive(b"y" * 100_000) == [Output(b"y" * 100_000)]
    assert len(pair.repl._buf) == 0


def test_code_runs_only_after_started() -> None:
    pair = Pair(FakeBoard())
    pair.enter()
    events = pair.tell(pair.repl.start(b"print(1)").data)
    kinds = [type(event) for event in events]
    assert kinds.index(Started) < kinds.index(Output) < kinds.index(Finished)
