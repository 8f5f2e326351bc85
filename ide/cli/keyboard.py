"""Typed text, or what is piped in, to the program that runs on the board."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ide.board.link import Board

_CTRL_C = b"\x03"
#: Ctrl-D: MicroPython's input() takes it for the end of what can be read, and raises EOFError.
_CTRL_D = b"\x04"


@contextmanager
def typed_text_to(board: Board, interrupt: Callable[[], None]) -> Iterator[None]:
    """While the body runs, hand standard input to the board; Ctrl-C on a terminal calls ``interrupt``."""
    if sys.stdin is None or sys.stdin.closed:
        board.type(_CTRL_D)
        yield
    elif sys.stdin.isatty():
        with _keys(board, interrupt):
            yield
    else:
        # Reading a pipe cannot be interrupted, so the thread is a daemon: it ends with the process.
        threading.Thread(target=_pump_pipe, args=(board,), daemon=True, name="typed text").start()
        yield


def _pump_pipe(board: Board) -> None:
    # os.read, not sys.stdin.buffer: a thread that waits inside the buffer makes the interpreter abort at its end.
    while data := os.read(sys.stdin.fileno(), 4096):
        board.type(data.replace(b"\n", b"\r"), patient=True)
    board.type(_CTRL_D, patient=True)


@contextmanager
def _keys(board: Board, interrupt: Callable[[], None]) -> Iterator[None]:
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
                board.type(key.replace(b"\n", b"\r"))

    stop = threading.Event()
    thread = threading.Thread(target=pump, daemon=True, name="typed text")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        console.cancel()
        console.cleanup()
