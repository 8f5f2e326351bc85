"""What can be done with a lesson: run its code on a board, take its projects, check an exercise."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ide.learn.lessons import Lesson, LessonError
from ide.learn.results import Result, now
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.text import _

if TYPE_CHECKING:
    from ide.board.boards import Boards
    from ide.board.testing import BoardResult
    from ide.board.verdicts import Case

_LEFT_BEHIND = shutil.ignore_patterns(".natmod", "__pycache__")
MAIN = "main.py"


def try_snippet(
    ctx: JobContext,
    boards: Boards,
    address: str,
    lesson: Lesson,
    snippet: str,
    own: Paths,
    on_output: Callable[[bytes], None],
) -> bool:
    """Run a snippet on the board; whether it ended without an exception.

    A program runs in a namespace of its own; a file of a project stands for the project, which is built and run.
    Raises LessonError, and what the pipeline and :meth:`ide.board.link.Board.exec` raise.
    """
    from ide.board.board_modules import missing_modules
    from ide.board.errors import BoardExecError
    from ide.board.pipeline import RunRequest, build_put_run

    missing = missing_modules(ctx, boards.open(ctx, address), lesson.needs)
    if missing:
        raise LessonError(
            _("This board does not have {module}, which this code needs.", module=missing[0]),
            next_step=_("Choose another board, such as sim:unix."),
        )
    project = lesson.project(snippet)
    if project is not None:
        with copied(own, project) as folder:
            request = RunRequest(folder, address, mode="try")
            return build_put_run(ctx, boards, request, on_output=on_output).ok
    code = lesson.code(snippet)
    try:
        boards.open(ctx, address).exec(ctx, code, timeout=None, on_output=on_output, isolated=True)
    except BoardExecError as error:
        on_output(error.detail.encode())
        return False
    return True


def run_here(ctx: JobContext, lesson: Lesson, snippet: str, on_line: Callable[[str], None]) -> bool:
    """Run the other end of a connection on this computer; whether it ended well. Raises LessonError, Cancelled."""
    if not lesson.runs_here(snippet):
        raise LessonError(
            _("{name} does not run on this computer.", name=snippet),
            next_step=_("Only what belongs to our own lessons does; look at it, then run it yourself."),
        )
    return ctx.run_lines([sys.executable, "-I", "-u", lesson.file(snippet)], on_line) == 0


@contextmanager
def copied(own: Paths, project: Path) -> Iterator[Path]:
    """A project's copy in the cache, for as long as the block lasts: ours may be read-only. Raises DiskError."""
    with disk_errors(own.cache):
        own.cache.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="learn-", dir=own.cache))
    try:
        with disk_errors(folder):
            copy = Path(shutil.copytree(project, folder / project.name, ignore=_LEFT_BEHIND))
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def take_snippet(lesson: Lesson, snippet: str, into: Path) -> Path:
    """A project of the person's own with this code in it; the one that there is, if there is one. Raises DiskError."""
    project = lesson.project(snippet)
    if project is not None:
        return _take(project, into / f"{lesson.name}-{project.name}")
    target = into / f"{lesson.name}-{Path(snippet).stem}"
    if not target.exists():
        code = lesson.file(snippet)
        with disk_errors(target):
            target.mkdir(parents=True)
            shutil.copyfile(code, target / (MAIN if snippet.endswith(".py") else Path(snippet).name))
    return target


def take_exercise(lesson: Lesson, into: Path) -> Path:
    """The person's copy of a lesson's exercise; the one that there is, if there is one. Raises LessonError, DiskError.

    Its name is the lesson's: so a check finds it again.
    """
    return _take(_exercise(lesson), into / lesson.name)


def _take(project: Path, target: Path) -> Path:
    if not target.exists():
        with disk_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            # Links stay links: what somebody else wrote does not gather files of this computer.
            shutil.copytree(project, target, symlinks=True, ignore=_LEFT_BEHIND, copy_function=shutil.copyfile)
    return target


def _exercise(lesson: Lesson) -> Path:
    found = lesson.exercise
    if found is None:
        raise LessonError(_("Lesson {lesson} has no exercise.", lesson=lesson.name))
    return found


def check(
    ctx: JobContext,
    boards: Boards,
    address: str,
    lesson: Lesson,
    folder: Path,
    person: str,
    on_case: Callable[[str, Case], None] = lambda board, case: None,
) -> tuple[Result, BoardResult]:
    """Run the lesson's own tests on the person's project; the result, and what the tests said.

    The tests are those of the lesson, whatever became of them in the person's folder. Raises LessonError, NoTests,
    and what loading the project raises.
    """
    from ide.board.testing import SuiteRequest, run_tests

    exercise = _exercise(lesson)
    with copied(boards.toolbox.paths, folder) as mine:
        with disk_errors(mine):
            shutil.rmtree(mine / "tests", ignore_errors=True)
            shutil.copytree(exercise / "tests", mine / "tests", ignore=_LEFT_BEHIND)
        said = run_tests(ctx, boards, SuiteRequest(mine, (address,)), on_case)[0]
    good = said.ok and any(case.status == "passed" for case in said.cases)
    tests = tuple((case.name, str(case.status)) for case in said.cases)
    return Result(lesson.name, person, good, now(), tests), said
