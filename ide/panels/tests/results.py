"""How the tests stand: what is known of each, from this run or an earlier one. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ide import problem_sources
from ide.panels.tests.found import TestFile
from ide.problems import Problem

if TYPE_CHECKING:
    from ide.board.verdicts import Case

#: ``new``: never run. The others are those of a running test, and of ide/board/verdicts.
State = Literal["new", "waiting", "running", "passed", "failed", "error", "skipped", "timeout"]
BAD: tuple[State, ...] = ("failed", "error", "timeout")
#: Of a file with several tests: the first of these that any of them has.
_WORST: tuple[State, ...] = ("running", "error", "failed", "timeout", "waiting", "passed", "skipped", "new")


@dataclass
class Row:
    """One test: a file (``method`` empty), or a method of it. ``line``: where it is written, from 1."""

    file: str
    method: str
    line: int = 1
    state: State = "new"
    case: Case | None = None

    @property
    def name(self) -> str:
        """As the engine calls it: ``tests/test_ring.py::TestRing.test_push``."""
        return f"{self.file}::{self.method}" if self.method else self.file


@dataclass
class FileRows:
    """A file and its methods."""

    own: Row
    methods: list[Row] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        """All of them."""
        return [self.own, *self.methods]

    @property
    def state(self) -> State:
        """The file's, from its own and from its methods'."""
        states = {row.state for row in (self.rows if self.own.state != "new" or not self.methods else self.methods)}
        return next(state for state in _WORST if state in states)

    @property
    def seconds(self) -> float | None:
        """How long all of it took; None where nothing was run."""
        cases = [row.case for row in self.rows if row.case is not None]
        return sum(case.seconds for case in cases) if cases else None


@dataclass
class Results:
    """All tests of the project, in the order of their files."""

    files: list[FileRows] = field(default_factory=list)

    def set_found(self, found: Sequence[TestFile]) -> None:
        """The files as they are now; what is known of a test that is still there stays."""
        known = {row.name: row for row in self.all()}
        self.files = []
        for one in found:
            rows = [Row(one.path, ""), *(Row(one.path, method.name, method.line) for method in one.methods)]
            for row in rows:
                if (old := known.get(row.name)) is not None:
                    row.state, row.case = old.state, old.case
            self.files.append(FileRows(rows[0], rows[1:]))

    def all(self) -> list[Row]:
        """Every row."""
        return [row for file in self.files for row in file.rows]

    def of(self, name: str) -> Row | None:
        """The row of a test."""
        return next((row for row in self.all() if row.name == name), None)

    def begin(self, names: Iterable[str]) -> None:
        """These are to run now (none: all): what was known of them is forgotten."""
        wanted = tuple(names)
        for row in self.all():
            if not wanted or row.name in wanted or row.file in wanted:
                row.state, row.case = "waiting", None

    def running(self, file: str) -> None:
        """This file is at work on the board."""
        for row in self.all():
            if row.file == file and row.state == "waiting":
                row.state = "running"

    def take(self, case: Case) -> None:
        """A result. A test that nobody knew of gets a row."""
        row = self.of(case.name)
        if row is None:
            row = Row(case.file, case.method)
            home = next((file for file in self.files if file.own.file == case.file), None)
            if home is None or not case.method:
                self.files.append(FileRows(row))
            else:
                home.methods.append(row)
        row.state, row.case = case.status, case

    def end_of(self, file: str) -> None:
        """A file is over: a row of it that got no result of its own was not run, or is told by its methods."""
        for row in self.all():
            if row.file == file and row.state == "running":
                row.state = "new"

    def end(self) -> None:
        """It is over, or was stopped."""
        for row in self.all():
            if row.state in ("waiting", "running"):
                row.state = "new"

    # --- what is asked ---------------------------------------------------------------------------------------------

    def failed(self) -> list[str]:
        """The names of those to run again: a file that failed as a whole stands for its methods."""
        bad = [row for row in self.all() if row.state in BAD]
        whole = {row.file for row in bad if not row.method}
        return [row.name for row in bad if not row.method or row.file not in whole]

    def cases(self) -> list[Case]:
        """Every result that there is."""
        return [row.case for row in self.all() if row.case is not None]

    def count(self, *states: State) -> int:
        """How many tests stand so; a file with methods only counts where it has a result of its own."""
        return sum(row.case is not None and row.state in states for row in self.all())

    def problems(self, root: Path) -> list[Problem]:
        """What failed, each with the place to look at."""
        return [self._problem(row, root) for row in self.all() if row.state in BAD]

    def _problem(self, row: Row, root: Path) -> Problem:
        path, line = place_of(row, root)
        message = row.case.message if row.case is not None else ""
        return Problem("error", f"{row.name}: {message}", path, line, None, row.case.detail if row.case else "")


def place_of(row: Row, root: Path) -> tuple[Path, int]:
    """Where to look: the project's innermost line of the traceback, else where the test is written."""
    if row.case is not None and row.case.detail:
        found = problem_sources.of_traceback(row.case.detail, root)
        if found and found[0].path is not None and found[0].line is not None:
            return found[0].path, found[0].line
    return root / row.file, row.line
