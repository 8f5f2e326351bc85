"""Typed text, or what is piped in, to the program that runs on the board."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ide.board.link import Board
from toolchains.errors import UsageError
from toolchains.jobs import JobContext
from toolchains.text import _

_CTRL_C = b"\x03"
#: Ctrl-D: MicroPython's input() takes it for the end of what can be read, and raises EOFError.
_CTRL_D = b"\x04"


def wait_for_enter(ctx: JobContext) -> None:
    """Wait until a line was typed, or is piped in. Raises UsageError where nothing can come, Cancelled."""
    if sys.stdin is None or sys.stdin.closed:
        raise NobodyTypes
    descriptor, over, came = sys.stdin.fileno(), threading.Event(), bytearray()

    def read() -> None:
        while not came.endswith(b"\n") and (byte := os.read(descriptor, 1)):
            came.extend(byte)
        over.set()

    # Reading cannot be interrupted, so the thread is a daemon: it ends with the process.
    threading.Thread(target=read, daemon=True, name="enter").start()
    with ctx.cancelling(over.set):
        over.wait()
    ctx.check()
    if not came:
        raise NobodyTypes


class NobodyTypes(UsageError):
    """Enter is waited for, and standard input has ended."""

    def __init__(self) -> None:
        super().__init__(
            _("This waits for Enter, but nothing can be typed here."),
            next_step=_("Run it in a terminal, or add --script."),
        )


class Typist:
    """Hands typed text to one board after another. What is typed at no board is forgotten; what is piped in waits."""

    def __init__(self) -> None:
        self._board: Board | None = None
        self._change = threading.Condition()
        self._ended = False

    def attach(self, board: Board) -> None:
        """From now on, type to this board."""
        with self._change:
            self._board = board
            self._change.notify_all()
            ended = self._ended
        if ended:
            board.type(_CTRL_D)

    def detach(self) -> None:
        """No program runs that could be typed to."""
        with self._change:
            self._board = None

    def key(self, data: bytes) -> None:
        """A key was pressed."""
        board = self._board
        if board is not None:
            board.type(data)

    def piped(self, data: bytes) -> None:
        """A piece came out of a pipe."""
        with self._change:
            self._change.wait_for(lambda: self._board is not None)
            board = self._board
        assert board is not None
        board.type(data, patient=True)

    def end(self) -> None:
        """There is no more: for this program, and for those after it."""
        with self._change:
            self._ended = True
            board = self._board
        if board is not None:
            board.type(_CTRL_D, patient=True)


@contextmanager
def typing(interrupt: Callable[[], None]) -> Iterator[Typist]:
    """While the body runs, standard input goes to the board that is attached; Ctrl-C on a terminal: ``interrupt``."""
    typist = Typist()
    if sys.stdin is None or sys.stdin.closed:
        typist.end()
        yield typist
    elif sys.stdin.isatty():
        with _keys(typist, interrupt):
            yield typist
    else:
        # Reading a pipe cannot be interrupted, so the thread is a daemon: it ends with the process.
        threading.Thread(target=_pump_pipe, args=(typist,), daemon=True, name="typed text").start()
        yield typist


def _pump_pipe(typist: Typist) -> None:
    # os.read, not sys.stdin.buffer: a thread that waits inside the buffer makes the interpreter abort at its end.
    while data := os.read(sys.stdin.fileno(), 4096):
        typist.piped(data.replace(b"\n", b"\r"))
    typist.end()


@contextmanager
def _keys(typist: Typist, interrupt: Callable[[], None]) -> Iterator[None]:
    """Keys one by one without local echo: the board echoes. pyserial's console knows Windows and POSIX terminals."""
    from serial.tools import miniterm

    console: Any = miniterm.Console()  # its stubs say that getkey() returns nothing
    console.setup()

    def pump() -> None:
        while not stop.is_set():
            key = str(console.getkey()).encode()
            if stop.is_set():
                return
            if key == _CTRL_C:
                interrupt()
            else:
                typist.key(key.replace(b"\n", b"\r"))

    stop = threading.Event()
    thread = threading.Thread(target=pump, daemon=True, name="typed text")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        console.cancel()
        console.cleanup()
