"""What a test printed, and how it ended, as results."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide.board.deploy import RunOutcome
from ide.board.verdicts import Case, Listener, broken_off, difference, judge, timed_out
from toolchains.errors import BoardError

FILE = "tests/test_x.py"
MARK = b"\x1e1234"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    (tmp_path / FILE).write_text("import x\n\nassert x.answer(1) == 42\n")
    return tmp_path


def outcome(traceback: str | None = None, exit_value: str = "") -> RunOutcome:
    return RunOutcome(b"", 0, 0, 0.25, traceback, exit_value)


def heard(*pieces: bytes) -> Listener:
    listener = Listener(MARK)
    for piece in pieces:
        listener.feed(piece)
    return listener


def traceback(last: str) -> str:
    return f'Traceback (most recent call last):\n  File "{FILE}", line 3, in <module>\n{last}\n'


def one(project: Path, how: RunOutcome, *pieces: bytes, wanted: str | None = None) -> Case:
    (case,) = judge(FILE, project, how, heard(*pieces), wanted)
    return case


def test_a_file_that_comes_to_its_end_has_passed(project: Path) -> None:
    case = one(project, outcome(), b"all is", b" well\r\n")
    assert (case.status, case.seconds, case.output, case.name) == ("passed", 0.25, "all is well\n", FILE)


@pytest.mark.parametrize(
    ("last", "status"),
    [("AssertionError: ", "failed"), ("AssertionError: 1 is not 2", "failed"), ("OSError: 5", "error")],
)
def test_an_exception_shows_the_line_that_raised_it(project: Path, last: str, status: str) -> None:
    case = one(project, outcome(traceback(last)))
    assert case.status == status
    assert case.message == f"{FILE}:3: assert x.answer(1) == 42: {last.rstrip(': ')}"
    assert case.detail.endswith(last.rstrip())


def test_an_exception_elsewhere_is_told_without_a_line(project: Path) -> None:
    case = one(project, outcome('Traceback (most recent call last):\n  File "boot.py", line 9, in f\nKeyError: a\n'))
    assert case.message == "KeyError: a"


@pytest.mark.parametrize(
    ("output", "reason"),
    [(b"SKIP\r\n", "it says SKIP"), (b"hm\nSKIP: no network\n", "no network"), (b"SKIP no ADC\n", "no ADC")],
)
def test_a_test_that_says_so_is_skipped(project: Path, output: bytes, reason: str) -> None:
    case = one(project, outcome(), output, wanted="something else\n")
    assert (case.status, case.message, case.good) == ("skipped", reason, True)


def test_the_word_skip_elsewhere_means_nothing(project: Path) -> None:
    assert one(project, outcome(), b"SKIPPER\n").status == "passed"
    assert one(project, outcome(), b"SKIP\nand on\n").status == "passed"


def test_skiptest_at_the_top_of_a_file_skips_it(project: Path) -> None:
    case = one(project, outcome(traceback("SkipTest: only on ESP32")))
    assert (case.status, case.message) == ("skipped", "only on ESP32")


@pytest.mark.parametrize(("value", "status"), [("", "passed"), ("0", "passed"), ("None", "passed"), ("3", "failed")])
def test_sys_exit_with_a_number_is_a_failure(project: Path, value: str, status: str) -> None:
    assert one(project, outcome(exit_value=value)).status == status


def test_the_expected_output_is_compared(project: Path) -> None:
    assert one(project, outcome(), b"one\r\ntwo\r\n", wanted="one\ntwo\n").status == "passed"
    case = one(project, outcome(), b"one\r\n2\r\n", wanted="one\ntwo\n")
    assert case.status == "failed"
    assert {"-two", "+2", " one"} <= set(case.detail.splitlines())


def test_a_missing_end_of_line_is_a_difference_too() -> None:
    assert "end of the last line" in difference("a\n", "a")
    assert difference("", "\n" * 97).endswith("… +40")


def marked(status: str, name: str, trace: str = "") -> bytes:
    return MARK + repr((status, name, 12, "words", trace)).encode() + b"\r\n"


def test_each_method_of_unittest_is_a_test_and_its_lines_are_no_output(project: Path) -> None:
    lines = b"own words\r\n" + marked("passed", "T.test_a") + b"more" + marked("failed", "T.test_b", traceback("E: 1"))
    half = len(lines) // 2
    cases = judge(FILE, project, outcome(exit_value="1"), heard(lines[:half], lines[half:]), None)
    assert [(case.method, case.status, case.seconds) for case in cases] == [
        ("T.test_a", "passed", 0.012),
        ("T.test_b", "failed", 0.012),
    ]
    assert heard(lines).output() == "own words\nmore"
    assert cases[0].name == f"{FILE}::T.test_a"
    assert [case.output for case in cases] == ["own words\n", "more"]


def test_endless_lines_are_kept_at_their_end_only() -> None:
    listener = heard(*[b"x" * 50_000] * 20, b"end")
    assert listener.output().endswith("xend")
    assert len(listener.output()) < 400_000


def test_the_frames_of_our_own_unittest_are_left_out(project: Path) -> None:
    trace = f'Traceback:\n  File "unittest.py", line 1, in f\n  File "{FILE}", line 3, in g\nAssertionError: 1\n'
    (case,) = judge(FILE, project, outcome(), heard(marked("failed", "T.t", trace)), None)
    assert "unittest" not in case.detail
    assert case.message == f"{FILE}:3: assert x.answer(1) == 42: words"


def test_what_goes_wrong_outside_the_methods_is_a_result_of_its_own(project: Path) -> None:
    cases = judge(FILE, project, outcome(traceback("OSError: 5")), heard(marked("passed", "T.t")), None)
    assert [(case.method, case.status) for case in cases] == [("T.t", "passed"), ("", "error")]


def test_what_was_told_before_a_hang_stays(project: Path) -> None:
    cases = timed_out(FILE, project, 2.5, heard(marked("passed", "T.t"), b"looping\n"))
    assert [(case.method, case.status) for case in cases] == [("T.t", "passed"), ("", "timeout")]
    assert "2.5 seconds" in cases[1].message
    assert cases[1].output == "looping\n"


@pytest.mark.parametrize(
    ("printed", "kept"), [(b"last words\r\n", ""), (b"first\r\nlast words\r\n", "first\nlast words\n")]
)
def test_a_board_that_fails_in_the_middle_loses_no_result(project: Path, printed: bytes, kept: str) -> None:
    told = MARK + b"('passed', 'T.test_a', 5, '', '')\r\n"
    found = broken_off(FILE, project, BoardError("It restarted.", detail="last words\n"), heard(told, printed))
    assert [(case.method, case.status) for case in found] == [("T.test_a", "passed"), ("", "error")]
    assert (found[1].detail, found[1].output) == ("last words\n", kept)
