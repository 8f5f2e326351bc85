"""One board at one address: :func:`open_link` and :class:`Board`.

The API blocks and is used from one worker thread; :meth:`Board.type`, :meth:`Board.interrupt` and a cancel come from
any thread. Opening does not disturb the board; the first thing asked of it stops what runs and goes to the raw REPL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ide.board import inspect
from ide.board.abandon import abandonable
from ide.board.checked import answer_code, read_answer_and_rest
from ide.board.errors import BoardCannotReset, BoardGarbled
from ide.board.inspect import Identity
from ide.board.repl import INTERRUPT, State
from ide.board.running import Program, StreamService
from ide.board.talk import Talk
from ide.board.terminal import Greeting, Place, Terminal
from ide.board.typed import Typed
from ide.board.wire import Wire, close_port, open_serial
from toolchains.jobs import JobContext

if TYPE_CHECKING:
    from ide.board.restart import Restart

__all__ = ["Board", "StreamService", "open_link"]

DEFAULT_TIMEOUT_S = 10.0
_ASK_TRIES = 3


def open_link(
    ctx: JobContext, address: str, *, hard_reset: Callable[[], None] | None = None, baud: int = 115200
) -> Board:
    """Open ``address`` (a pty, ``/dev/ttyUSB0``, ``COM3``, ``socket://host:port``, ``rfc2217://host:port``).

    ``hard_reset`` presses the board's reset button, where somebody else can (a simulator's keeper).
    Raises BoardNotFound, BoardBusy, BoardNotAllowed.
    """
    port = abandonable(ctx, lambda: open_serial(address, baud, host=ctx.host), close_port)
    return Board(Wire(port, address), address, hard_reset=hard_reset, baud=baud)


class Board:
    """An open connection to a board."""

    def __init__(
        self, wire: Wire, address: str, *, hard_reset: Callable[[], None] | None = None, baud: int = 115200
    ) -> None:
        self.address = address
        self._wire = wire
        self._talk = Talk(wire, baud=baud, press_reset=self._press_reset)
        self._reset_hook = hard_reset
        self._identity: Identity | None = None
        self._program: Program | Terminal | None = None
        self._typed = Typed()
        #: It is at its friendly prompt, or runs a program of its own: left alone until somebody wants something else.
        self._on_its_own = False
        self._asked = False
        self._last: Terminal | None = None
        self._unshown = b""

    @property
    def alive(self) -> bool:
        """Whether the connection stands, as far as we know."""
        return self._wire.alive

    @property
    def known(self) -> Identity | None:
        """Who the board is, if it was asked."""
        return self._identity

    @property
    def ready(self) -> bool:
        """Whether it waits for the next job, as far as we know."""
        return self._talk.repl.state is State.READY

    @contextmanager
    def _working(self, ctx: JobContext) -> Iterator[None]:
        """Listen to the board, and let a cancel end the wait for it."""
        self._on_its_own, self._asked, self._last, self._unshown = False, True, None, b""
        self._wire.listen(True)
        try:
            with self._talk.cancelled_by(ctx):
                yield
        finally:
            self._wire.listen(False)

    def identity(self, ctx: JobContext | None = None, *, fresh: bool = False) -> Identity:
        """Who the board is, in one round trip; remembered, unless ``fresh`` asks for heap and file system as of now."""
        if self._identity is None or fresh:
            value = self.ask(ctx or JobContext(), inspect.IDENTITY_EXPRESSION, inspect.IDENTITY_SETUP, isolated=True)
            self._identity = inspect.identity_from(value)
        return self._identity

    def ask(self, ctx: JobContext, expression: str, setup: str = "", *, isolated: bool = False) -> object:
        """The value of a Python expression on the board: anything made of literals. ``setup`` is run before it.

        The answer carries a checksum and is asked for again when it was damaged, so ask only what may be asked twice.
        """
        code = answer_code(expression, setup)
        for left in reversed(range(_ASK_TRIES)):
            try:
                output = self.exec(ctx, code, isolated=isolated)
                value, others = read_answer_and_rest(output)
                self.aside(others)
                return value
            except BoardGarbled:
                if not left:
                    raise
        raise AssertionError

    def aside(self, data: bytes) -> None:
        """Came with an answer and is none of it: a quiet job's terminal shows it (:mod:`ide.board.asides`)."""
        self._talk.asides.printed(data)

    def soft_reset(self, ctx: JobContext) -> None:
        """A fresh interpreter at the raw prompt: boot.py ran, main.py did not, all memory is free again."""
        with self._working(ctx):
            self._talk.soft_reset(ctx)

    def restart(
        self,
        ctx: JobContext,
        *,
        on_output: Callable[[bytes], None] = lambda data: None,
        quiet: float = 2.0,
        limit: float = 10.0,
    ) -> Restart:
        """Start the board anew, boot.py and main.py too, show what comes at first, and leave it running.

        See :func:`ide.board.restart.restart`. The board runs on by itself after :meth:`close`; anything else that is
        asked of it stops its program, as always.
        """
        from ide.board.restart import restart  # here, because few jobs need it

        with self._working(ctx):
            began = restart(ctx, self._talk, on_output, quiet=quiet, limit=limit)
        self._on_its_own = True
        return began

    def begin_restart(self, ctx: JobContext) -> None:
        """Start the board anew, boot.py and main.py too. :meth:`terminal` shows what it says since."""
        from ide.board.restart import begin  # here, because few jobs need it

        with self._working(ctx):
            self._unshown = begin(ctx, self._talk)
        self._on_its_own = True

    def press_reset(self, ctx: JobContext) -> None:
        """Press the reset button and let the board start by itself. Raises BoardCannotReset when nobody here can."""
        with self._working(ctx):
            self._press_reset()
        self._on_its_own = True

    def leave_alone(self) -> None:
        """It cannot be brought to its prompt: only listen to it from now on, until somebody wants something else."""
        self._on_its_own = True

    def terminal(
        self,
        ctx: JobContext,
        on_output: Callable[[bytes], None],
        *,
        on_place: Callable[[Place], None] = lambda place: None,
        greeting: Greeting = Greeting.PROMPT,
        probe: bool = True,
    ) -> None:
        """Let a person talk to the board until ``ctx`` is cancelled, which is no error; see :mod:`ide.board.terminal`.

        Raises BoardGone, and BoardSilent or BoardGarbled when it could not be brought back from a job.
        """
        terminal = Terminal(
            ctx=ctx,
            talk=self._talk,
            typed=self._typed,
            backlog=lambda: self._wire.backlog,
            on_output=on_output,
            on_place=on_place,
            greeting=greeting,
            last=self._last,
        )
        settled = None if self._on_its_own else terminal.leave_job if self._asked else terminal.look
        self._program = self._last = terminal
        self._wire.listen(True)
        try:
            if settled is not None and (probe or self._asked):
                self._on_its_own = False
                settled()
            self._on_its_own = not ctx.cancelled or settled is None
            unshown, self._unshown = self._unshown, b""
            terminal.run(unshown)
        finally:
            self._wire.listen(False)
            self._program = None

    def exec(
        self,
        ctx: JobContext,
        code: str | bytes,
        *,
        timeout: float | None = DEFAULT_TIMEOUT_S,
        on_output: Callable[[bytes], None] | None = None,
        service: StreamService | None = None,
        checked: bool = True,
        isolated: bool = False,
        binascii: bool = False,
    ) -> bytes:
        """Run ``code`` on the board; what it printed.

        ``timeout`` is how many seconds of silence are too long; None: as long as the program runs. ``on_output`` gets
        the output as it comes; then only the last :data:`~ide.board.running.KEPT` bytes are returned, and typed text
        (:meth:`type`) goes to this program. ``service`` takes its frames out of the output.

        ``checked`` lets the board verify that the code arrived whole before it runs it (see ``checked.py``; it costs
        the code's size in board memory) and sends it again if not; without it, lost bytes can change what runs.

        ``isolated`` (always checked) runs it in a namespace of its own instead of ``__main__``: it meets none of
        main.py's names and leaves none. ``binascii``: the code needs that module anyway, so it may do the verifying.

        Raises BoardExecError (with the board's traceback), BoardTimeout, BoardGarbled, BoardRestarted, BoardGone,
        BoardSilent; Cancelled after the program was stopped.
        """
        text = code.encode() if isinstance(code, str) else code
        program = Program(
            ctx=ctx,
            talk=self._talk,
            code=text,
            timeout=timeout,
            on_output=on_output,
            service=service,
            typed=self._typed,
            backlog=lambda: self._wire.backlog,
            hard_reset=self._press_reset,
            checked=checked or isolated,
            isolated=isolated,
            crc32=self._identity.crc32 if self._identity is not None else None if binascii else False,
        )
        self._program = program
        try:
            with self._working(ctx):
                return program.run()
        finally:
            self._program = None

    def type(self, data: bytes, *, patient: bool = False) -> None:
        """Type to the running program, from any thread. Kept for the next program with ``on_output`` if none runs.

        ``patient``: wait while much is waiting already, for a source without end such as a pipe.
        """
        self._typed.put(data, patient=patient)
        self._wire.wake()

    def forget_typed(self) -> None:
        """What was typed and not yet sent is not for the next program."""
        self._typed.clear()

    def interrupt(self) -> None:
        """Ctrl-C to the running program, from any thread; nothing when none runs. Typed text that waits is dropped."""
        program = self._program  # no lock: a signal handler may come while this very thread holds it
        if program is not None:
            program.interrupt()
        self._wire.wake()

    def hard_reset(self, ctx: JobContext) -> None:
        """Press the reset button, then go to the raw prompt. Raises BoardCannotReset when nobody here can."""
        self._press_reset()
        with self._working(ctx):
            self._talk.ready(ctx)

    def _press_reset(self) -> None:
        self._talk.repl.lost()
        if self._reset_hook is not None:
            self._reset_hook()
        elif not self._wire.pulse_reset():
            raise BoardCannotReset(self.address)

    def close(self) -> None:
        """Leave the board at its friendly prompt, as other tools expect it, or alone; close the port."""
        self._typed.close()
        if self.alive and not self._on_its_own and self._talk.answered:
            stop = b"" if self._talk.repl.state is State.READY else INTERRUPT + INTERRUPT
            self._wire.send(stop + self._talk.repl.leave())
        self._wire.close()
