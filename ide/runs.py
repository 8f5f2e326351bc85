"""Run, build, stop: the one click, started here and told step by step."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QObject, Signal

from ide import problem_sources
from ide.board_session import BoardSession
from ide.engine import Engine
from ide.job_queue import Jobs
from ide.problems import Problem, Problems
from ide.project_session import ProjectSession
from ide.run_events import RunEvents
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import JobContext
from toolchains.text import _

if TYPE_CHECKING:
    from ide.board.boards import Boards
    from ide.board.pipeline import RunReport
    from toolchains.matrix import Outcome
    from toolchains.recipe import Wishes

Kind = Literal["run", "build", "clean"]
#: What is built: the board's own architecture, or names of architectures (``("all",)``: each with a compiler).
BOARD_ARCH: tuple[str, ...] = ()


@dataclass(frozen=True)
class StageBegan:
    """One of the eight steps of design.md section 3 began, ``seconds`` after the start."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Ended:
    """How it ended: a run's report, or the outcomes of builds, or an error. ``seconds`` from the click to now.

    ``stages``: (name, seconds) of each step that there was.
    """

    kind: Kind
    seconds: float
    report: RunReport | None = None
    outcomes: tuple[Outcome, ...] = ()
    error: StudioError | None = None
    stages: tuple[tuple[str, float], ...] = ()

    @property
    def good(self) -> bool:
        """Whether all went well: built, run, and no exception."""
        if self.error is not None or any(outcome.status == "failed" for outcome in self.outcomes):
            return False
        return self.report is None or self.report.ok


@dataclass
class _Current:
    """What runs. ``root``: the folder that places in messages are relative to."""

    kind: Kind
    root: Path
    began: float = field(default_factory=time.monotonic)
    cancel: Callable[[], None] = lambda: None
    stopped: bool = False
    stages: list[tuple[str, float]] = field(default_factory=list)
    problems: dict[Problem, None] = field(default_factory=dict)

    def mark(self, name: str) -> StageBegan:
        """Called in the worker: the time counts from when it happens, not from when it is shown."""
        return StageBegan(name, time.monotonic() - self.began)

    def started(self, cancel: Callable[[], None]) -> None:
        """From now on it can be cancelled; somebody may have wished for that already."""
        self.cancel = cancel
        if self.stopped:
            cancel()


