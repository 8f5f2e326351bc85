"""What is done to the board's files: one thing after the other in the board's own thread, with its progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QObject, Signal

from ide.context import IdeContext
from ide.panels.files.looker import CONNECTED
from ide.toolchain_tasks import Task
from toolchains.errors import BoardError, Cancelled, StudioError
from toolchains.jobs import JobContext, Progress, StepStarted
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.board.boards import Boards
    from ide.board.link import Board

#: ``act``: the console says so, and the person is asked before a program is stopped. ``look``: the same without a trace
#: on the console. ``pass``: without a trace, and refused (BoardOccupied) where a program runs. ``stop``: unasked.
Way = Literal["act", "look", "pass", "stop"]
#: Done with the board, in its thread.
BoardWork = Callable[[JobContext, "Board"], Any]


class NoBoardHere(BoardError):
    """Something was asked of a board and there is none."""

    code = "files.noboard"

    def __init__(self) -> None:
        super().__init__(_("No board is connected."), next_step=_("Choose a board, then try again."))


def _nobody(_value: object) -> None:
    """Whoever does not want to know."""


@dataclass(frozen=True)
class Held:
    """Something that would stop the program that the board runs: it waits for the person's word."""

    title: Text
    go_on: Callable[[], object]
    leave: Callable[[], object]


class Work(QObject):
    """``changed``: something began, ended, or waits for a word (``held``). ``progressed``: it got further."""

    changed = Signal()
    progressed = Signal()

    def __init__(self, ctx: IdeContext, parent: QObject) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.tasks: list[Task] = []
        self.held: Held | None = None
        self._later: list[tuple[Callable[[], object], Callable[[], object]]] = []
        ctx.board.changed.connect(self._board_changed)

    @property
    def busy(self) -> bool:
        """Whether something is being done, or waits until the board is free."""
        return bool(self.tasks or self._later)

    def start(
        self,
        title: Text,
        work: BoardWork,
        *,
        done: Callable[[Any], object] = _nobody,
        failed: Callable[[StudioError], object] = _nobody,
        way: Way = "act",
    ) -> None:
        """Do it after what is being done, in this ``way``."""
        board = self._ctx.board
        if board.state not in CONNECTED:
            failed(NoBoardHere())
        elif way in ("look", "pass") and board.state == "busy":  # its prompt comes back; only then it can be asked
            self._later.append(
                (lambda: self.start(title, work, done=done, failed=failed, way=way), lambda: failed(NoBoardHere()))
            )
        elif way in ("act", "look") and (board.state == "running" or board.continued):
            self.leave()
            self.held = Held(
                title, lambda: self.start(title, work, done=done, failed=failed, way="stop"),
                lambda: failed(Cancelled()),
            )  # fmt: skip
        else:
            self._submit(title, work, done, failed, quiet=way in ("look", "pass"))
        self.changed.emit()

    def _submit(
        self, title: Text, work: BoardWork, done: Callable[[Any], object], failed: Callable[[StudioError], object],
        *, quiet: bool,
    ) -> None:  # fmt: skip
        board, task = self._ctx.board, Task(title, lambda _ctx, _control: None)
        address = board.address or ""
        task.state = "working"

        def run(ctx: JobContext, boards: Boards) -> Any:  # noqa: ANN401 - what the work makes
            return work(ctx, boards.open(ctx, address))

        if not quiet:
            board.announce(title)
        self.tasks.append(task)
        submitted = board.submit(
            title, run, quiet=quiet, on_event=lambda event: self._hear(task, event),
            on_done=lambda value: self._over(task, lambda: done(value)),
            on_error=lambda error: self._over(task, lambda: failed(error)),
        )  # fmt: skip
        if submitted is not None:
            task.cancel = submitted.cancel

    def cancel(self) -> None:
        """End what is being done; each file then is the old one or the new one."""
        for task in self.tasks:
            task.cancel()

    def go_on(self) -> None:
        """The program on the board may be stopped."""
        held, self.held = self.held, None
        if held is not None:
            held.go_on()
        self.changed.emit()

    def leave(self) -> None:
        """It may not."""
        held, self.held = self.held, None
        if held is not None:
            held.leave()
        self.changed.emit()

    def _board_changed(self) -> None:
        """The board is free, or its program ended by itself: what waited for that is done. Or it is gone."""
        if self._ctx.board.state != "busy":
            later, self._later = self._later, []
            for again, gone in later:
                (again if self._ctx.board.state in CONNECTED else gone)()
        if self.held is None or self._ctx.board.state == "running":
            return
        if self._ctx.board.state == "prompt":
            self.go_on()
        elif self._ctx.board.state not in CONNECTED:
            self.leave()

    def _hear(self, task: Task, event: object) -> None:
        if isinstance(event, Progress):
            task.measure(event)
        elif isinstance(event, StepStarted):
            task.begin_step(event.title)
        else:
            return
        self.progressed.emit()

    def _over(self, task: Task, tell: Callable[[], object]) -> None:
        self.tasks.remove(task)
        tell()
        self.changed.emit()
