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
from toolchains.text import Text

T = TypeVar("T")

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


PortEvent = StateChanged | IdentityKnown | Printed | TaskEvent | TaskEnded
