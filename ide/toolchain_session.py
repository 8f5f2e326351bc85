"""Toolchains as the window sees them: what is here, what can be had, what is lacking, and the work on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ide import toolchain_facts
from ide.run_events import Lines, RunEvents
from ide.toolchain_facts import Facts, Pack, name_of
from ide.toolchain_tasks import State, Task
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import JobContext, Note, Progress, StepStarted
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.board_session import BoardSession
    from ide.engine import Engine
    from ide.job_queue import Jobs
    from ide.project_session import ProjectSession
    from toolchains.fetch_control import Control
    from toolchains.providers import Offer
    from toolchains.toolchain_records import Installed

#: So many tasks that failed stay in sight; what went well stays until something else begins.
_KEPT = 3


class ToolchainSession(QObject):
    """One download at a time; what takes no network is done at once.

    ``changed``: the facts were looked up, or could not be. ``tasks_changed``: a task came, went, or is in another
    state. ``progressed(Task)``: it got further. ``said(lines)``: for the log.
    """

    changed = Signal()
    tasks_changed = Signal()
    progressed = Signal(object)
    said = Signal(object)

    def __init__(self, engine: Engine, jobs: Jobs, project: ProjectSession, board: BoardSession) -> None:
        super().__init__()
        self._engine, self._jobs, self._project, self._board = engine, jobs, project, board
        self._looking = self._again = False
        self.facts: Facts | None = None
        self.error: StudioError | None = None
        self.tasks: list[Task] = []
        #: What a pack has that was opened, or that this copy was set up from.
        self.pack: Pack | None = None
        self._asked_pack = False

    # --- what is known --------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Find out anew, in a worker."""
        if self._looking:
            self._again = True
            return
        self._looking = True
        self.ask_pack()
        toolbox, pack = self._engine.toolbox, self.pack
        wish = toolchain_facts.wish_of(self._project.project, self._board.identity)

        def work(ctx: JobContext) -> Facts:
            return toolchain_facts.survey(ctx, toolbox(), wish, pack)

        self._jobs.start(
            _("Look at toolchains"), work, on_done=lambda facts: self._looked(facts, None),
            on_error=lambda error: self._looked(None, error), quiet=True,
        )  # fmt: skip

    def ask_pack(self) -> None:
        """Look, once, for the pack that this copy was set up from. It may be on a server that is off: nobody waits."""
        if self._asked_pack:
            return
        self._asked_pack = True
        paths = self._engine.paths

        def opened(pack: Pack | None) -> None:
            if pack is not None:
                self.use_pack(pack)

        self._jobs.start(
            _("Look at the pack"), lambda ctx: toolchain_facts.open_pack(ctx, None, paths), on_done=opened,
            on_error=lambda _error: None, quiet=True, long=True,
        )  # fmt: skip

    def use_pack(self, pack: Pack) -> None:
        """From now on what this pack has is taken from it."""
        self.pack = pack
        self.look()

    def _looked(self, facts: Facts | None, error: StudioError | None) -> None:
        self._looking = False
        self.facts, self.error = facts or self.facts, error
        self.changed.emit()
        if self._again:
            self._again = False
            self.look()

    # --- work -----------------------------------------------------------------------------------------------------

    def get(
        self,
        offers: Sequence[Offer],
        then: Callable[[], object] = lambda: None,
        failed: Callable[[StudioError], object] = lambda _error: None,
        *,
        or_another: bool = False,
    ) -> Task:
        """Download and install; ``then`` is called when all of them are here. What is on its way is not got twice.

        ``or_another``: where one cannot be reached, another provider's that serves is as good.
        """
        toolbox, pack = self._engine.toolbox, self.pack
        names, about = ", ".join(name_of(offer) for offer in offers), tuple(offer.id for offer in offers)
        on_its_way = next((task for task in self.tasks if not task.over and task.about == about), None)
        if on_its_way is not None:
            self._chain(on_its_way, then, failed)
            return on_its_way

        def work(ctx: JobContext, control: Control) -> list[Installed]:
            manager = toolbox().toolchains
            with toolchain_facts.sources_of(ctx, pack) as sources:
                return [
                    manager.install(
                        ctx, offer, control=control, sources=sources, provider=None if or_another else offer.provider
                    )
                    for offer in offers
                ]

        return self.do(
            Task(
                _("Get {name}", name=names), work, downloads=True, failed=failed, then=lambda _made: then(),
                result=_installed, about=about,
            )
        )  # fmt: skip

    def _chain(self, task: Task, then: Callable[[], object], failed: Callable[[StudioError], object]) -> None:
        """Somebody else waits for the same."""
        before, before_failed = task.then, task.failed

        def both(value: object) -> None:
            before(value)
            then()

        def both_failed(error: StudioError) -> None:
            before_failed(error)
            failed(error)

        task.then, task.failed = both, both_failed

    def getting(self, offer: Offer) -> bool:
        """Whether it is on its way, or waits for its turn."""
        return any(offer.id in task.about for task in self.tasks if not task.over)

    def do(self, task: Task) -> Task:
        """Do this: now, or, for a download, when those before it are over."""
        failed = [one for one in self.tasks if one.state == "failed"]
        old = [one for one in self.tasks if one.state == "done"] + failed[: max(0, len(failed) + 1 - _KEPT)]
        self.tasks = [one for one in self.tasks if one not in old]
        self.tasks.append(task)
        self._next()
        self.tasks_changed.emit()
        return task

    def again(self, task: Task) -> None:
        """What failed, once more."""
        self.tasks.remove(task)
        self.do(
            Task(
                task.title, task.work, task.downloads, task.result, task.doubtful, task.then, task.failed, task.about
            )
        )  # fmt: skip

    def forget(self, task: Task) -> None:
        """It was read."""
        if task in self.tasks and task.over:
            self.tasks.remove(task)
            self.tasks_changed.emit()

    def pause(self, task: Task) -> None:
        """Hold a download; what came so far is kept."""
        if task.control is not None and task.state == "working":
            task.control.pause()
            self._become(task, "paused")

    def resume(self, task: Task) -> None:
        """Go on with it."""
        if task.control is not None and task.state == "paused":
            task.control.resume()
            if task.rate is not None:
                task.rate.rest()
            self._become(task, "working")

    def cancel(self, task: Task) -> None:
        """End it; what came of a download is kept for the next time."""
        if task.state == "waiting":
            self.tasks.remove(task)
            self.tasks_changed.emit()
        else:
            task.cancel()

    @property
    def busy(self) -> bool:
        """Whether something is being done."""
        return any(task.state in ("working", "paused") for task in self.tasks)

    def _next(self) -> None:
        waiting = [task for task in self.tasks if task.state == "waiting"]
        downloading = any(task.downloads and task.state in ("working", "paused") for task in self.tasks)
        for task in waiting:
            if not (task.downloads and downloading):
                downloading = downloading or task.downloads
                self._begin(task)

    def _begin(self, task: Task) -> None:
        from toolchains.fetch_control import Control

        control = task.control = Control()

        def work(ctx: JobContext) -> Any:  # noqa: ANN401 - what the task makes
            return task.work(_listened(ctx), control)

        task.state = "working"
        self.said.emit([str(task.title)])
        task.cancel = self._jobs.start(
            task.title, work, on_done=lambda value: self._done(task, value), long=True,
            on_error=lambda error: self._failed(task, error), on_event=lambda events: self._told(task, events),
        ).cancel  # fmt: skip

    def _told(self, task: Task, events: Any) -> None:  # noqa: ANN401 - RunEvents
        for event in events.take():
            if isinstance(event, Progress):
                task.measure(event)
            elif isinstance(event, StepStarted):
                task.begin_step(event.title)
                if str(event.title) != str(task.title):
                    self.said.emit([str(event.title)])
            elif isinstance(event, Note):
                task.said.append(event.text)
                self.said.emit([str(event.text)])
            elif isinstance(event, Lines):
                self.said.emit([f"    {line}" for line in event.lines])
        self.progressed.emit(task)

    def _done(self, task: Task, value: Any) -> None:  # noqa: ANN401 - what the task made
        result, task.doubts = task.result(value), task.doubtful(value)
        if result is not None:
            task.said.append(result)
            self.said.emit([str(result)])
        self._over(task, "done", keep=bool(task.said))
        task.then(value)

    def _failed(self, task: Task, error: StudioError) -> None:
        task.error = error
        if not isinstance(error, Cancelled):
            self.said.emit([str(error), *error.detail.splitlines()])
        self._over(task, "failed", keep=not isinstance(error, Cancelled))
        task.failed(error)

    def _over(self, task: Task, state: State, *, keep: bool) -> None:
        if not keep and task in self.tasks:
            self.tasks.remove(task)
        task.control = None
        task.state = state
        self._next()
        self.tasks_changed.emit()
        self.look()

    def _become(self, task: Task, state: State) -> None:
        task.state = state
        self.tasks_changed.emit()


def _installed(made: list[Installed]) -> Text:
    return _("{name} is installed.", name=", ".join(name_of(one) for one in made))


def _listened(ctx: JobContext) -> JobContext:
    """What the job tells is collected: a flood of progress becomes the newest of it."""
    sink: Any = ctx.sink
    events = RunEvents(lambda: sink(events))
    ctx.sink = events.put
    return ctx
