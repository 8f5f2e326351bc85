"""What is tried after a failure, and when it is enough."""

from __future__ import annotations

import pytest

from ide.board.flash.attempts import Attempts
from ide.board.flash.commands import Way
from ide.board.flash.failures import Failure, Remedy
from toolchains.errors import StudioError
from toolchains.text import _

_ERROR = StudioError(_("It stopped."))


def _failure(*again: Remedy) -> Failure:
    return Failure("lost", {}, again, "", "write", "partial")


def _ways(tries: Attempts, *again: Remedy) -> list[Way]:
    ways = [tries.way]
    while tries.another(_failure(*again), _ERROR):
        ways.append(tries.way)
    return ways


def test_slower_then_raw_then_without_the_stub() -> None:
    assert _ways(Attempts(Way()), "slower", "raw", "no-stub") == [
        Way(460800),
        Way(115200),
        Way(115200, compress=False),
        Way(115200, stub=False),
    ]


def test_dio_only_for_an_image_with_four_data_lines() -> None:
    ways = _ways(Attempts(Way(), may_dio=True), "slower", "raw", "no-stub")
    assert [way.flash_mode for way in ways] == ["keep", "keep", "dio", "dio"]


def test_what_is_slow_already_is_not_tried_slowly() -> None:
    assert _ways(Attempts(Way(115200)), "slower") == [Way(115200)]


def test_nothing_helps_against_some_failures() -> None:
    assert _ways(Attempts(Way())) == [Way()]


@pytest.mark.parametrize("again", [("slower",), ("raw", "no-stub")])
def test_each_try_says_what_failed_and_what_is_done_now(again: tuple[Remedy, ...]) -> None:
    tries = Attempts(Way())
    _ways(tries, *again)
    assert len(tries.said) == len(tries.tried) - 1
    assert all("It stopped. Trying again: " in str(text) for text in tries.said)