class Runs(QObject):
    """One build or run at a time.

    ``started(kind)``; ``stage(StageBegan)``; ``event``: steps, progress and notes as they come
    (:mod:`toolchains.jobs`), and what tools say (:class:`~ide.run_events.Lines`);
    ``built(Outcome)`` for each architecture; ``made(Made)``: a run's module, before the program starts;
    ``ended(Ended)``.
    """

    started = Signal(str)
    stage = Signal(object)
    event = Signal(object)
    built = Signal(object)
    made = Signal(object)
    ended = Signal(object)

    def __init__(
        self, engine: Engine, jobs: Jobs, project: ProjectSession, board: BoardSession, problems: Problems
    ) -> None:
        super().__init__()
        self._engine, self._jobs, self._project, self._board = engine, jobs, project, board
        self._problems = problems
        self._current: _Current | None = None
        self.last: Ended | None = None
        #: Does what was asked for last once more.
        self.repeat: Callable[[], bool] = lambda: False
        #: What holds for the builds of this session: variables, and the consent to run what a Makefile names.
        self.wishes: Wishes | None = None

    @property
    def busy(self) -> bool:
        """Whether something runs."""
        return self._current is not None

    @property
    def kind(self) -> Kind | None:
        """What runs."""
        return self._current.kind if self._current is not None else None

    def run(self, *, script: str | None = None, project: Path | None = None, mode: str | None = None) -> bool:
        """F5: build, put on the board, run. ``script`` is a path in the project; False where something runs already.

        So it is while the flasher has the board.

        Needs a board: whoever calls this has chosen one.
        """
        if self.busy or self._board.address is None or self._board.state == "lent":
            return False
        self.repeat = lambda: self.run(script=script, project=project, mode=mode)
        address, output = self._board.address, self._board.printer()
        folder, wishes = project or self._project.folder, self.wishes
        current = self._begin("run", folder if folder.is_dir() else folder.parent)

        def work(ctx: JobContext, boards: Boards) -> RunReport:
            from ide import run_console
            from ide.board.pipeline import RunRequest, build_put_run
            from toolchains.recipe import NO_WISHES

            request = RunRequest(folder, address, mode=mode, script=script, wishes=wishes or NO_WISHES)
            put = _listen(ctx)
            with run_console.errors_printed(output):
                report = build_put_run(
                    ctx, boards, request, on_output=output, on_made=put, on_stage=lambda name: put(current.mark(name))
                )
            run_console.print_end(output, report.outcome)
            return report

        task = self._board.submit(
            _("Run"), work, on_done=lambda report: self._end(report=report), on_error=self._fail, on_event=self._told
        )
        assert task is not None
        current.started(task.cancel)
        return True

    def build(self, arches: tuple[str, ...] = BOARD_ARCH, *, clean: bool = False) -> bool:
        """Build for the board's architecture, or for those that are named; with ``clean``, everything anew."""
        if self.busy:
            return False
        self.repeat = lambda: self.build(arches, clean=clean)
        folder, wishes, identity = self._project.folder, self.wishes, self._board.identity
        current = self._begin("build", folder)

        def work(ctx: JobContext) -> list[Outcome]:
            from ide.builds import build_for

            put = _listen(ctx)
            return build_for(
                ctx, self._engine.toolbox(), folder, arches, identity,
                wishes=wishes, clean=clean, on_outcome=put, on_stage=lambda name: put(current.mark(name)),
            )  # fmt: skip

        job = self._jobs.start(
            _("Build"),
            work,
            on_done=lambda outcomes: self._end(outcomes=tuple(outcomes)),
            on_error=self._fail,
            on_event=self._told,
        )
        current.started(job.cancel)
        return True

    def clean(self) -> bool:
        """Remove what builds of the project made."""
        if self.busy:
            return False
        folder = self._project.folder
        current = self._begin("clean", folder)

        def work(ctx: JobContext) -> None:
            from ide.builds import remove_built

            remove_built(ctx, folder)

        job = self._jobs.start(_("Clean"), work, on_done=lambda _none: self._end(), on_error=self._fail)
        current.started(job.cancel)
        return True

    def stop(self) -> None:
        """Cancel what runs here; else Ctrl-C to what was typed at the console."""
        if self._current is not None:
            self._current.stopped = True
            self._current.cancel()
        else:
            self._board.interrupt()

    def close(self) -> None:
        """The window goes: cancel what runs here, and tell nobody any more. A program typed at the console goes on."""
        current, self._current = self._current, None
        if current is not None:
            current.cancel()

    # --- what happens ---------------------------------------------------------------------------------------------

    def _begin(self, kind: Kind, root: Path) -> _Current:
        self._current = _Current(kind, root)
        # What the last build complained about stays in sight until this one knows better: no flicker.
        if kind == "run":
            self._problems.put("run", [])
        self.started.emit(kind)
        return self._current

    def _told(self, events: Any) -> None:  # noqa: ANN401 - what :func:`_listen` sends
        for event in events.take():
            if self._current is not None:
                self._hear(event)

    def _hear(self, event: object) -> None:
        assert self._current is not None
        if isinstance(event, StageBegan):
            self._current.stages.append((event.name, event.seconds))
            self.stage.emit(event)
        elif type(event).__name__ == "Made":  # its module is loaded late
            self._take_build(event)
            self.made.emit(event)
        elif type(event).__name__ == "Outcome":
            self._take_outcome(event)
            self.built.emit(event)
        else:
            self.event.emit(event)

    def _take_build(self, made: Any) -> None:  # noqa: ANN401 - Made
        if self._current is not None:
            warnings = made.build.warnings if made.build is not None else ()
            self._add(problem_sources.of_diagnostics(warnings, self._current.root))

    def _take_outcome(self, outcome: Any) -> None:  # noqa: ANN401 - Outcome
        assert self._current is not None
        if outcome.result is not None:
            self._add(problem_sources.of_diagnostics(outcome.result.warnings, self._current.root))
        if outcome.error is not None and outcome.status == "failed":
            self._add(problem_sources.of_error(outcome.error, self._current.root))

    def _add(self, found: list[Problem]) -> None:
        """Several architectures have the same complaints: each is told once."""
        assert self._current is not None
        self._current.problems.update(dict.fromkeys(found))
        self._problems.put("build", list(self._current.problems))

    def _fail(self, error: StudioError) -> None:
        if self._current is not None and not isinstance(error, Cancelled):
            self._add(problem_sources.of_error(error, self._current.root))
        self._end(error=error)

    def _end(
        self,
        report: RunReport | None = None,
        outcomes: tuple[Outcome, ...] = (),
        error: StudioError | None = None,
    ) -> None:
        current, self._current = self._current, None
        if current is None:
            return
        if current.kind != "clean" and not isinstance(error, Cancelled):
            self._problems.put("build", list(current.problems))
        seconds = time.monotonic() - current.began
        self.last = Ended(current.kind, seconds, report, outcomes, error, _durations(current.stages, seconds))
        outcome = report.outcome if report is not None else None
        if outcome is not None and outcome.traceback and not outcome.interrupted:
            self._problems.put("run", problem_sources.of_traceback(outcome.traceback, current.root))
        self.ended.emit(self.last)


def _listen(ctx: JobContext) -> Callable[[object], None]:
    """In the worker: what the job tells is collected, and the window told that there is something."""
    sink: Any = ctx.sink
    events = RunEvents(lambda: sink(events))
    ctx.sink = events.put
    return events.put


def _durations(stages: list[tuple[str, float]], end: float) -> tuple[tuple[str, float], ...]:
    """From when each began to how long each took."""
    times = [*[seconds for _name, seconds in stages[1:]], end]
    return tuple((name, later - began) for (name, began), later in zip(stages, times, strict=False))
