"""Whether a chip's loader listens at a port, asked without a child process and without touching its reset lines.

One frame goes there (facts.md f.3: SYNC of Espressif's serial protocol), and the loader answers it. MicroPython at its
prompt gets some letters to its line, which the next Ctrl-C takes away. So it can be asked twice a second while a person
tries with the buttons, and a chip that was brought to download mode by hand is not reset out of it.
"""

from __future__ import annotations

import time
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


def knock(ctx: JobContext, address: str, *, baud: int = _BAUD, tries: int = _TRIES) -> Heard:
    """Ask whether a loader listens at ``address``. Takes at most about half a second.

    Raises BoardNotFound, BoardBusy, BoardNotAllowed, and BoardGone when the port breaks meanwhile.
    """
    port = abandonable(ctx, lambda: open_serial(address, baud, host=ctx.host), close_port)
    try:
        return _ask(ctx, port, tries)
    except OSError as error:
        raise BoardGone(address, str(error)) from error
    finally:
        _release(port)
        close_port(port)


def _ask(ctx: JobContext, port: Any, tries: int) -> Heard:  # noqa: ANN401 -- one of pyserial's classes
    port.timeout = _LOOK_S
    said = bytearray()
    for _try in range(tries):
        port.write(_FRAME)
        end = time.monotonic() + _WAIT_S
        while time.monotonic() < end and len(said) < _MOST:
            ctx.check()
            said += port.read(max(1, port.in_waiting))
            if _ANSWER in said:
                return Heard(True, bytes(said))
    return Heard(False, bytes(said))


def _release(port: Any) -> None:  # noqa: ANN401
    """RTS first, as :mod:`ide.board.wire` does: the other way round passes through "RTS alone", which is a reset."""
    try:
        port.rts = False
        port.dtr = False
    except (OSError, ValueError):  # a pty has no lines
        return
