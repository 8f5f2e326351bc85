"""One piece of work of the flasher at a time: the board's port is lent to it, and got back when it is over."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from PySide6.QtCore import QObject, Signal

from ide.context import IdeContext
from ide.port_loan import Loan
from ide.run_events import Lines, RunEvents
from ide.toolchain_tasks import Task
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import JobContext, Note, Progress, StepStarted
from toolchains.text import Text

#: A job in a worker; what it hands to ``tell`` comes to ``told`` in the window.
FlashWork = Callable[[JobContext, Callable[[object], None]], Any]

#: What the engine logs before the command that it runs.
_PROMPT = "$ "


def _nobody(_value: object) -> None:
    """Whoever does not want to know."""


class Work(QObject):
    """``changed``: work began or ended. ``progressed``: it got further. ``said(lines)``: for the log.

    ``ran(command)``: a program was started, with exactly this line. ``moved(port)``: the board is there now.
    """

    changed = Signal()
    progressed = Signal()
    said = Signal(object)
    ran = Signal(str)
    moved = Signal(str)

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__()
        self._ctx = ctx
        self._ports: Collection[str] = ()
        self.task: Task | None = None
        self.loan: Loan | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being done."""
        return self.task is not None and not self.task.over

    def start(
        self,
        title: Text,
        work: FlashWork,
        *,
        ports: Collection[str] = (),
        done: Callable[[Any], object] = _nobody,
        failed: Callable[[StudioError], object] = _nobody,
        told: Callable[[object], object] = _nobody,
        result: Callable[[Any], Text | None] = lambda _value: None,
        doubtful: Callable[[Any], bool] = lambda _value: False,
        back: Callable[[Any], str | None] = lambda _value: None,
    ) -> bool:
        """Begin, if nothing else is being done. ``ports`` are lent; ``back(result)``: where the board is afterwards."""
        if self.busy:
            return False
        self._ports = ports
        loan = self.loan = self._ctx.board.lend(ports)

        def run(ctx: JobContext) -> Any:  # noqa: ANN401 - what the work makes
            sink: Any = ctx.sink
            events = RunEvents(lambda: sink(events))
            ctx.sink = events.put
            loan.wait()
            return work(ctx, events.put)

        task = self.task = Task(title, lambda ctx, _control: run(ctx), result=result, doubtful=doubtful)
        task.then, task.failed = done, failed
        task.state = "working"
        self.said.emit([str(title)])
        self.changed.emit()
        task.cancel = self._ctx.jobs.start(
            title, run, on_done=lambda value: self._done(task, value, back(value)),
            on_error=lambda error: self._failed(task, error),
            on_event=lambda events: self._hear(task, events, told), long=True,
        ).cancel  # fmt: skip
        return True

    def cancel(self) -> None:
        """End it as soon as that is safe; the end says what state the board is in."""
        if self.task is not None:
            self.task.cancel()

    def forget(self) -> None:
        """Its end was read."""
        if not self.busy:
            self.task = None
            self.changed.emit()

    def follow(self, port: str) -> None:
        """The board of this work is at ``port``, perhaps another one than where it was."""
        if len(self._ports) == 1 and port not in self._ports:
            self.moved.emit(port)

    def _hear(self, task: Task, events: Any, told: Callable[[object], object]) -> None:  # noqa: ANN401 - RunEvents
        for event in events.take():
            if isinstance(event, Progress):
                task.measure(event)
            elif isinstance(event, StepStarted):
                task.begin_step(event.title)
                self.said.emit([str(event.title)])
            elif isinstance(event, Note):
                task.said.append(event.text)
                self.said.emit([str(event.text)])
            elif isinstance(event, Lines):
                self.said.emit([f"    {line}" for line in event.lines])
                for line in event.lines:
                    if line.startswith(_PROMPT):
                        self.ran.emit(line.removeprefix(_PROMPT))
            elif type(event).__module__ != "toolchains.jobs":
                told(event)
        self.progressed.emit()

    def _done(self, task: Task, value: Any, port: str | None) -> None:  # noqa: ANN401 - what the work made
        result, task.doubts = task.result(value), task.doubtful(value)
        if result is not None:
            task.said.append(result)
            self.said.emit([str(result)])
        if port is not None:
            self.follow(port)
        self._over(port)
        task.state = "done"
        if not task.said and self.task is task:  # what came of it is shown elsewhere
            self.task = None
        task.then(value)
        self.changed.emit()

    def _failed(self, task: Task, error: StudioError) -> None:
        task.error = error
        self.said.emit([str(error), *error.detail.splitlines()])
        self._over(None)
        task.state = "failed"
        if type(error) is Cancelled and self.task is task:
            self.task = None
        task.failed(error)
        self.changed.emit()

    def _over(self, port: str | None) -> None:
        if self.loan is not None:
            self.loan.give_back(port)
            self.loan = None
