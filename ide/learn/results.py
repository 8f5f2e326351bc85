"""Who passed what: one small JSON file for each check, and the table that a teacher makes of a folder of them.

A result file is ``{"schema": 1, "lesson": …, "person": …, "passed": …, "when": …, "tests": […]}``. Files come from
thirty computers: they are read as something that nobody checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ide.learn.lessons import LessonError
from toolchains.errors import StudioError, UsageError, disk_errors
from toolchains.text import Text, _

SCHEMA = 1
SUFFIX = ".natmod-result.json"
_MOST_BYTES = 64 * 1024
_MOST_FILES = 5000
_LONGEST = 80
_NO_NAME = re.compile(r"[^\w-]+")


@dataclass(frozen=True)
class Result:
    """One check. ``when``: UTC, ``2026-11-27T23:10:05Z``. ``tests``: (name, how it ended)."""

    lesson: str
    person: str
    passed: bool
    when: str
    tests: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, object]:
        """The content of its file."""
        return {"schema": SCHEMA, **vars(self), "tests": [list(one) for one in self.tests]}


@dataclass(frozen=True)
class Row:
    """A person's line in the table: for each lesson the result that counts (the first passed, else the last)."""

    person: str
    results: tuple[Result | None, ...]

    @property
    def passed(self) -> int:
        """How many lessons are passed."""
        return sum(one is not None and one.passed for one in self.results)


@dataclass(frozen=True)
class Table:
    """``lessons`` are the columns; ``faults`` say which files could not be used, and why."""

    lessons: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: tuple[Text, ...] = ()


def now() -> str:
    """This moment as result files write it."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def write(folder: Path, result: Result) -> Path:
    """Keep a result in the folder, one file a lesson and person; one that was passed stays passed. Raises DiskError."""
    if not result.person.strip():
        raise UsageError(_("A result needs a name."), next_step=_("Type your name, then check again."))
    if len(result.person) > _LONGEST or not result.person.isprintable():
        raise UsageError(_("This name is too long, or has letters that cannot be shown."), next_step=_("Use another."))
    stem = "-".join(_NO_NAME.sub("_", part.strip())[:_LONGEST] for part in (result.lesson, result.person))
    path = folder / f"{stem}{SUFFIX}"
    with disk_errors(path):
        folder.mkdir(parents=True, exist_ok=True)
        before = _read_or_none(path)
        if before is None or result.passed or not before.passed:
            path.write_text(json.dumps(result.to_json(), ensure_ascii=False, indent=1) + "\n", "utf-8")
    return path


def table(folder: Path, lessons: Sequence[str] = ()) -> Table:
    """All results of a folder and the folders in it. ``lessons``: columns that are there in any case."""
    with disk_errors(folder):
        files = sorted(path for path in _walk(folder))[:_MOST_FILES]
    found: list[Result] = []
    faults: list[Text] = []
    for path in files:
        try:
            found.append(read(path))
        except LessonError as error:
            faults.append(error.what)
    columns = tuple(sorted({*lessons, *(one.lesson for one in found)}))
    people = sorted({one.person for one in found}, key=str.casefold)
    return Table(columns, tuple(Row(one, _counting(found, one, columns)) for one in people), tuple(faults))


def passed_by(folder: Path, person: str) -> frozenset[str]:
    """The lessons that a person has passed, by the results in the folder; none where it cannot be read."""
    try:
        found = table(folder)
    except StudioError:
        return frozenset()
    rows = [row for row in found.rows if row.person == person.strip()]
    return frozenset(one.lesson for row in rows for one in row.results if one is not None and one.passed)


def _walk(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise LessonError(
            _("{folder} is no folder.", folder=folder), next_step=_("Name the folder in which the result files are.")
        )
    return [path for path in folder.rglob(f"*{SUFFIX}") if path.is_file()]


def _counting(found: Sequence[Result], person: str, lessons: Sequence[str]) -> tuple[Result | None, ...]:
    own = sorted((one for one in found if one.person == person), key=lambda one: one.when)
    best: list[Result | None] = []
    for lesson in lessons:
        tries = [one for one in own if one.lesson == lesson]
        best.append(next((one for one in tries if one.passed), tries[-1] if tries else None))
    return tuple(best)


def read(path: Path) -> Result:
    """One result file. Raises LessonError, whose sentence names the file."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        record = json.loads(data.decode("utf-8-sig")) if len(data) <= _MOST_BYTES else None
    except (OSError, ValueError, RecursionError) as error:
        raise LessonError(_("{file} cannot be read ({reason}).", file=path.name, reason=error)) from error
    if not isinstance(record, dict) or record.get("schema") != SCHEMA or not _whole(record):
        raise LessonError(_("{file} is no result of a lesson.", file=path.name))
    tests = tuple((str(one[0]), str(one[1])) for one in record.get("tests", ()) if _pair(one))
    return Result(record["lesson"], record["person"].strip(), record["passed"], record["when"], tests)


def _read_or_none(path: Path) -> Result | None:
    try:
        return read(path)
    except LessonError:
        return None


def _whole(record: dict[str, object]) -> bool:
    words = (record.get("lesson"), record.get("person"), record.get("when"))
    good = all(isinstance(one, str) and one.strip() and len(one) <= _LONGEST * 2 and one.isprintable() for one in words)
    return good and isinstance(record.get("passed"), bool) and isinstance(record.get("tests", []), list)


def _pair(one: object) -> bool:
    return isinstance(one, list) and len(one) == 2
