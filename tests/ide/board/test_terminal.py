"""A board that is met: what a person sees of it, in simulated time, however its bytes come."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ide.board.link import Board
from ide.board.terminal import Greeting, Place
from tests.fakes.board import FRIENDLY, FakeBoard
from tests.fakes.wire import Faults, MemoryWire
from toolchains.jobs import JobContext

PROMPT = b">>> "


def meet(said: bytes, *, seed: int = 0, delay: float = 0.0) -> tuple[bytes, list[Place], bytes]:
    """What is shown of a board that says ``said`` when it is met, where the person is, and what was sent to it."""
    wire = MemoryWire(FakeBoard(), Faults(random.Random(seed), delay=delay))
    shown, places, ctx = bytearray(), [], JobContext()
    wire.says(said)
    wire.on_wait = lambda now: ctx.cancel() if now > 10 else None
    Board(wire, "memory").terminal(ctx, shown.extend, on_place=places.append, greeting=Greeting.ALL)  # type: ignore[arg-type]
    return bytes(shown), places, bytes(wire.sent)


@settings(max_examples=60, deadline=None)
@given(lost=st.integers(0, len(FRIENDLY)), seed=st.integers(0, 1000))
def test_a_greeting_is_shown_whole_wherever_it_was_cut(lost: int, seed: int) -> None:
    shown, places, _sent = meet(FRIENDLY[lost:], seed=seed)
    assert shown.strip(b"\r\n") == FRIENDLY
    assert places[-1] is Place.PROMPT


@settings(max_examples=60, deadline=None)
@given(lost=st.integers(0, len(FRIENDLY)), seed=st.integers(0, 1000))
def test_a_greeting_that_comes_slowly_ends_at_the_prompt(lost: int, seed: int) -> None:
    shown, places, _sent = meet(FRIENDLY[lost:], seed=seed, delay=0.3)
    assert shown.endswith(FRIENDLY[lost:])
    assert places[-1] is Place.PROMPT


@pytest.mark.parametrize(
    "said",
    [
        FRIENDLY,
        b"\r\n" + FRIENDLY,
        b"rst:0x1 (POWERON)\r\nload:0x3fff0030\r\n" + FRIENDLY,
        b"the answer\r\n>>> ",
        b"Traceback (most recent call last):\r\nKeyboardInterrupt: \r\n>>> ",
        b"name? ",
        b"12.5\r\n12.6\r\n",
        b"Type",
        b"0123456789" * 100,
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_whatever_else_a_board_says_is_shown_and_nothing_is_sent(said: bytes, seed: int) -> None:
    assert meet(said, seed=seed)[::2] == (said, b"")


def test_a_silent_board_is_asked_for_its_greeting() -> None:
    shown, places, sent = meet(b"")
    assert shown.strip(b"\r\n") == FRIENDLY
    assert places[-1] is Place.PROMPT
    assert sent == b"\x02"
