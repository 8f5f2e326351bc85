"""A race on a board: one function, made in several ways, each timed. Equal results are checked before.

A race is a script of a project that imports ``natmod_race`` (``resources/board/race.py``), as ``examples/mandelbrot``
has one; or any function of a project, whose ways and script are made by machine (:mod:`toolchains.racing`). The
project's native module is built and laid beside it, as for any run.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ide.board import deploy, race_lines
from ide.board.boards import Boards
from ide.board.crash_watch import CrashWatch
from ide.board.deploy import Served
from ide.board.pipeline import Made, RunRequest, Stage, prepare
from ide.board.race_lines import Field, Lap, Out, Said
from ide.board.race_report import Entry, RaceReport
from ide.board.race_sizes import sizes_of
from ide.board.race_table import RaceTable
from ide.board.race_words import label_of, milliseconds
from toolchains import paths, project
from toolchains.errors import BoardError, Cancelled, UsageError, disk_errors
from toolchains.jobs import JobContext
from toolchains.mpy_loads import NotLoadable
from toolchains.paths import Paths
from toolchains.project import Project
from toolchains.racing import Variants
from toolchains.racing.variants import SCRIPT as MADE_SCRIPT
from toolchains.text import _

__all__ = [
    "Entry",
    "Field",
    "Heard",
    "Lap",
    "Out",
    "Race",
    "RaceFailed",
    "RaceReport",
    "RaceStuck",
    "Said",
    "example",
    "race",
]

SCRIPT = "race.py"
#: A way that says nothing for so long does not come back: one lap of a slow board is over in a few seconds.
PATIENCE_S = 60.0
_EXAMPLE = "mandelbrot"


class RaceFailed(BoardError):
    """The script ended before the race did. ``detail``: the board's own words."""

    code = "board.race"

    def __init__(self, script: str, detail: str) -> None:
        super().__init__(
            _("{script} ended before the race was over.", script=script),
            next_step=_("Run {script} by itself to see what it does.", script=script),
            detail=detail,
        )


class RaceStuck(BoardError):
    """A way did not come back, and was stopped. Field ``way``; ``detail``: how the others did."""

    code = "board.race.stuck"

    def __init__(self, way: str, seconds: float, others: Sequence[Entry]) -> None:
        raced = [one for one in others if one.best is not None]
        super().__init__(
            _("{way} did not come back within {n} s, and was stopped.", way=way, n=f"{seconds:g}"),
            why=_("It may never end, or it takes longer than a race waits."),
            next_step=_("Let it do less in one call, or wait longer with: --timeout 300"),
            detail="\n".join(f"{label_of(one)}: {milliseconds(one.best or 0.0)}" for one in raced),
            way=way,
        )


@dataclass(frozen=True)
class Race:
    """What races. ``variants``: ways made by machine, instead of a ``script`` of the project.

    ``runs``: laps of each way, 0: as many as fit into a second. ``patience``: seconds without a word of the race.
    """

    folder: Path
    script: str = SCRIPT
    variants: Variants | None = None
    runs: int = 0
    patience: float = PATIENCE_S
    sdk: str | None = None
    compiler: str | None = None


@dataclass(frozen=True)
class Heard:
    """Who is told what: ``said`` the field, each lap as it is over, who is left out; ``output`` all that is printed."""

    said: Callable[[Said], None] = lambda said: None
    stage: Callable[[Stage], None] = lambda stage: None
    output: Callable[[bytes], None] = lambda data: None


@contextmanager
def example(own: Paths, name: str = _EXAMPLE) -> Iterator[Path]:
    """A fresh copy of one of our examples in the cache, so that its build is a whole one. Raises DiskError."""
    with disk_errors(own.cache):
        own.cache.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="race-", dir=own.cache))
    try:
        with disk_errors(folder):
            leave_out = shutil.ignore_patterns(".natmod", "__pycache__", "tests")
            copy = shutil.copytree(paths.examples() / name, folder / name, ignore=leave_out)
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def race(ctx: JobContext, boards: Boards, address: str, what: Race, heard: Heard = Heard()) -> RaceReport:
    """Race on the board at ``address``.

    Raises :class:`RaceFailed`, :class:`RaceStuck`, :class:`~ide.board.crash_watch.BoardCrashed`, and what the pipeline
    raises; :class:`~toolchains.errors.Cancelled` after a cancel or a Ctrl-C.
    """
    if what.variants is None and not (what.folder / what.script).is_file():
        raise UsageError(
            _("{folder} has no {script}, and no function was named.", folder=what.folder.name, script=what.script),
            next_step=_("Name a function: natmod race {folder} --function NAME", folder=str(what.folder)),
        )
    return _Course(ctx, boards, address, what, heard).run()


