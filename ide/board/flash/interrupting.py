"""Catching a board that restarts, sleeps or runs on: reset it and press Ctrl-C all the time, for a while."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from ide.board.abandon import abandonable
from ide.board.errors import (
    BoardGarbled,
    BoardGone,
    BoardNotAllowed,
    BoardNotFound,
    BoardRestarted,
    BoardSilent,
    BoardTimeout,
)
from ide.board.flash import follow
from ide.board.flash.usb import Track
from ide.board.inspect import Identity
from ide.board.link import Board
from ide.board.repl import FRIENDLY_PROMPT, INTERRUPT
from ide.board.wire import Wire, close_port, open_serial
from toolchains.errors import BoardError
from toolchains.jobs import JobContext

_BAUD = 115200
#: boot.py that restarts at once leaves a window of some ten milliseconds.
_PRESS_S = 0.02
#: How long after a reset it is pressed before the next reset: an ESP32 needs 1 to 2 s until boot.py.
_ROUND_S = 4.0
_LOOK_S = 0.2
_TO_FRIENDLY = b"\x02"
_KEPT = 4096
_TRANSIENT = (BoardGone, BoardNotFound, BoardNotAllowed)
_NOT_YET = (BoardSilent, BoardGarbled, BoardTimeout, BoardRestarted)

#: Told how many seconds are left, and whether the reset button could be pressed from here.
Tell = Callable[[float, bool], None]


@dataclass(frozen=True)
class Caught:
    """A board at its prompt: who it is, and the port that it has now."""

    running: Identity
    port: str


@dataclass
class _Hunt:
    ctx: JobContext
    track: Track
    end: float
    tell: Tell
    can_reset: bool = True
    told: float = math.inf

    def run(self) -> Caught | None:
        while self._left() > 0:
            try:
                port = self._port()
                found = self._connected(port)
            except _TRANSIENT:  # native USB goes away with each reset
                found = None
                self._say()
                time.sleep(_LOOK_S)
            if found is not None:
                return Caught(found, port)
            self.ctx.check()
        return None

    def _port(self) -> str:
        """Where it is now: each reset may give native USB another port, and its old one to another board.

        Raises BoardNotFound while it is away.
        """
        address = follow.glance(self.track)
        if address is None:
            raise BoardNotFound(self.track.port.address)
        return address

    def _left(self) -> float:
        return self.end - time.monotonic()

    def _say(self) -> None:
        left = math.ceil(max(0.0, self._left()))
        if left < self.told:
            self.told = left
            self.tell(left, self.can_reset)

    def _connected(self, port: str) -> Identity | None:
        ctx = self.ctx
        wire = Wire(abandonable(ctx, lambda: open_serial(port, _BAUD, host=ctx.host), close_port), port)
        board = Board(wire, port)
        wire.listen(True)
        try:
            with ctx.cancelling(wire.wake):
                return self._rounds(wire, board)
        finally:
            wire.listen(False)
            board.close()

    def _rounds(self, wire: Wire, board: Board) -> Identity | None:
        while self._left() > 0:
            if self.can_reset:
                self.can_reset = wire.pulse_reset()
            if self._press(wire, min(self.end, time.monotonic() + _ROUND_S)):
                try:
                    return board.identity(self.ctx)
                except _NOT_YET:
                    continue
        return None

    def _press(self, wire: Wire, until: float) -> bool:
        """Press Ctrl-C until a prompt shows; whether it did."""
        said, presses = b"", 0
        while time.monotonic() < until:
            self.ctx.check()
            self._say()
            wire.send(INTERRUPT + (_TO_FRIENDLY if presses % 50 == 49 else b""))
            presses += 1
            said = (said + wire.receive(_PRESS_S))[-_KEPT:]
            if said.endswith(FRIENDLY_PROMPT):
                return True
        return False


def catch(ctx: JobContext, port: str, seconds: float, tell: Tell) -> Caught | None:
    """Bring the board at ``port`` to its prompt within ``seconds``, at whatever port a reset gives it; None: it did
    not come. Changes nothing on it.

    Raises Cancelled, and BoardBusy when another program has the port.
    """
    try:
        return _Hunt(ctx, Track.at(port), time.monotonic() + seconds, tell).run()
    except BoardError as error:
        if isinstance(error, _TRANSIENT + _NOT_YET):
            return None
        raise
