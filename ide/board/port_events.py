"""What a :class:`~ide.board.port_worker.PortWorker` tells: records, to be pulled in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from ide.board.boards import Boards
from ide.board.inspect import Identity
from ide.board.outbox import Printed
from toolchains.errors import StudioError
from toolchains.jobs import Event, JobContext
from toolchains.text import Text, _

T = TypeVar("T")


class TaskFailed(StudioError):
    """A fault of ours ended a task. ``detail`` is Python's own account of it."""

    code = "internal"

    def __init__(self, title: Text, account: str = "") -> None:
        super().__init__(
            _("“{title}” ended because of a fault in Natmod Studio.", title=title),
            next_step=_("Try again; the log has the details."),
            detail=account,
        )


class BoardOccupied(StudioError):
    """Something small was asked in passing, and the board runs a program."""

    code = "board.occupied"

    def __init__(self) -> None:
        super().__init__(_("The board runs a program."), next_step=_("Stop it first."))


#: ``running``: a program that was typed in, or one that nobody knows. ``busy``: a job has the board.
State = Literal["connecting", "prompt", "running", "busy", "lost", "closed"]


@dataclass(eq=False)
class Task(Generic[T]):
    """Work that waits for the board, or has it. ``quiet``: it asks something in passing, see ``PortWorker.submit``."""

    title: Text
    work: Callable[[JobContext, Boards], T]
    ctx: JobContext
    quiet: bool = False
    _ended: bool = field(default=False, repr=False)

    def cancel(self) -> None:
        """Stop it, from any thread; it ends with :class:`~toolchains.errors.Cancelled`."""
        self.ctx.cancel()


@dataclass(frozen=True)
class StateChanged:
    """How it is with the board. ``error``: why it was lost, or why it could not be brought back to its prompt.

    ``continued``: a statement was begun and goes on (``...``). ``task``: the job that has it, if ``busy``.
    """

    state: State
    error: StudioError | None = None
    continued: bool = False
    task: Task[Any] | None = None


@dataclass(frozen=True)
class AddressChanged:
    """The board came back at another port."""

    address: str


@dataclass(frozen=True)
class IdentityKnown:
    """Who the board is, or what it has left now."""

    identity: Identity


@dataclass(frozen=True)
class TaskEvent:
    """A task said something."""

    task: Task[Any]
    event: Event


@dataclass(frozen=True)
class TaskEnded:
    """A task is over: its result, or its error (:class:`~toolchains.errors.Cancelled` among them)."""

    task: Task[Any]
    result: Any = None
    error: StudioError | None = None


PortEvent = StateChanged | AddressChanged | IdentityKnown | Printed | TaskEvent | TaskEnded
