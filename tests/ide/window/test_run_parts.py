"""The parts of a run without Qt: a queue that no flood can fill, what the console is told, problems from errors."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ide import problem_sources, run_console
from ide.board.deploy import RunOutcome
from ide.problem_words import line_of
from ide.problems import Problem, Problems
from ide.run_events import KEPT, Lines, RunEvents
from toolchains.build_errors import CompileFailed
from toolchains.diagnostics import Diagnostic
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import Log, Note, Progress
from toolchains.text import _

# --- the queue ------------------------------------------------------------------------------------------------------


def test_lines_become_one_piece_and_keep_their_place() -> None:
    rings: list[int] = []
    events = RunEvents(lambda: rings.append(1))
    note = Note(_("Cancelled; nothing was left half done."))
    for event in (Log("a"), Log("b"), note, Log("c")):
        events.put(event)
    assert len(rings) == 1
    taken = events.take()
    assert [list(one.lines) if isinstance(one, Lines) else one for one in taken] == [["a", "b"], note, ["c"]]
    assert events.take() == []
    events.put(Log("d"))
    assert len(rings) == 2


def test_a_flood_is_bounded_in_lines_and_in_their_length() -> None:
    events = RunEvents(lambda: None)
    threads = [threading.Thread(target=lambda: [events.put(Log("x" * 10_000)) for _n in range(5000)]) for _t in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (piece,) = events.take()
    assert isinstance(piece, Lines)
    assert len(piece.lines) == KEPT
    assert max(map(len, piece.lines)) < 3000


def test_of_progress_only_the_last_waits() -> None:
    events = RunEvents(lambda: None)
    for done in range(1000):
        events.put(Progress(done, 1000, "B"))
    assert events.take() == [Progress(999, 1000, "B")]


# --- the console ----------------------------------------------------------------------------------------------------


def said(error: StudioError) -> str:
    out = bytearray()
    with pytest.raises(type(error)), run_console.errors_printed(out.extend):
        raise error
    return out.decode()


def test_errors_of_the_compiler_are_printed_one_a_line_and_not_without_end() -> None:
    found = [Diagnostic("error", "a.c", n, 1, "wrong") for n in range(1, 31)]
    text = said(CompileFailed([Diagnostic("warning", "a.c", 1, 1, "odd"), *found], "", None))
    assert text.startswith("\x1b[31ma.c:1:1: error: wrong\r\na.c:2:1: error: wrong\r\n")
    assert text.endswith("10 more errors\x1b[0m\r\n")
    assert "odd" not in text


def test_another_error_is_its_sentence_and_a_cancel_is_nothing() -> None:
    assert "No compiler" in said(StudioError(_("No compiler for {arch} was found on this computer.", arch="x64")))
    assert said(Cancelled()) == ""


def outcome(output: bytes, traceback: str | None, exit_value: str = "") -> RunOutcome:
    return RunOutcome(output, None, None, 0.1, traceback, exit_value)


@pytest.mark.parametrize(
    ("ended", "text"),
    [
        (outcome(b"fine\r\n", None), ""),
        (outcome(b"", "Traceback:\r\nValueError: x\r\n"), "\x1b[31mTraceback:\r\nValueError: x\x1b[0m\r\n"),
        (outcome(b"half", "ValueError: x\n"), "\r\n\x1b[31mValueError: x\x1b[0m\r\n"),
        (outcome(b"", None, "3"), "\x1b[31mIt ended with sys.exit(3).\x1b[0m\r\n"),
        (None, ""),
    ],
)
def test_how_a_program_ended(ended: RunOutcome | None, text: str) -> None:
    out = bytearray()
    run_console.print_end(out.extend, ended)
    assert out.decode() == text


# --- problems -------------------------------------------------------------------------------------------------------


def test_of_thousands_of_messages_the_errors_come_first_and_the_rest_is_counted(tmp_path: Path) -> None:
    warnings = [Diagnostic("warning", "a.c", n, None, "odd") for n in range(1, 20_001)]
    found = problem_sources.of_diagnostics([*warnings, Diagnostic("error", "a.c", 7, 1, "wrong")], tmp_path)
    assert len(found) == problem_sources.MOST + 1
    assert found[0].message == "wrong"
    assert found[-1].message == "19801 more messages"


def test_a_traceback_leads_to_the_innermost_line_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("", "utf-8")
    text = (
        "Traceback (most recent call last):\r\n"
        '  File "main.py", line 4, in <module>\r\n'
        '  File "/lib/other.py", line 9, in f\r\n'
        "ValueError: x\r\n"
    )
    (problem,) = problem_sources.of_traceback(text, tmp_path)
    assert (problem.path, problem.line, problem.message) == (tmp_path / "main.py", 4, "ValueError: x")
    assert "other.py" in problem.detail


def test_a_problem_in_words(tmp_path: Path) -> None:
    problem = Problem("warning", "odd", tmp_path / "src" / "a.c", 3, 9)
    assert line_of(problem, tmp_path) == "src/a.c:3:9: warning: odd"
    assert line_of(Problem("error", "no place"), tmp_path) == "error: no place"
    assert line_of(Problem("note", "elsewhere", Path("/x/b.h"), 1), tmp_path) == f"{Path('/x/b.h')}:1: note: elsewhere"


def test_listeners_hear_of_changes_only(tmp_path: Path) -> None:
    heard: list[int] = []
    problems = Problems()
    problems.listeners.append(lambda: heard.append(1))
    for _time in range(3):
        problems.put("build", [Problem("error", "wrong")])
    assert len(heard) == 1
