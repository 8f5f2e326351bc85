"""When is a board surely waiting for somebody to type? A wrong "yes" would stop a program for ever."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.board.prompt import PromptWatch, SyncWatch

BANNER = b'MPY: soft reboot\r\nMicroPython v1.26.1 on 2026-11-21; board with chip\r\nType "help()" for more.\r\n>>> '
RAW = b"\r\nraw REPL; CTRL-B to exit\r\n>"


def after(*said: bytes) -> PromptWatch:
    watch = PromptWatch()
    for piece in said:
        watch.said(piece)
    return watch


@pytest.mark.parametrize(
    "said",
    [
        pytest.param([BANNER], id="after the banner"),
        pytest.param([BANNER, b"1+1\r\n2\r\n>>> "], id="after a line"),
        pytest.param([BANNER, b"\r\nKeyboardInterrupt: \r\n>>> "], id="after Ctrl-C"),
        pytest.param([RAW], id="raw REPL"),
        pytest.param([RAW, b"OK", b"55\r\n", b"\x04\x04>"], id="raw REPL after a program"),
        pytest.param([RAW, b"OK\x04Traceback ...\r\n\x04>"], id="raw REPL after an error"),
        pytest.param([RAW, BANNER], id="back in the friendly REPL"),
        pytest.param([RAW, b"OK\r\nMPY: soft reboot\r\n", RAW], id="soft reset in the raw REPL"),
    ],
)
def test_it_waits(said: list[bytes]) -> None:
    assert after(*said).at_prompt


@pytest.mark.parametrize(
    "said",
    [
        pytest.param([], id="before it said anything"),
        pytest.param([RAW, b"OK====>"], id="a program that draws an arrow"),
        pytest.param([RAW, b"OK\r\n>>> "], id="a program in the raw REPL that prints a prompt"),
        pytest.param([BANNER, b"f()\r\nloading >>> "], id="a prompt in the middle of a line"),
        pytest.param([BANNER, b"for i in x:\r\n... "], id="in the middle of a block"),
        pytest.param([BANNER, b"\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== "], id="paste mode"),
        pytest.param([BANNER, b"x"], id="half a line"),
    ],
)
def test_it_does_not_wait(said: list[bytes]) -> None:
    assert not after(*said).at_prompt


def test_typing_makes_it_busy_until_the_next_prompt() -> None:
    watch = after(RAW)
    watch.typed()
    assert not watch.at_prompt
    watch.said(b"OK\x04\x04>")
    assert watch.at_prompt


def test_a_reset_button_ends_the_raw_repl() -> None:
    watch = after(RAW)
    watch.restarted()
    watch.said(b"\r\n>>> ")
    assert watch.at_prompt


@given(st.binary(), st.lists(st.integers(1, 200)))
def test_how_the_bytes_are_cut_does_not_matter(noise: bytes, cuts: list[int]) -> None:
    stream = noise + b"\n" + RAW
    watch = PromptWatch()
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    for at, to in itertools.pairwise(places):
        watch.said(stream[at:to])
    assert watch.at_prompt == after(stream).at_prompt


@given(st.lists(st.integers(1, 45), max_size=4), st.binary(max_size=80))
def test_esptools_knock_is_heard_however_it_is_cut(cuts: list[int], before: bytes) -> None:
    frame = b"\xc0\x00\x08\x24\x00\x00\x00\x00\x00\x07\x07\x12\x20" + b"\x55" * 32 + b"\xc0"
    watch, heard = SyncWatch(), [SyncWatch().typed(before)]
    watch.typed(before)
    ends = sorted({0, *(min(cut, len(frame)) for cut in cuts), len(frame)})
    heard += [watch.typed(frame[start:end]) for start, end in itertools.pairwise(ends)]
    assert heard.count(True) >= 1
    assert not watch.typed(b"print('hello')\r")
