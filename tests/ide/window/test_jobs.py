"""Long work beside the window: callbacks on the window's thread, errors, cancel, floods."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from ide.job_queue import Jobs
from ide.pump import Pump
from toolchains.errors import Cancelled, StudioError, UsageError
from toolchains.jobs import JobContext, Log
from toolchains.text import Text

_TITLE = Text("some work")


class _Beside:
    """A pump, jobs, and what they told."""

    def __init__(self) -> None:
        self.failed: list[StudioError] = []
        self.crashed: list[BaseException] = []
        self.pump = Pump()
        self.jobs = Jobs(self.pump.ring, self.failed.append, self.crashed.append)
        self.pump.add(self.jobs.drain)


@pytest.fixture
def beside(qtbot: QtBot) -> Iterator[_Beside]:
    made = _Beside()
    yield made
    made.jobs.close()
    made.pump.close()
    made.pump.deleteLater()


def test_the_result_comes_to_the_thread_of_the_window(beside: _Beside, qtbot: QtBot) -> None:
    seen: list[tuple[int, threading.Thread]] = []
    beside.jobs.start(_TITLE, lambda ctx: 6 * 7, on_done=lambda n: seen.append((n, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [(42, threading.current_thread())]
    assert beside.jobs.running == []


def test_an_error_that_nobody_asked_for_is_shown(beside: _Beside, qtbot: QtBot) -> None:
    def work(ctx: JobContext) -> None:
        raise UsageError(Text("no such thing"))

    beside.jobs.start(_TITLE, work)
    qtbot.waitUntil(lambda: bool(beside.failed))
    assert str(beside.failed[0]) == "no such thing"


def test_a_fault_of_ours_goes_to_the_crash_handler(beside: _Beside, qtbot: QtBot) -> None:
    beside.jobs.start(_TITLE, lambda ctx: 1 // 0)
    qtbot.waitUntil(lambda: bool(beside.crashed))
    assert isinstance(beside.crashed[0], ZeroDivisionError)
    assert beside.failed == []


def test_cancel_ends_it(beside: _Beside, qtbot: QtBot) -> None:
    begun = threading.Event()

    def work(ctx: JobContext) -> None:
        while True:
            begun.set()
            ctx.log("still here")

    ended: list[StudioError] = []
    job = beside.jobs.start(_TITLE, work, on_error=ended.append)
    qtbot.waitUntil(begun.is_set)
    job.cancel()
    qtbot.waitUntil(lambda: bool(ended), timeout=10_000)
    assert isinstance(ended[0], Cancelled)


def test_twenty_thousand_lines_arrive_whole_and_in_pieces(beside: _Beside, qtbot: QtBot) -> None:
    lines: list[str] = []

    def work(ctx: JobContext) -> None:
        for number in range(20_000):
            ctx.log(str(number))

    def told(event: object) -> None:
        assert isinstance(event, Log)
        lines.append(event.line)

    done: list[object] = []
    beside.jobs.start(_TITLE, work, on_done=done.append, on_event=told)
    qtbot.waitUntil(lambda: bool(done), timeout=20_000)
    assert lines == [str(number) for number in range(20_000)]


def test_nothing_is_called_after_the_end(beside: _Beside, qtbot: QtBot) -> None:
    called: list[object] = []
    beside.jobs.start(_TITLE, lambda ctx: 1, on_done=called.append)
    beside.jobs.close()
    beside.jobs.drain()
    assert called == []
