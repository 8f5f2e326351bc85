"""One board, one thread: jobs, and a person at the terminal between them."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from ide.board.boards import Boards
from ide.board.errors import BoardGone, BoardNotFound
from ide.board.memory import vitals
from ide.board.port_worker import BoardOccupied, IdentityKnown, StateChanged, TaskEvent, TaskFailed
from tests.fakes.board import FakeBoard
from tests.fakes.wire import PtyBoard
from tests.ide.board.port_watcher import Watched, watched
from tests.waiting import wait_until
from toolchains.errors import BuildError, Cancelled
from toolchains.jobs import JobContext, Note
from toolchains.text import _
from toolchains.toolbox import Toolbox

TITLE = _("a job")
LOOP = "print('in')\nwhile True: pass"


@pytest.fixture(params=["sim:rv32", "sim:unix"])
def seen(request: pytest.FixtureRequest, toolbox: Toolbox) -> Iterator[Watched]:
    with watched(toolbox, request.param) as it:
        it.wait_state("prompt")
        it.wait_event(IdentityKnown)
        yield it


def run(code: str, **more: object):
    """A job that runs ``code`` where its output is shown."""

    def work(ctx: JobContext, boards: Boards) -> bytes:
        board = boards.open(ctx, work.seen.worker.address)  # type: ignore[attr-defined]
        return board.exec(ctx, code, timeout=None, on_output=work.seen.worker.printed)  # type: ignore[attr-defined]

    return work


def submit(seen: Watched, code: str):
    work = run(code)
    work.seen = seen
    return seen.worker.submit(work, TITLE)


# --- at the prompt -------------------------------------------------------------------------------------------------


def test_a_board_that_is_met_shows_its_prompt_and_says_who_it_is(seen: Watched) -> None:
    assert seen.wait_event(IdentityKnown).identity.version == "1.26.1"
    assert seen.output.endswith(b">>> ")
    assert b"MicroPython v1.26.1" in seen.output


def test_what_is_typed_is_run_and_shown(seen: Watched) -> None:
    seen.worker.type(b"print(6 * 7)\r")
    seen.wait_output(b"print(6 * 7)\r\n42\r\n>>> ")
    seen.wait_state("prompt")


def test_a_statement_that_goes_on_is_told_apart(seen: Watched) -> None:
    seen.worker.type(b"for i in range(3):\r")
    wait_until(lambda: seen.state is not None and seen.state.continued, "the board waits for more")
    seen.worker.type(b"print('i', i)\r")
    wait_until(lambda: seen.state is not None and seen.state.continued, "the board waits for more")
    seen.worker.type(b"\x7f\r")
    seen.wait_output(b"i 2\r\n>>> ")


def test_ctrl_c_stops_a_program_that_was_typed(seen: Watched) -> None:
    seen.worker.type(b"while True: print('on and on')\r\r")
    seen.wait_output(b"on and on")
    seen.worker.interrupt()
    seen.wait_output(b"KeyboardInterrupt")
    seen.wait_state("prompt")


def test_a_soft_reset_forgets_everything(seen: Watched) -> None:
    seen.worker.type(b"kept = 1\r")
    seen.wait_output(b"kept = 1\r\n>>> ")
    assert seen.wait_end(seen.worker.soft_reset()).error is None
    seen.wait_state("prompt")
    seen.worker.type(b"kept\r")
    seen.wait_output(b"NameError")


def test_a_hard_reset_brings_a_prompt(seen: Watched) -> None:
    seen.worker.type(b"kept = 1\r")
    seen.wait_output(b"kept = 1\r\n>>> ")
    assert seen.wait_end(seen.worker.hard_reset()).error is None
    seen.wait_state("prompt")
    seen.worker.type(b"kept\r")
    seen.wait_output(b"NameError")


# --- jobs ----------------------------------------------------------------------------------------------------------


def test_a_job_has_the_board_and_gives_it_back(seen: Watched) -> None:
    greetings = seen.output.count(b"MicroPython")
    ended = seen.wait_end(submit(seen, "print('from a job')"))
    assert ended.error is None
    assert ended.result == b"from a job\r\n"
    seen.wait_state("prompt")
    seen.wait_output(b"from a job\r\n>>> ")
    assert seen.output.count(b"MicroPython") == greetings
    seen.worker.type(b"1 + 1\r")
    seen.wait_output(b"1 + 1\r\n2\r\n>>> ")


def test_a_job_stops_what_was_typed(seen: Watched) -> None:
    seen.worker.type(b"while True: pass\r\r")
    seen.wait_output(b"pass\r\n")
    assert seen.wait_end(submit(seen, "print(1)")).result == b"1\r\n"


def test_stop_ends_a_loop_of_a_job(seen: Watched) -> None:
    task = submit(seen, LOOP)
    seen.wait_output(b"in\r\n")
    task.cancel()
    assert isinstance(seen.wait_end(task).error, Cancelled)
    seen.wait_state("prompt")


def test_typed_text_and_ctrl_c_reach_the_program_of_a_job(seen: Watched) -> None:
    task = submit(seen, "print('hi', input('name? '))\nprint('in')\nwhile True: pass")
    seen.wait_output(b"name? ")
    seen.worker.type(b"Zoe\r")
    seen.wait_output(b"hi Zoe")
    seen.wait_output(b"in\r\n")
    seen.worker.interrupt()
    error = seen.wait_end(task).error
    assert getattr(error, "interrupted", False)


def test_what_a_program_did_not_read_is_not_typed_at_the_prompt(seen: Watched) -> None:
    task = submit(seen, "print('in')\nwhile True: pass")
    seen.wait_output(b"in\r\n")
    seen.worker.type(b"never = 1\r" * 100)
    task.cancel()
    seen.wait_end(task)
    seen.wait_state("prompt")
    seen.worker.type(b"'nev' + 'er' in globals()\r")
    seen.wait_output(b"False")


def test_a_quiet_job_leaves_no_trace(seen: Watched) -> None:
    before = len(seen.output), seen.worker.submit(lambda ctx, boards: None, TITLE)
    seen.wait_end(before[1])
    seen.wait_state("prompt")
    seen.wait_output(b">>> ")
    shown, events = seen.output, len(seen.events)
    task = seen.worker.submit(
        lambda ctx, boards: boards.open(ctx, seen.worker.address).ask(ctx, "1 + 1"), TITLE, quiet=True
    )
    seen.worker.type(b"3 * 3\r")  # and loses nothing that is typed meanwhile
    assert seen.wait_end(task).result == 2
    seen.wait_output(b"3 * 3\r\n9\r\n>>> ")
    assert seen.output == shown + b"3 * 3\r\n9\r\n>>> "
    assert not [e for e in seen.events[events:] if isinstance(e, StateChanged) and e.state == "busy"]


def test_a_quiet_job_does_not_stop_a_program(seen: Watched) -> None:
    seen.worker.type(b"while True: pass\r\r")
    seen.wait_output(b"pass\r\n")
    seen.wait_state("running")
    task = seen.worker.submit(
        lambda ctx, boards: boards.open(ctx, seen.worker.address).ask(ctx, "1"), TITLE, quiet=True
    )
    assert isinstance(seen.wait_end(task).error, BoardOccupied)
    seen.worker.type(b"x")
    seen.pull()
    assert b"KeyboardInterrupt" not in seen.output


def test_what_a_job_says_is_handed_on(seen: Watched) -> None:
    task = seen.worker.submit(lambda ctx, boards: ctx.note(_("word")), TITLE)
    seen.wait_end(task)
    assert [e.event for e in seen.events if isinstance(e, TaskEvent) and e.task is task] == [Note(_("word"))]


def test_an_error_of_a_job_is_its_end(seen: Watched) -> None:
    def work(ctx: JobContext, boards: Boards) -> NoReturn:
        raise BuildError(_("no"))

    assert isinstance(seen.wait_end(seen.worker.submit(work, TITLE)).error, BuildError)
    seen.wait_state("prompt")


@pytest.mark.logs_warnings
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_ours_ends_its_job_and_nothing_else(seen: Watched, caplog: pytest.LogCaptureFixture) -> None:
    def work(ctx: JobContext, boards: Boards) -> NoReturn:
        raise ZeroDivisionError

    before = threading.active_count()
    ended = seen.wait_end(seen.worker.submit(work, TITLE))
    assert isinstance(ended.error, TaskFailed)
    assert "ZeroDivisionError" in ended.error.detail
    assert seen.wait_end(submit(seen, "print(1)")).result == b"1\r\n"
    assert "ZeroDivisionError" in caplog.text
    assert threading.active_count() <= before


def test_jobs_that_wait_are_cancelled_when_the_worker_is_closed(toolbox: Toolbox) -> None:
    with watched(toolbox, "sim:unix") as seen:
        seen.wait_state("prompt")
        first = submit(seen, LOOP)
        second = submit(seen, "print(2)")
        seen.wait_output(b"in\r\n")
        seen.worker.close()
        assert seen.worker.join(60)
        assert isinstance(seen.wait_end(first).error, Cancelled)
        assert isinstance(seen.wait_end(second).error, Cancelled)
        late = seen.worker.submit(lambda ctx, boards: None, TITLE)
        assert isinstance(seen.wait_end(late).error, Cancelled)


# --- a board that runs something, and one that comes and goes ------------------------------------------------------


def test_a_program_that_runs_is_not_disturbed_and_its_first_bytes_show(toolbox: Toolbox) -> None:
    fake = FakeBoard()
    fake.receive(b"\x01note(1)\nforever()\x04")
    words, speaks = [b"first words\r\n", b"second\r\n"], threading.Event()
    stream = lambda: words.pop(0) if words and speaks.is_set() else b""  # noqa: E731
    with PtyBoard(fake, stream=stream) as pty, watched(toolbox, pty.path) as seen:
        seen.wait_state("running")
        speaks.set()
        seen.wait_output(b"first words\r\nsecond\r\n")
        assert seen.wait_state("running").error is None
        seen.worker.close()
        assert seen.worker.join(60)
        assert fake.running


def test_a_board_that_is_unplugged_and_comes_back(toolbox: Toolbox, tmp_path) -> None:
    link = tmp_path / "ttyUSB0"
    with PtyBoard(FakeBoard()) as pty:
        link.symlink_to(pty.path)
        with watched(toolbox, str(link)) as seen:
            seen.wait_state("prompt")
            link.unlink()
            pty.unplug()
            assert isinstance(seen.wait_state("lost").error, BoardGone)
            with PtyBoard(FakeBoard()) as other:
                link.symlink_to(other.path)
                seen.worker.port_appeared()
                seen.wait_state("prompt")
                assert seen.wait_end(submit(seen, "print(5)")).result == b"5\r\n"
                seen.worker.close()
                assert seen.worker.join(60)


def test_no_board_there_is_lost_with_its_reason(toolbox: Toolbox, tmp_path) -> None:
    with watched(toolbox, str(tmp_path / "ttyUSB9")) as seen:
        assert isinstance(seen.wait_state("lost").error, BoardNotFound)
        ended = seen.wait_end(submit(seen, "print(1)"))
        assert isinstance(ended.error, BoardNotFound)
        assert seen.wait_state("lost")


# --- floods and rest -----------------------------------------------------------------------------------------------


def test_a_flood_nobody_takes_keeps_its_end_and_is_stopped(toolbox: Toolbox) -> None:
    with watched(toolbox, "sim:unix") as seen:
        seen.wait_state("prompt")
        task = submit(seen, "i = 0\nwhile True:\n    print('0123456789' * 7, i)\n    i += 1")
        seen.wait_output(b"0123456789")
        wait_until(lambda: seen.worker._outbox._bytes >= 2 * 1024 * 1024, "the backlog is full", 60)
        assert seen.worker._outbox._bytes <= 2 * 1024 * 1024
        task.cancel()
        assert isinstance(seen.wait_end(task).error, Cancelled)
        seen.wait_state("prompt")
        seen.wait_output(b">>> ")
        assert seen.output.endswith(b">>> ")
        assert sum(getattr(event, "dropped", 0) for event in seen.events) > 0


def _wakeups() -> int:
    """How often all other threads of this process went to sleep so far."""
    total = 0
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            status = Path(f"/proc/self/task/{thread.native_id}/status").read_text()
            total += int(status.partition("nonvoluntary_ctxt_switches:")[0].partition("voluntary_ctxt_switches:")[2])
    return total


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is not there")
def test_an_idle_board_never_wakes_anybody(toolbox: Toolbox) -> None:
    with watched(toolbox, "sim:rv32") as seen:
        seen.wait_event(IdentityKnown)
        seen.wait_state("prompt")
        since, last = time.monotonic(), _wakeups()

        def rested() -> bool:
            """Nobody woke for two seconds; what is under way at first may end."""
            nonlocal since, last
            if (now := _wakeups()) != last:
                since, last = time.monotonic(), now
            return time.monotonic() - since > 2

        wait_until(rested, "two seconds without a wake-up", 20)
        seen.worker.type(b"1 + 1\r")
        seen.wait_output(b"1 + 1\r\n2\r\n>>> ")
        assert _wakeups() > last


@pytest.mark.parametrize("question", ["memory", "any"])
def test_what_a_callback_prints_meanwhile_is_shown(
    seen: Watched, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if a timer met the moment: the answer itself prints.
    monkeypatch.setattr(vitals, "_ANSWER", f"(print('tick'),{vitals._ANSWER})[1]")

    def ask(ctx: JobContext, boards: Boards) -> object:
        board = boards.open(ctx, seen.worker.address)
        if question == "memory":
            return vitals.ask(ctx, board, filesystem=True)
        return board.ask(ctx, "(print('tick'), 2)[1]")

    shown = seen.output
    for number in range(1, 4):
        assert seen.wait_end(seen.worker.submit(ask, TITLE, quiet=True)).error is None
        seen.wait_output(b"tick\r\n" * number)
        seen.wait_state("prompt")
    assert seen.output == shown + b"tick\r\n" * 3


def test_many_questions_close_together_leave_no_trace(seen: Watched) -> None:
    def ask(ctx: JobContext, boards: Boards) -> object:
        return vitals.ask(ctx, boards.open(ctx, seen.worker.address), filesystem=False)

    shown = seen.output
    for burst in range(20):
        tasks = [seen.worker.submit(ask, TITLE, quiet=True) for _again in range(1 + burst % 3)]
        assert [seen.wait_end(task).error for task in tasks] == [None] * len(tasks)
    seen.wait_state("prompt")
    seen.worker.type(b"1 + 1\r")
    seen.wait_output(b"1 + 1\r\n2\r\n>>> ")
    assert seen.output == shown + b"1 + 1\r\n2\r\n>>> "
