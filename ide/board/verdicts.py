"""What a test said on a board, as results: an exception, the marks of our unittest, the output it should have had.

``resources/board/unittest.py`` prints each result of a test method as one line that begins with a mark made for the
run. A test program that uses no unittest is one test.
"""

from __future__ import annotations

import ast
import difflib
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from ide.board.deploy import RunOutcome
from toolchains.errors import StudioError
from toolchains.text import _

Status = Literal["passed", "failed", "error", "skipped", "timeout"]
GOOD: tuple[Status, ...] = ("passed", "skipped")

#: How much of a test's output is kept, bytes from the end; how many lines of a difference are shown.
_KEPT = 256 * 1024
_DIFF_LINES = 60
#: Bytes without an end of line from which on they cannot be a result.
_LONG_LINE = 1 << 16
#: MicroPython's own tests print this word, and perhaps why, when they cannot run.
_SKIP = re.compile(r"SKIP(?:[\s:]+(?P<why>.*))?")
#: A line of a traceback that is about our own unittest.
_OURS = re.compile(r'^  File "unittest\.py", line .*\n')
_FRAME = re.compile(r'^  File "([^"]+)", line (\d+)', re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """One test: a file, or a method of a unittest class in it (``method``: ``Class.test_it``, else empty).

    ``message`` is one line, ``detail`` the traceback or the difference of the outputs, ``output`` what it printed.
    """

    file: str
    method: str
    status: Status
    seconds: float
    message: str = ""
    detail: str = ""
    output: str = ""

    @property
    def name(self) -> str:
        """``tests/test_ring.py::TestRing.test_push``."""
        return f"{self.file}::{self.method}" if self.method else self.file

    @property
    def good(self) -> bool:
        """Whether nothing is wrong: passed, or skipped with a reason."""
        return self.status in GOOD

    def to_json(self) -> dict[str, object]:
        """One entry of the record of ``natmod test --json``."""
        return {"name": self.name, **asdict(self), "seconds": round(self.seconds, 3)}


@dataclass(frozen=True)
class Told:
    """One result that stood in a marked line, and what was printed since the one before."""

    status: Status
    method: str
    seconds: float
    words: str
    traceback: str
    output: str


@dataclass
class Listener:
    """Takes a test's output as it comes: keeps the program's own, and the results that stand in marked lines."""

    mark: bytes
    found: list[Told] = field(default_factory=list)
    _line: bytearray = field(default_factory=bytearray)
    _kept: bytearray = field(default_factory=bytearray)
    _since: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> None:
        """A piece of the output, split anywhere."""
        if b"\n" not in data and len(self._line) < _LONG_LINE:
            self._line += data
            return
        *lines, rest = bytes(self._line + data).split(b"\n")
        self._line = bytearray(rest)
        for line in lines:
            self._take(line + b"\n")
        if len(self._line) >= _LONG_LINE:  # no result of ours
            self._take(bytes(self._line))
            self._line.clear()

    def output(self) -> str:
        """What the program itself printed, with plain line ends."""
        return _text(self._kept + self._line)

    def _take(self, line: bytes) -> None:
        own, mark, result = line.partition(self.mark)
        for kept in (self._kept, self._since):
            kept += own
            del kept[:-_KEPT]
        if mark:
            status, name, milliseconds, words, trace = ast.literal_eval(result.decode("utf-8", "backslashreplace"))
            self.found.append(Told(status, name, milliseconds / 1000, words, trace, _text(self._since)))
            self._since.clear()


def _text(data: bytes | bytearray) -> str:
    return bytes(data).decode("utf-8", "backslashreplace").replace("\r\n", "\n")


def judge(file: str, root: Path, outcome: RunOutcome, heard: Listener, wanted: str | None) -> list[Case]:
    """The results of a test file that came to its end. ``wanted``: the output that it should have, if that is known."""
    whole = Case(file, "", *_verdict(root, outcome, heard, wanted), output=heard.output())
    methods = methods_of(file, root, heard)
    return methods if methods and whole.good else [*methods, whole]


def methods_of(file: str, root: Path, heard: Listener) -> list[Case]:
    """The results that came in marked lines."""
    cases = []
    for told in heard.found:
        detail = "".join(_OURS.sub("", line) for line in told.traceback.rstrip().splitlines(keepends=True))
        words = f"{_place(root, detail)}{told.words}"
        cases.append(Case(file, told.method, told.status, told.seconds, words, detail, told.output))
    return cases


def timed_out(file: str, root: Path, seconds: float, heard: Listener) -> list[Case]:
    """The results of a test file that was stopped after so many seconds."""
    message = str(_("It did not end within {seconds} seconds and was stopped.", seconds=f"{seconds:g}"))
    return [*methods_of(file, root, heard), Case(file, "", "timeout", seconds, message, output=heard.output())]


def broken_off(file: str, root: Path, error: StudioError, heard: Listener) -> list[Case]:
    """The results of a test file in which the board itself failed: what it told before, and the error."""
    output = heard.output()
    if output.strip() in error.detail:  # a board's last words may be all that it said
        output = ""
    return [*methods_of(file, root, heard), Case(file, "", "error", 0.0, str(error), error.detail, output)]


def _verdict(root: Path, outcome: RunOutcome, heard: Listener, wanted: str | None) -> tuple[Status, float, str, str]:
    """Status, seconds, message and detail of the file as one test."""
    output, seconds = heard.output(), outcome.seconds
    if outcome.traceback is not None:
        return _raised(root, outcome.traceback, seconds)
    last = (output.strip().splitlines() or [""])[-1].strip()
    if skipped := _SKIP.fullmatch(last):
        return "skipped", seconds, skipped["why"] or str(_("it says SKIP")), ""
    # After methods of unittest, the value only says what they said already.
    if not outcome.good and not heard.found:
        return "failed", seconds, str(_("It ended with sys.exit({value}).", value=outcome.exit_value)), ""
    if wanted is not None and output != wanted:
        return "failed", seconds, str(_("Its output is not the expected one.")), difference(wanted, output)
    return "passed", seconds, "", ""


def _raised(root: Path, traceback: str, seconds: float) -> tuple[Status, float, str, str]:
    """An exception ended it: a failed assertion, a wish to be skipped, or something else."""
    last = traceback.rstrip().rpartition("\n")[2]
    kind, _colon, words = last.partition(": ")
    if kind == "SkipTest":
        return "skipped", seconds, words, ""
    status: Status = "failed" if kind.rstrip(":") == "AssertionError" else "error"
    return status, seconds, f"{_place(root, traceback)}{last.rstrip(': ')}", traceback.rstrip()


def _place(root: Path, traceback: str) -> str:
    """``tests/x.py:12: assert f(5) == 120: ``, the project's innermost line: MicroPython's assert has no words."""
    for path, number in reversed(_FRAME.findall(traceback)):
        try:
            line = (root / path).read_text("utf-8", "replace").splitlines()[int(number) - 1]
        except (OSError, IndexError, ValueError):
            continue
        return f"{path}:{number}: {line.strip()}: "
    return ""


def difference(wanted: str, output: str) -> str:
    """The lines that differ, as a unified diff: ``-`` was expected, ``+`` came."""
    lines = [*difflib.unified_diff(wanted.splitlines(), output.splitlines(), "expected", "printed", lineterm="")]
    if not lines:
        return str(_("Only the end of the last line differs."))
    more = len(lines) - _DIFF_LINES
    return "\n".join([*lines[:_DIFF_LINES], *([f"… +{more}"] if more > 0 else [])])
