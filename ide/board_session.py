"""The board of this window: which one, how it is, and the way to it. Its worker is :mod:`ide.board.port_worker`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Signal

from ide.engine import Engine
from ide.port_loan import Loan
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import Event, JobContext
from toolchains.text import Text

if TYPE_CHECKING:
    from ide.board.boards import Boards
    from ide.board.crash_watch import CrashFold
    from ide.board.inspect import Identity
    from ide.board.port_worker import PortEvent, PortWorker, Task

T = TypeVar("T")


def _ignore(_value: object) -> None:
    """The callback of somebody who does not want to know."""


class BoardSession(QObject):
    """One board at a time. One that restarts, or that is plugged in again, comes back by itself, at whichever port.

    ``state`` is one of ``none``, ``connecting``, ``prompt``, ``running``, ``busy``, ``lost``, ``closed``, ``lent`` (the
    flasher has its port). ``changed``: address, state or identity did (the address when the board came back at another
    port; tasks still reach it by the old one). ``printed``: bytes for the console. ``dropped``: how many bytes of a
    flood were left out before what comes next. ``plugged``: something was plugged in or out. ``crashed``: the board
    printed a panic (:class:`~toolchains.crash.records.Dump`), of which ``printed`` had the first line only.
    """

    changed = Signal()
    printed = Signal(object)
    dropped = Signal(int)
    failed = Signal(object)
    plugged = Signal()
    crashed = Signal(object)

    def __init__(self, engine: Engine, ring: Callable[[], None]) -> None:
        super().__init__()
        self._engine = engine
        self._ring = ring
        self._worker: PortWorker | None = None
        self._fold: CrashFold | None = None
        self._leaving: list[PortWorker] = []
        self._joins: list[Callable[[float], object]] = []
        self._loan: Loan | None = None
        self._tasks: dict[Task[Any], _Callbacks] = {}
        self.address: str | None = None
        self.state = "none"
        #: At the prompt, a statement was begun and goes on (``...``).
        self.continued = False
        self.identity: Identity | None = None
        self.error: StudioError | None = None

    @property
    def connected(self) -> bool:
        """Whether a board answers."""
        return self.state in ("prompt", "running", "busy")

    def use(self, address: str | None) -> None:
        """Let go of the board that we have, and connect to another one (None: to none)."""
        if address == self.address and self.state not in ("none", "lost", "closed"):
            return
        self.disconnect_board()
        if address is None:
            return
        from ide.board.crash_watch import CrashFold  # here, because the window opens before it
        from ide.board.port_worker import PortWorker

        self._fold = CrashFold(self.crashed.emit)
        self.address, self.state = address, "connecting"
        worker = PortWorker(self._engine.boards, address, self._engine.host, self._ring)
        self._worker = worker
        self.changed.emit()  # first, so that whoever has the port lets go of it
        if self._worker is worker:
            worker.start()

    def disconnect_board(self) -> None:
        """Let go of the board; it stays as it is."""
        self._loan = None
        self._become(None, "none")

    def lend(self, addresses: Collection[str]) -> Loan:
        """Let somebody else have these ports. If the board is at one of them, or there is none, it is ``lent``.

        A serial monitor lets go of its port, too, as it does for every board that is wanted. Each loan is given back.
        """
        if not addresses or self.address not in (None, *addresses):
            return Loan((), lambda _address, _loan: None)
        before = self.address
        self._joins.clear()

        def back(address: str | None, loan: Loan) -> None:
            if self._loan is loan:
                self.disconnect_board()
                self.use(address or before)

        self._become(before or next(iter(addresses)), "lent")
        loan = self._loan = Loan([*(worker.join for worker in self._leaving), *self._joins], back)
        return loan

    def leaving(self, join: Callable[[float], object]) -> None:
        """For whoever lets go of a port because of ``changed``: ``join(seconds)`` waits until that is done."""
        self._joins.append(join)

    def _become(self, address: str | None, state: str) -> None:
        """Let go, and be so from now on."""
        if self._worker is None and not self._tasks and (self.address, self.state) == (address, state):
            return  # nothing changes, and every panel would look again
        if self._worker is not None:
            self._worker.close()
            self._leaving.append(self._worker)
            self._worker = None
        tasks, self._tasks = self._tasks, {}
        self.address, self.identity, self.error, self.state = address, None, None, state
        for callbacks in tasks.values():  # nobody hears of them any more
            callbacks.on_error(Cancelled())
        self.changed.emit()

    def submit(
        self,
        title: Text,
        work: Callable[[JobContext, Boards], T],
        *,
        on_done: Callable[[T], object] = _ignore,
        on_error: Callable[[StudioError], object] | None = None,
        on_event: Callable[[Event], object] = _ignore,
        quiet: bool = False,
    ) -> Task[T] | None:
        """Do something with the board, after what it is doing now; None where there is no board.

        ``quiet``: it only asks something in passing, without a trace on the console.
        """
        if self._worker is None:
            return None
        task = self._worker.submit(work, title, quiet=quiet)
        self._tasks[task] = _Callbacks(on_done, on_error or self.failed.emit, on_event)
        return task

    def printer(self) -> Callable[[bytes], None]:
        """For the ``on_output`` of a task: puts bytes into the console, from any thread."""
        return self._worker.printed if self._worker is not None else _ignore

    def announce(self, title: Text) -> None:
        """Say behind the prompt what is about to be done with the board; then its own prompt begins a line."""
        self.printer()(f"{title}\r\n".encode())

    def type(self, data: bytes) -> None:
        """Type to the board."""
        if self._worker is not None:
            self._worker.type(data)

    def interrupt(self) -> None:
        """Ctrl-C."""
        if self._worker is not None:
            self._worker.interrupt()

    def soft_reset(self) -> None:
        """A fresh interpreter (Ctrl-D)."""
        if self._worker is not None:
            self._worker.soft_reset()

    def hard_reset(self) -> None:
        """Press the reset button."""
        if self._worker is not None:
            self._worker.hard_reset()

    def reconnect(self) -> None:
        """Try again to reach the board that was lost."""
        if self._worker is not None:
            self._worker.reconnect()

    def port_appeared(self) -> None:
        """Something was plugged in: a lost board may be back."""
        self.plugged.emit()
        if self._worker is not None:
            self._worker.port_appeared()

    def drain(self) -> bool:
        """Hand on what the worker said; whether there was something."""
        if self._worker is None:
            return False
        events = self._worker.drain()
        worker = self._worker
        for event in events:
            if worker is self._worker:  # somebody may have chosen another board meanwhile
                self._take(event)
        return bool(events)

    def _take(self, event: PortEvent) -> None:
        from ide.board import port_worker

        if isinstance(event, port_worker.Printed):
            if event.dropped:
                self.dropped.emit(event.dropped)
            shown = self._fold.feed(event.data) if self._fold is not None else event.data
            if shown:
                self.printed.emit(shown)
        elif isinstance(event, port_worker.StateChanged):
            self.state, self.error, self.continued = event.state, event.error, event.continued
            if event.error is not None and not isinstance(event.error, Cancelled):
                self.failed.emit(event.error)
            self.changed.emit()
        elif isinstance(event, port_worker.AddressChanged):
            self.address = event.address
            self.changed.emit()
        elif isinstance(event, port_worker.IdentityKnown):
            self.identity = event.identity
            self.changed.emit()
        elif isinstance(event, port_worker.TaskEvent):
            self._tasks[event.task].on_event(event.event) if event.task in self._tasks else None
        elif isinstance(event, port_worker.TaskEnded):
            self._ended(event)

    def _ended(self, event: Any) -> None:  # noqa: ANN401 - a TaskEnded, whose module is loaded late
        callbacks = self._tasks.pop(event.task, None)
        if callbacks is None:
            return
        if event.error is None:
            callbacks.on_done(event.result)
        else:
            callbacks.on_error(event.error)

    def close(self) -> None:
        """Let go of the board and wait for its threads."""
        self.disconnect_board()
        for worker in self._leaving:
            worker.join()
        self._leaving.clear()


class _Callbacks:
    """Who wants to know about a task."""

    def __init__(
        self,
        on_done: Callable[[Any], object],
        on_error: Callable[[StudioError], object],
        on_event: Callable[[Event], object],
    ) -> None:
        self.on_done, self.on_error, self.on_event = on_done, on_error, on_event
