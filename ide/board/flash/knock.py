"""Whether a chip's loader listens at a port, asked without a child process and without touching its reset lines.

One frame goes there (facts.md f.3: SYNC of Espressif's serial protocol), and the loader answers it. MicroPython at its
prompt gets some letters to its line, which the next Ctrl-C takes away. So it can be asked twice a second while a person
tries with the buttons, and a chip that was brought to download mode by hand is not reset out of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ide.board.abandon import abandonable
from ide.board.classify import kind_of
from ide.board.errors import BoardGone
from ide.board.wire import close_port, open_serial
from toolchains.jobs import JobContext

_END = b"\xc0"
_SYNC = 0x08
_BODY = b"\x07\x07\x12\x20" + 32 * b"\x55"
#: Direction 0, operation, length, checksum (none), in little-endian order; between two ends of SLIP.
_FRAME = _END + bytes((0, _SYNC, len(_BODY), 0, 0, 0, 0, 0)) + _BODY + _END
#: Direction 1 and the same operation.
_ANSWER = _END + bytes((1, _SYNC))

_BAUD = 115200
_LOOK_S = 0.05
#: How long one knock waits for its answer, and how often it knocks.
_WAIT_S = 0.25
_TRIES = 2
#: Away with what a program does; a chip that starts again and again says so within this time.
_INTERRUPT = b"\r\x03\x03"
_GREETING_S = 0.7
_MOST = 64 * 1024


@dataclass(frozen=True)
class Heard:
    """What came back: whether the loader answered, and all that was said meanwhile."""

    loader: bool
    said: bytes

    @property
    def silence(self) -> str:
        """What it looks like when it is not the loader, as a kind of :mod:`ide.board.classify`."""
        return "bootloader" if self.loader else kind_of(self.said)


def knock(ctx: JobContext, address: str, *, baud: int = _BAUD) -> Heard:
    """Ask whether a loader listens at ``address``. Takes at most about half a second.

    Raises BoardNotFound, BoardBusy, BoardNotAllowed, and BoardGone when the port breaks meanwhile.
    """
    return _with(ctx, address, baud, lambda port: _knock(ctx, port))


def look(ctx: JobContext, address: str, *, baud: int = _BAUD) -> Heard:
    """What is at ``address``: a Ctrl-C for whatever runs there, and only if nothing comes back a knock.

    Raises as :func:`knock`.
    """

    def ask(port: Any) -> Heard:  # noqa: ANN401
        said = _exchange(ctx, port, _INTERRUPT, _GREETING_S, lambda said: False)
        return Heard(False, said) if said else _knock(ctx, port)

    return _with(ctx, address, baud, ask)


def _with(ctx: JobContext, address: str, baud: int, ask: Callable[[Any], Heard]) -> Heard:
    port = abandonable(ctx, lambda: open_serial(address, baud, host=ctx.host), close_port)
    try:
        port.timeout = _LOOK_S
        return ask(port)
    except OSError as error:
        raise BoardGone(address, str(error)) from error
    finally:
        _release(port)
        close_port(port)


def _knock(ctx: JobContext, port: Any) -> Heard:  # noqa: ANN401 -- one of pyserial's classes
    said = b""
    for _try in range(_TRIES):
        said += _exchange(ctx, port, _FRAME, _WAIT_S, lambda said: _ANSWER in said)
        if _ANSWER in said:
            return Heard(True, said)
    return Heard(False, said)


def _exchange(ctx: JobContext, port: Any, sent: bytes, seconds: float, done: Callable[[bytes], bool]) -> bytes:  # noqa: ANN401
    port.write(sent)
    said = b""
    end = time.monotonic() + seconds
    while time.monotonic() < end and len(said) < _MOST and not done(said):
        ctx.check()
        said += port.read(max(1, port.in_waiting))
    return said


def _release(port: Any) -> None:  # noqa: ANN401
    """RTS first, as :mod:`ide.board.wire` does: the other way round passes through "RTS alone", which is a reset."""
    try:
        port.rts = False
        port.dtr = False
    except (OSError, ValueError):  # a pty has no lines
        return
