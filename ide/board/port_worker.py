"""One board, one thread: jobs one after the other, and between them a person at the terminal.

Whoever owns a :class:`PortWorker` calls it from any thread; nothing blocks. What happens is pulled with
:meth:`PortWorker.drain`. The thread sleeps while nothing happens.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from ide.board.boards import Boards
from ide.board.comeback import Search
from ide.board.errors import BoardGone, OtherBoard
from ide.board.inspect import Identity
from ide.board.link import Board
from ide.board.outbox import A_DRAIN, Outbox, Printed
from ide.board.port_events import (
    AddressChanged,
    BoardOccupied,
    IdentityKnown,
    PortEvent,
    State,
    StateChanged,
    Task,
    TaskEnded,
    TaskEvent,
    TaskFailed,
)
from ide.board.terminal import Greeting, Place
from toolchains.errors import Cancelled, StudioError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.text import Text, _

__all__ = [
    "AddressChanged",
    "BoardOccupied",
    "IdentityKnown",
    "PortEvent",
    "PortWorker",
    "Printed",
    "State",
    "StateChanged",
    "Task",
    "TaskEnded",
    "TaskEvent",
    "TaskFailed",
]

T = TypeVar("T")
#: How often a board is asked who it is when it does not answer properly.
_LOOKS = 3
_log = logging.getLogger(__name__)


class PortWorker:
    """The thread of the board at ``address``. ``make_boards`` is called in it; ``ring``: there is something to drain.

    ``probe``: ask a silent board for its prompt when it is met (:mod:`ide.board.terminal`), and then who it is.
    """

    def __init__(
        self,
        make_boards: Callable[[], Boards],
        address: str,
        host: Host,
        ring: Callable[[], None],
        *,
        probe: bool = True,
    ) -> None:
        self.address = address
        self._make_boards = make_boards
        self._host = host
        self._probe = probe
        self._outbox: Outbox[PortEvent] = Outbox(ring)
        self._change = threading.Condition()
        self._tasks: deque[Task[Any]] = deque()
        self._current: Task[Any] | None = None
        self._wait: JobContext | None = None  # what a job that comes has to end: the terminal, or a connect
        self._closing = False
        self._try_again = True
        self._lost = self._anew = False
        self._search = Search()
        self._looks = 0
        self._goes_on = False
        self._boards: Boards | None = None
        self._told: StateChanged | None = None
        self._identity: Identity | None = None
        self._greeting = Greeting.ALL
        self._place: Place | None = None
        self._thread: threading.Thread | None = None

    # --- from any thread -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Connect, in the worker's thread."""
        self._thread = threading.Thread(target=self._live, name=f"board {self.address}", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[JobContext, Boards], T], title: Text, *, quiet: bool = False) -> Task[T]:
        """Do ``work`` when it is its turn; a person's program that runs then is stopped by what ``work`` does.

        ``quiet``: it only asks something and leaves no trace on the console; if the board is not at its prompt
        by then it is not done and ends with :class:`BoardOccupied`.
        """
        task: Task[T] = Task(title, work, JobContext(self._host), quiet)
        task.ctx.sink = lambda event: self._outbox.put(TaskEvent(task, event))
        with self._change:
            refused = self._closing
            if not refused:
                self._tasks.append(task)
                self._wake()
        if refused:
            self._outbox.put(TaskEnded(task, error=Cancelled()))
        return task

    def type(self, data: bytes) -> None:
        """Type to the program that runs, or at the prompt; forgotten when nobody could read it."""
        board = self._board()
        if board is not None:
            board.type(data)

    def interrupt(self) -> None:
        """Ctrl-C to whatever runs; what was typed and not yet sent is forgotten."""
        board, task = self._board(), self._current
        if board is not None and not (task is not None and task.quiet):
            board.interrupt()

    def soft_reset(self) -> Task[None]:
        """A fresh interpreter: boot.py and main.py run, as after power-on."""
        return self.submit(lambda ctx, boards: boards.open(ctx, self.address).begin_restart(ctx), _("Soft reset"))

    def hard_reset(self) -> Task[None]:
        """Press the reset button."""
        return self.submit(lambda ctx, boards: boards.open(ctx, self.address).press_reset(ctx), _("Reset"))

    def reconnect(self) -> None:
        """Try again to reach a board that was lost, or could not be reached. A person wants whoever is there now."""
        with self._change:
            if self._lost:
                self._try_again = self._anew = True
                self._change.notify_all()

    def port_appeared(self) -> None:
        """A port came: whoever looks at the ports says so (:mod:`ide.board.port_watch`).

        A board that was lost is looked for; another one is not taken for it.
        """
        with self._change:
            if self._lost:
                self._search.begin()
                self._change.notify_all()

    def printed(self, data: bytes) -> None:
        """The ``on_output`` of jobs: show what a program prints."""
        self._outbox.printed(data)

    def drain(self, limit: int = A_DRAIN) -> list[PortEvent]:
        """What happened since the last call, up to ``limit`` bytes of output."""
        return self._outbox.drain(limit)

    def close(self, *, wait: bool = False) -> None:
        """Stop what runs here, let go of the board. :meth:`join` waits for the end, and so does ``wait``."""
        with self._change:
            self._closing = True
            current = self._current
            self._wake()
        if current is not None:
            current.cancel()
        if wait:
            self.join()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread to end, at most ``timeout`` s; whether it has."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def _board(self) -> Board | None:
        boards = self._boards
        return boards.held(self.address) if boards is not None else None

    def _wake(self) -> None:
        """End the terminal or the wait. Called with the lock held."""
        self._change.notify_all()
        if self._wait is not None:
            self._wait.cancel()

    # --- the thread ------------------------------------------------------------------------------------------------

    def _live(self) -> None:
        """Serve until closed. A fault of ours ends this thread, loudly; another one takes over."""
        self._goes_on = False
        try:
            with self._make_boards() as self._boards:
                while not self._closing:
                    self._next()
        except StudioError as error:
            self._tell("lost", error)
        except BaseException:
            _log.exception("The thread of the board %s ended", self.address)
            raise
        finally:
            self._boards = None
            if self._goes_on and not self._closing:
                self.start()
            else:
                self._end()

    def _end(self) -> None:
        with self._change:
            self._closing = True
            left = list(self._tasks)
            self._tasks.clear()
        for task in left:
            self._outbox.put(TaskEnded(task, error=Cancelled()))
        self._tell("closed")

    def _next(self) -> None:
        """One job, or the terminal until the next one, or nothing until somebody wants something."""
        with self._change:
            if self._tasks:
                self._current = self._tasks.popleft()
            elif not self._lost or self._try_again:
                self._wait = JobContext(self._host)
        if self._current is not None:
            self._do(self._current)
        elif self._wait is not None:
            self._serve(self._wait)
        else:
            self._wait_for_board()

    def _wait_for_board(self) -> None:
        """It was lost: until it is there again, or somebody wants something."""
        assert self._boards is not None
        with self._change:
            self._change.wait_for(
                lambda: self._tasks or self._closing or self._try_again or self._search.due, self._search.pause
            )
            if not self._search.due:
                return
        there = self._boards.back(self.address)
        with self._change:
            error = self._search.looked()
            self._try_again = self._try_again or there
        if error is not None and not there:
            self._tell("lost", error)

    def _serve(self, ctx: JobContext) -> None:
        """Be a terminal."""
        assert self._boards is not None
        try:
            board = self._open(ctx, self._boards)
            board.terminal(
                ctx,
                self._outbox.printed,
                on_place=self._at,
                greeting=self._greeting,
                probe=self._probe,
            )
        except Cancelled:
            pass  # somebody wants something else
        except BoardGone as error:
            self._lose(error)
        except StudioError as error:
            self._trouble(error)
        finally:
            with self._change:
                self._wait = None

    def _open(self, ctx: JobContext, boards: Boards) -> Board:
        board = boards.held(self.address)
        if board is not None and board.alive:
            return board
        with self._change:
            again, self._try_again = self._lost, False
            anew, self._anew = self._anew, False
            quiet, refused = self._search.quiet and not anew, self._search.refused
        if not quiet:
            self._tell("connecting")
        self._greeting, self._place, self._looks = Greeting.ALL, None, 0
        if anew and (refused or not boards.back(self.address)):
            boards.meet_anew(self.address)
        board = boards.reopen(ctx, self.address) if again else boards.open(ctx, self.address)
        self._found()
        return board

    def _found(self) -> None:
        """It is here, maybe at another port."""
        assert self._boards is not None
        with self._change:
            self._lost = False
            self._search.end()
        at = self._boards.where(self.address)
        if at != self.address:
            self.address = at
            self._outbox.put(AddressChanged(at))

    def _trouble(self, error: StudioError) -> None:
        """The board could not be opened, or not be brought to its prompt: then it is only listened to."""
        board = self._board()
        if board is None or not board.alive:
            self._lose(error)
        else:
            self._tell("running", error)
            board.leave_alone()

    def _lose(self, error: StudioError) -> None:
        assert self._boards is not None
        error, goes_away = self._boards.lose(JobContext(self._host), self.address, error)
        with self._change:
            state = self._search.lost(error, connected=not self._lost, goes_away=goes_away)
            self._lost, self._try_again = True, False
        if state is not None:
            self._tell(state, error if state == "lost" else None)

    def _at(self, place: Place) -> None:
        self._place = place
        state: State = "running" if place is Place.RUNNING else "prompt"
        self._tell(state, continued=place is Place.MORE)
        board = self._board()
        if place is Place.PROMPT and self._probe and self._looks < _LOOKS and board is not None and board.known is None:
            self._looks += 1
            self.submit(self._look, _("Look at the board"), quiet=True)

    def _look(self, ctx: JobContext, boards: Boards) -> None:
        boards.open(ctx, self.address).identity(ctx)
        boards.prove(ctx, self.address)

    def _do(self, task: Task[Any]) -> None:
        """Do a task, and say how it ended, whatever happens."""
        assert self._boards is not None
        result: Any = None
        error: StudioError | None = TaskFailed(task.title)
        try:
            task.ctx.check()
            self._make_way(task)
            result = task.work(task.ctx, self._boards)
            error = None
        except StudioError as caught:
            error = caught
        except BaseException as fault:
            error = TaskFailed(task.title, "".join(traceback.format_exception(fault)))
            self._goes_on = True
            raise
        finally:
            with self._change:
                self._current = None
            self._outbox.put(TaskEnded(task, result, error))
            self._look_at_board(task, error)

    def _make_way(self, task: Task[Any]) -> None:
        """From the terminal to a job: what was typed is not for the job's program. A quiet one changes nothing."""
        board = self._board()
        if not task.quiet:
            self._greeting, self._place = Greeting.PROMPT, None
            if board is not None:
                board.forget_typed()
            self._tell("busy", task=task)
            if self._boards is not None and self._boards.unproven(self.address):
                self._boards.prove(task.ctx, self.address)
        elif self._lost:
            raise BoardGone(self.address)
        elif self._place is Place.PROMPT:
            self._greeting = Greeting.NOTHING
        elif board is None or not board.ready:
            raise BoardOccupied

    def _look_at_board(self, task: Task[Any], error: StudioError | None) -> None:
        """Is it still there, and is something new known of it?"""
        board = self._board()
        if board is None:
            if isinstance(error, OtherBoard):
                self._lose(error)
            elif self._lost and not task.quiet:
                self._tell("lost", error)
        elif not board.alive:
            self._lose(error or BoardGone(self.address))
        else:
            self._found()
            if not task.quiet:
                board.forget_typed()
            if board.known is not None and board.known is not self._identity:
                self._identity = board.known
                self._outbox.put(IdentityKnown(board.known))

    def _tell(
        self, state: State, error: StudioError | None = None, *, continued: bool = False, task: Task[Any] | None = None
    ) -> None:
        event = StateChanged(state, error, continued, task)
        if event != self._told:
            self._told = event
            self._outbox.put(event)
