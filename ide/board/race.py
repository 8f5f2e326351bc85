"""A race on a board: one function, made in several ways, each timed. Equal results are checked before.

A race is a script of a project that imports ``natmod_race`` (``resources/board/race.py``); ``examples/mandelbrot`` has
one. The project's native module is built and laid beside it, as for any run.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ide.board import deploy, race_lines
from ide.board.boards import Boards
from ide.board.crash_watch import CrashWatch
from ide.board.deploy import RunOutcome, Served
from ide.board.inspect import Identity
from ide.board.pipeline import Made, RunRequest, Stage, prepare
from ide.board.race_lines import Field, Lap, Out, RaceLines, Said
from toolchains import paths, project
from toolchains.build_records import BuildResult
from toolchains.compilers import Choice
from toolchains.errors import BoardError, Cancelled, disk_errors
from toolchains.jobs import JobContext
from toolchains.mpy_loads import NotLoadable
from toolchains.paths import Paths
from toolchains.project import Project
from toolchains.text import _

__all__ = ["Entry", "Field", "Lap", "Out", "RaceFailed", "RaceReport", "Said", "example", "race"]

SCHEMA = 1
SCRIPT = "race.py"
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


@dataclass(frozen=True)
class Entry:
    """A way and how it did. ``laps``: seconds of one call, for each timed run; empty with ``out``."""

    way: str
    laps: tuple[float, ...] = ()
    out: Out | None = None

    @property
    def best(self) -> float | None:
        """The shortest time of one call, in seconds."""
        return min(self.laps) if self.laps else None

    @property
    def median(self) -> float | None:
        """The median time of one call, in seconds."""
        return statistics.median(self.laps) if self.laps else None


@dataclass(frozen=True)
class RaceReport:
    """What a race brought. ``build`` is None, and so is ``build_seconds``, where no native module could race."""

    address: str
    board: Identity
    choice: Choice | None
    build: BuildResult | None
    build_seconds: float | None
    entries: tuple[Entry, ...]
    outcome: RunOutcome

    @property
    def simulated(self) -> bool:
        """Whether the times are a simulator's."""
        return self.address.startswith("sim:") or "simulator" in self.board.machine

    def entry(self, way: str) -> Entry | None:
        """The entry of a way."""
        return next((one for one in self.entries if one.way == way), None)

    def times(self, way: str) -> float | None:
        """How many times as fast as the first way; None if one of the two has no time."""
        own, first = self.entry(way), self.entries[0].best if self.entries else None
        return first / own.best if own is not None and own.best and first is not None else None

    def to_json(self) -> dict[str, object]:
        """The record for programs."""
        return {
            "schema": SCHEMA,
            "kind": "race",
            "address": self.address,
            "simulated": self.simulated,
            "board": self.board.to_json(),
            "build": self.build.to_json() if self.build else None,
            "ways": [
                {
                    "way": one.way,
                    "best": one.best,
                    "median": one.median,
                    "laps": list(one.laps),
                    "times": self.times(one.way),
                    "out": one.out.why if one.out else None,
                    "reason": one.out.reason if one.out else None,
                }
                for one in self.entries
            ],
        }


@contextmanager
def example(own: Paths) -> Iterator[Path]:
    """A fresh copy of our example in the cache, so that its build is a whole one. Raises DiskError."""
    with disk_errors(own.cache):
        own.cache.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="race-", dir=own.cache))
    try:
        with disk_errors(folder):
            leave_out = shutil.ignore_patterns(".natmod", "__pycache__", "tests")
            copy = shutil.copytree(paths.examples() / _EXAMPLE, folder / _EXAMPLE, ignore=leave_out)
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def race(
    ctx: JobContext,
    boards: Boards,
    address: str,
    folder: Path,
    *,
    script: str = SCRIPT,
    on_said: Callable[[Said], None] = lambda said: None,
    on_stage: Callable[[Stage], None] = lambda stage: None,
    on_output: Callable[[bytes], None] = lambda data: None,
) -> RaceReport:
    """Race what ``script`` of the project in ``folder`` enters, on the board at ``address``.

    ``on_said`` gets the field, each lap as it is over, and who is left out; ``on_output`` all that is printed. Raises
    :class:`RaceFailed`, :class:`~ide.board.crash_watch.BoardCrashed`, and what the pipeline raises;
    :class:`~toolchains.errors.Cancelled` after a cancel or a Ctrl-C.
    """
    began: dict[str, float] = {}

    def stage(name: Stage) -> None:
        began[name] = time.perf_counter()
        on_stage(name)

    proj = project.load(folder)
    made, refused = _prepare(ctx, boards, proj, RunRequest(folder, address, script=script), stage)
    stage("put")
    table = _Table(proj.name if refused else None, refused, on_said)
    lines = RaceLines()

    def heard(data: bytes) -> None:
        on_output(data)
        for said in lines.feed(data):
            table.add(said)

    watch = CrashWatch(ctx, boards.toolbox, made, heard)
    served = Served(folder, {**watch.modules, race_lines.MODULE: race_lines.module()})
    with watch, ctx.step(_("Race")):
        outcome = deploy.try_run(
            ctx,
            made.board,
            served,
            script,
            on_output=watch.show,
            on_start=lambda: stage("run"),
            on_place=watch.on_place,
        )
    if outcome.interrupted:
        raise Cancelled
    if not lines.over:
        raise RaceFailed(script, outcome.traceback or outcome.output[-1000:].decode("utf-8", "replace"))
    stage("report")
    seconds = began["check"] - began["build"] if made.build is not None else None
    return RaceReport(address, made.identity, made.choice, made.build, seconds, table.entries(), outcome)


def _prepare(
    ctx: JobContext, boards: Boards, proj: Project, request: RunRequest, on_stage: Callable[[Stage], None]
) -> tuple[Made, str]:
    """The board and the module; where the firmware loads none, the board alone, and why in words."""
    try:
        return prepare(ctx, boards, proj, request, on_stage), ""
    except NotLoadable as error:
        return prepare(ctx, boards, replace(proj, sources=(), makefile=None), request, on_stage), str(error)


@dataclass
class _Table:
    """Laps by way, in the order of the field. ``refused``: why the module ``native`` cannot be loaded."""

    native: str | None
    refused: str
    on_said: Callable[[Said], None]

    def __post_init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def add(self, said: Said) -> None:
        if isinstance(said, Out) and said.way == self.native:
            said = Out(said.way, "left out", self.refused)
        if isinstance(said, Field):
            self._entries = {way: Entry(way) for way in said.ways}
        elif said.way not in self._entries:
            return
        elif isinstance(said, Out):
            self._entries[said.way] = Entry(said.way, out=said)
        else:
            before = self._entries[said.way]
            self._entries[said.way] = replace(before, laps=(*before.laps, said.seconds))
        self.on_said(said)

    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries.values())