@dataclass
class _Course:
    """One race."""

    ctx: JobContext
    boards: Boards
    address: str
    what: Race
    heard: Heard
    began: dict[str, float] = field(default_factory=dict)

    def run(self) -> RaceReport:
        what = self.what
        proj = project.load(what.folder)
        made, refused = self._prepare(proj)
        self._stage("put")
        table = RaceTable(proj.name if refused else None, refused, what.variants, self.heard.said)
        outcome = self._on_board(made, table, self._files())
        if outcome.interrupted:
            raise Cancelled
        if not table.lines.over:
            raise RaceFailed(what.script, outcome.traceback or outcome.output[-1000:].decode("utf-8", "replace"))
        self._stage("report")
        seconds = self.began["check"] - self.began["build"] if made.build is not None else None
        sizes = sizes_of(self.ctx, made, what.folder, self._files(), [one.way for one in table.entries()])
        entries = tuple(replace(one, size=sizes.get(one.way)) for one in table.entries())
        title = what.variants.function.name if what.variants else proj.name
        call = what.variants.function.call if what.variants else ""
        return RaceReport(
            self.address, made.identity, made.choice, made.build, seconds, entries, outcome, table.loop, title, call
        )

    def _stage(self, name: Stage) -> None:
        self.began[name] = time.perf_counter()
        self.heard.stage(name)

    def _files(self) -> Mapping[str, bytes]:
        return self.what.variants.files if self.what.variants is not None else {}

    def _prepare(self, proj: Project) -> tuple[Made, str]:
        """The board and the module; where the firmware loads none, the board alone, and why in words."""
        what = self.what
        request = RunRequest(what.folder, self.address, script=what.script, sdk=what.sdk, compiler=what.compiler)
        try:
            return prepare(self.ctx, self.boards, proj, request, self._stage), ""
        except NotLoadable as error:
            bare = replace(proj, sources=(), makefile=None)
            return prepare(self.ctx, self.boards, bare, request, self._stage), str(error)

    def _on_board(self, made: Made, table: RaceTable, files: Mapping[str, bytes]) -> deploy.RunOutcome:
        script = MADE_SCRIPT if self.what.variants is not None else self.what.script
        with self.ctx.part() as ctx, _Patience(ctx, self.what.patience) as patience:

            def show(data: bytes) -> None:
                self.heard.output(data)
                if table.feed(data):
                    patience.renew()

            watch = CrashWatch(ctx, self.boards.toolbox, made, show)
            overlay = {**watch.modules, **files, race_lines.MODULE: race_lines.module(self.what.runs)}
            served = Served(self.what.folder, overlay)
            try:
                with watch, ctx.step(_("Race")):
                    return deploy.try_run(
                        ctx, made.board, served, script, on_output=watch.show, on_place=watch.on_place,
                        on_start=lambda: self._stage("run"),
                    )  # fmt: skip
            except Cancelled:
                if patience.over:
                    raise RaceStuck(table.running, self.what.patience, table.entries()) from None
                raise


class _Patience:
    """Cancels a job that nobody renewed for so many seconds."""

    def __init__(self, ctx: JobContext, seconds: float) -> None:
        self.over = False
        self._cancel, self._seconds = ctx.cancel, seconds
        self._end, self._word = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._watch, name="race patience", daemon=True)

    def __enter__(self) -> _Patience:
        self._thread.start()
        return self

    def renew(self) -> None:
        """There was a word of the race."""
        self._word.set()

    def _watch(self) -> None:
        while self._word.wait(self._seconds):
            self._word.clear()
            if self._end.is_set():
                return
        self.over = True
        self._cancel()

    def __exit__(self, *_exception: object) -> None:
        self._end.set()
        self._word.set()
        self._thread.join()
