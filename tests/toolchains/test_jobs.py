"""Jobs: steps are timed, children are run, a cancel ends everything at once."""

import sys
import threading

import pytest

from toolchains.errors import Cancelled, ToolFailed, ToolMissing
from toolchains.host import Host
from toolchains.jobs import Event, JobContext, Progress, StepEnded, StepStarted
from toolchains.text import _


def recording() -> tuple[JobContext, list[Event]]:
    events: list[Event] = []
    return JobContext(Host.current(), events.append), events


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_steps_are_nested_and_timed():
    ctx, events = recording()
    with ctx.step(_("outer")), ctx.step(_("inner")):
        ctx.progress(1, 2, "")
    assert [type(e) for e in events] == [StepStarted, StepStarted, Progress, StepEnded, StepEnded]
    assert [(str(title), seconds >= 0) for title, seconds in ctx.timings] == [("inner", True), ("outer", True)]


def test_a_program_gives_its_output():
    ctx, _events = recording()
    assert ctx.run(python("print(input())"), stdin=b"hello\n").stdout.strip() == b"hello"


def test_a_failing_program_is_reported_with_its_own_words():
    ctx, _events = recording()
    with pytest.raises(ToolFailed) as caught:
        ctx.run(python("import sys; sys.exit('bad luck')"))
    assert "bad luck" in caught.value.detail
    assert ctx.run(python("raise SystemExit(3)"), check=False).returncode == 3


def test_a_program_that_is_not_there_is_named():
    ctx, _events = recording()
    with pytest.raises(ToolMissing, match="no-such-compiler"):
        ctx.run(["no-such-compiler"])


def test_lines_come_as_they_are_printed():
    ctx, _events = recording()
    lines: list[str] = []
    assert ctx.run_lines(python("print('a'); print('b')"), lines.append) == 0
    assert lines == ["a", "b"]


def test_a_time_limit_ends_the_program():
    ctx, _events = recording()
    done = ctx.run(python("import time; time.sleep(600)"), check=False, timeout=0.2)
    assert done.returncode != 0


def test_cancel_ends_a_program_and_its_children():
    ctx, _events = recording()
    started = threading.Event()
    inner = "import time; print(1, flush=True); time.sleep(600)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"

    def work() -> None:
        with pytest.raises(Cancelled):
            ctx.run_lines(python(code), lambda line: started.set())

    thread = threading.Thread(target=work)
    thread.start()
    assert started.wait(30)
    ctx.cancel()
    thread.join(30)
    assert not thread.is_alive()


def test_nothing_starts_after_a_cancel():
    ctx, _events = recording()
    ctx.cancel()
    with pytest.raises(Cancelled):
        ctx.run(python("print(1)"))
    with pytest.raises(Cancelled), ctx.step(_("more")):
        pass


def test_cancel_calls_whoever_asked_to_be_told():
    ctx, _events = recording()
    told = threading.Event()
    with ctx.cancelling(told.set):
        ctx.cancel()
    assert told.is_set()


def test_a_part_of_a_job_ends_alone_or_with_it():
    ctx = JobContext(Host.current())
    with pytest.raises(Cancelled), ctx.part(0.05) as inner:
        inner.run(python("import time; time.sleep(60)"))
    ctx.check()
    with ctx.part(60) as inner:
        ctx.cancel()
        assert inner.cancelled
    with pytest.raises(Cancelled), ctx.part():
        pytest.fail("a cancelled job has no parts")
