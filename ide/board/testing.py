"""The tests of a project on boards: each file of ``tests`` after a soft reset, with the module and the folder mounted.

A file is one test (it ends without an exception, and prints what ``tests/x.py.exp`` says, if that is there); with
unittest each method is one. Served: a small unittest of ours, unless the project brings its own.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ide.board import board_unittest, deploy
from ide.board.boards import Boards
from ide.board.crash_watch import CrashWatch
from ide.board.deploy import Served
from ide.board.pipeline import Made, RunRequest, prepare
from ide.board.simulator import default_address
from ide.board.verdicts import Case, Listener, broken_off, judge, timed_out
from toolchains import scripts
from toolchains.errors import Cancelled, ProjectError, StudioError, disk_errors
from toolchains.jobs import JobContext
from toolchains.natmod import BuildResult
from toolchains.project import Project
from toolchains.recipe import NO_WISHES, Wishes
from toolchains.scripts import TESTS
from toolchains.text import _

DEFAULT_TIMEOUT_S = 60.0
_EXPECTED = ".exp"
#: The script that runs a test file which defines unittest classes and leaves it to others to run them.
_STARTER = "_natmod_tests.py"
_MAIN = re.compile(r"\bunittest\.main\b|^\s*main\(", re.MULTILINE)


class NoTests(ProjectError):
    """Nothing to test: no Python file in ``tests``, or none that the pattern fits."""

    code = "project.tests"


@dataclass(frozen=True)
class SuiteRequest:
    """Which tests to run where. ``boards``: none means the project's, else a simulated one.

    ``project``: a project's folder, or one test file, which is then the only one (:func:`toolchains.scripts.suite_at`).
    ``pattern`` picks the files whose path, and the methods whose name, contain it. ``timeout``: seconds a file may
    take. ``sdk``, ``compiler``, ``out`` and ``wishes`` are those of :class:`~ide.board.pipeline.RunRequest`.
    """

    project: Path
    boards: tuple[str, ...] = ()
    pattern: str = ""
    timeout: float = DEFAULT_TIMEOUT_S
    sdk: str | None = None
    compiler: str | None = None
    out: Path | None = None
    wishes: Wishes = NO_WISHES


@dataclass(frozen=True)
class BoardResult:
    """What the tests said on one board. ``error``: why the rest of them could not run there."""

    address: str
    cases: tuple[Case, ...]
    build: BuildResult | None = None
    error: StudioError | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.error is None and all(case.good for case in self.cases)

    def to_json(self) -> dict[str, object]:
        """One board of the record of ``natmod test --json``."""
        return {
            "address": self.address,
            "ok": self.ok,
            "error": str(self.error) if self.error else None,
            "build": self.build.to_json() if self.build else None,
            "cases": [case.to_json() for case in self.cases],
        }


def run_tests(
    ctx: JobContext, boards: Boards, request: SuiteRequest, on_case: Callable[[str, Case], None]
) -> list[BoardResult]:
    """Run the tests on each board in turn. ``on_case`` gets the board's address and each result as it is known.

    What fails on a board is in its result; raised is only what concerns all of them: what
    :func:`toolchains.scripts.suite_at` raises, :class:`NoTests`, Cancelled.
    """
    target = scripts.suite_at(request.project)
    proj = target.project
    there = (target.script,) if target.script is not None else files_of(proj)
    files = _chosen(proj, there, request.pattern)
    addresses = request.boards or (proj.board or default_address(boards.toolbox.host),)
    results = [_Suite(ctx, boards, request, proj, address, on_case).run(files) for address in addresses]
    if not any(result.cases or result.error for result in results):
        raise _none_called(proj, there, request.pattern)
    return results


def files_of(proj: Project) -> tuple[str, ...]:
    """The test files of a project, relative to its folder; names that begin with ``_`` are helpers."""
    folder = proj.root / TESTS
    with disk_errors(folder):
        names = sorted(path.name for path in folder.glob("*.py")) if folder.is_dir() else []
    return tuple(f"{TESTS}/{name}" for name in names if not name.startswith(("_", ".")) and name != "conftest.py")


def _chosen(proj: Project, files: Sequence[str], pattern: str) -> dict[str, str]:
    """Which of ``files`` to run, each with the pattern for its methods (empty: all of them)."""
    if not files:
        raise NoTests(
            _("{project} has no tests: there is no Python file in its folder tests.", project=proj.root),
            next_step=_(
                "Write tests/test_{name}.py: import the module and say what must hold with assert.", name=proj.name
            ),
        )
    wanted = pattern.lower()
    named = {file: "" for file in files if wanted in file.lower()}
    texts = {file: _text(proj, file).lower() for file in files}
    methods = {file: wanted for file in files if file not in named and "unittest" in texts[file]}
    file_part, _colons, method = wanted.partition("::")
    exact = {file: method for file in files if method and file_part in file.lower()}
    chosen = exact or named or methods
    if not chosen:
        raise _none_called(proj, files, pattern)
    return chosen


def _none_called(proj: Project, files: Sequence[str], pattern: str) -> NoTests:
    return NoTests(
        _('No test of {project} is called like "{pattern}".', project=proj.root, pattern=pattern),
        next_step=_("There are: {files}.", files=", ".join(files)),
    )


def _text(proj: Project, file: str) -> str:
    with disk_errors(proj.root / file):
        return (proj.root / file).read_text("utf-8", "replace")


@dataclass
class _Suite:
    """The tests of one project on one board."""

    ctx: JobContext
    boards: Boards
    request: SuiteRequest
    proj: Project
    address: str
    on_case: Callable[[str, Case], None]

    def run(self, files: Mapping[str, str]) -> BoardResult:
        """Build once, then run file after file; what breaks a board ends only its own part."""
        cases: list[Case] = []
        made: Made | None = None
        built: BuildResult | None = None
        for file, pick in files.items():
            try:
                made = made or self._prepare()
                built = made.build
            except Cancelled:
                raise
            except StudioError as error:
                return BoardResult(self.address, tuple(cases), built, error)
            found, usable = self._file(made, file, pick)
            made = made if usable else None
            for case in found:
                self.on_case(self.address, case)
            cases += found
        return BoardResult(self.address, tuple(cases), built)

    def _prepare(self) -> Made:
        asked = self.request
        request = RunRequest(
            project=asked.project,
            board=self.address,
            sdk=asked.sdk,
            compiler=asked.compiler,
            out=asked.out,
            wishes=asked.wishes,
        )
        return prepare(self.ctx, self.boards, self.proj, request)

    def _file(self, made: Made, file: str, pick: str) -> tuple[list[Case], bool]:
        """The results of one file, and whether the board can be used on."""
        text = _text(self.proj, file)
        heard = Listener(f"\x1e{secrets.token_hex(4)}".encode())
        watch = CrashWatch(self.ctx, self.boards.toolbox, made, heard.feed)
        served, script = self._served(watch.modules, file, text, heard, pick)
        limit = self.request.timeout
        try:
            title = _("Test {file} on {board}", file=file, board=self.address)
            with watch, self.ctx.step(title), self.ctx.part(limit) as ctx:
                outcome = deploy.try_run(ctx, made.board, served, script, on_output=watch.show, on_place=watch.on_place)
        except Cancelled:
            self.ctx.check()
            return timed_out(file, self.proj.root, limit, heard), True
        except StudioError as error:
            return broken_off(file, self.proj.root, error, heard), False
        found = judge(file, self.proj.root, outcome, heard, self._expected(file))
        return [case for case in found if not pick or case.method or not case.good], True

    def _served(
        self, modules: Mapping[str, bytes], file: str, text: str, heard: Listener, pick: str
    ) -> tuple[Served, str]:
        """The project as the board sees it, and the script that runs the file."""
        overlay = dict(modules)
        script = file
        if board_unittest.wanted(self.proj.root, file):
            overlay[board_unittest.MODULE] = board_unittest.board_unittest(heard.mark.decode(), pick)
        if "unittest" in text and not _MAIN.search(text):
            overlay[_STARTER] = _starter(file)
            script = _STARTER
        return Served(self.proj.root, overlay), script

    def _expected(self, file: str) -> str | None:
        for name in (f"{file}{_EXPECTED}", f"{file.removesuffix('.py')}{_EXPECTED}"):
            if (self.proj.root / name).is_file():
                return _text(self.proj, name).replace("\r\n", "\n")
        return None


def _starter(file: str) -> bytes:
    return f"""import unittest
with open({file!r}) as f:
    f = f.read()
try:
    f = compile(f, {file!r}, "exec")
except NameError:
    pass
exec(f, globals())
unittest.main()
""".encode()
