"""What a callback prints in the milliseconds of a quiet question, told apart from the protocol's words."""

from __future__ import annotations

from contextlib import suppress

import pytest

from ide.board.asides import Asides
from toolchains.errors import Cancelled

GREETING = b'\r\nMicroPython v1.26.1 on 2025; a board\r\nType "help()" for more information.\r\n>>> '
WAY = b"\r\n>>> \r\n>>> \r\nraw REPL; CTRL-B to exit\r\n>"


@pytest.fixture
def asides() -> Asides:
    """Of a board whose greeting is known."""
    made = Asides()
    assert made.take(GREETING) == b""
    return made


def question(asides: Asides, way: bytes = WAY, between: bytes = b"OK") -> None:
    asides.noise(way)
    before = asides.mark()
    asides.noise(between)
    asides.synced(before)


def test_a_question_that_nobody_meets_leaves_nothing(asides: Asides) -> None:
    question(asides)
    assert asides.take(GREETING) == b""
    assert asides.take(GREETING) == b""


@pytest.mark.parametrize(
    ("way", "between", "later"),
    [
        (b"tick\r\n" + WAY, b"OK", b""),
        (b"\r\n>>> tick\r\n\r\n>>> \r\nraw REPL; CTRL-B to exit\r\n>", b"OK", b""),
        (WAY, b"tick\r\nOK", b""),
        (WAY, b"OK", b"tick\r\n"),
    ],
)
def test_what_comes_on_the_way_to_the_prompt_is_kept(asides: Asides, way: bytes, between: bytes, later: bytes) -> None:
    question(asides, way, between)
    for at in range(len(later)):  # in the middle of a paste it comes byte by byte
        asides.noise(later[at : at + 1])
    assert asides.take(GREETING) == b"tick\r\n"


def test_what_comes_with_the_greeting_is_kept(asides: Asides) -> None:
    assert asides.take(GREETING.replace(b"Type", b"tick\r\nType")) == b"tick\r\n"


def test_a_vendors_greeting_is_no_text_of_a_program() -> None:
    asides = Asides()
    greeting = b"\r\nVendorPython 3\r\nhave fun\r\n>>> "
    assert asides.take(greeting) == b""
    assert asides.take(greeting) == b""


def test_a_flood_is_cut(asides: Asides) -> None:
    for _again in range(100):
        asides.noise(b"x" * 1000)
        asides.printed(b"y" * 1000)
    assert len(asides.take(GREETING)) < 20_000


def test_a_greeting_that_was_not_heard_to_its_end_leaves_nothing(asides: Asides) -> None:
    with suppress(Cancelled), asides.greeted():
        asides.noise(GREETING[:40])
        raise Cancelled
    question(asides, GREETING[40:] + WAY)
    with asides.greeted():
        asides.noise(GREETING)
    assert asides.take(GREETING) == b""
    question(asides, b"tick\r\n" + WAY)
    assert asides.take(GREETING) == b"tick\r\n"
