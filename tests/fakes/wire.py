"""Lines between us and a :class:`~tests.fakes.board.FakeBoard`: in memory with its own clock, or on a pty."""

from __future__ import annotations

import os
import random
import select
import threading
import tty
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ide.board.errors import BoardGone
from tests.fakes.board import FakeBoard

_PACKET = 64
_MAX_EVENTS = 200_000
_FOREVER_S = 3000


class Hangs(AssertionError):
    """Somebody waits for ever."""


@dataclass
class Faults:
    """What the line does. Rates are per byte; ``lost_packets``: the 64-byte packets to the board that vanish."""

    rng: random.Random = field(default_factory=lambda: random.Random(0))
    drop_down: float = 0.0
    double_down: float = 0.0
    drop_up: float = 0.0
    double_up: float = 0.0
    lost_packets: frozenset[int] = frozenset()
    split: bool = True
    delay: float = 0.0  # how often a piece is late
    hang_up_after: int | None = None
    _packets: int = 0

    def down(self, data: bytes) -> bytes:
        """What of ``data``, sent to the board in one go, arrives."""
        packets = [data[at : at + _PACKET] for at in range(0, len(data), _PACKET)]
        kept = b"".join(p for n, p in enumerate(packets, self._packets) if n not in self.lost_packets)
        self._packets += len(packets)
        return self._spoil(kept, self.drop_down, self.double_down)

    def up(self, data: bytes) -> bytes:
        """What of the board's ``data`` arrives."""
        return self._spoil(data, self.drop_up, self.double_up)

    def _spoil(self, data: bytes, drop: float, double: float) -> bytes:
        if not drop and not double:
            return data
        out = bytearray()
        for byte in data:
            dice = self.rng.random()
            if dice >= drop:
                out.append(byte)
            if drop <= dice < drop + double:
                out.append(byte)
        return bytes(out)


class MemoryWire:
    """An ``Endpoint`` whose time passes only when somebody waits."""

    def __init__(self, board: FakeBoard, faults: Faults | None = None) -> None:
        self.board = board
        self.faults = faults or Faults()
        self.time = 0.0
        self.events = 0
        self.sent = bytearray()
        self._arriving: deque[bytes] = deque()
        self._received = 0
        self._woken = False
        #: Called on every wait, with the time; may type, cancel or interrupt.
        self.on_wait: Callable[[float], object] | None = None

    def send(self, data: bytes) -> None:
        """To the board, through the faults."""
        self.sent += data
        self._say(self.board.receive(self.faults.down(data)))

    def says(self, data: bytes) -> None:
        """The board says something unasked."""
        self._say(data)

    def _say(self, data: bytes) -> None:
        data = self.faults.up(data)
        rng = self.faults.rng
        while data:
            n = rng.choice((1, 2, 3, 7, 20, 100)) if self.faults.split else len(data)
            self._arriving.append(data[:n])
            data = data[n:]

    def receive(self, timeout: float) -> bytes:
        """The next piece, or nothing and ``timeout`` seconds later."""
        self.events += 1
        if self.events > _MAX_EVENTS:
            raise Hangs
        limit = self.faults.hang_up_after
        if limit is not None and self._received + len(self.sent) > limit:
            raise BoardGone("memory", "unplugged")
        if self._arriving and self.faults.rng.random() < self.faults.delay:
            late = self.faults.rng.choice((0.01, 0.2, 0.8))
            self.time += min(late, timeout)
            if late > timeout:
                return b""
        if not self._arriving and self._woken:
            self._woken = False
            return b""
        if not self._arriving:
            self.time += timeout
            if self.on_wait is not None:
                self.on_wait(self.time)
            elif timeout > _FOREVER_S:
                raise Hangs
            return b""
        self.time += 0.0001
        piece = self._arriving.popleft()
        self._received += len(piece)
        return piece

    alive = True
    backlog = 0
    resettable = False

    def wake(self) -> None:
        """The next wait ends at once."""
        self._woken = True

    def listen(self, on: bool) -> None:
        """Nothing arrives unasked."""

    def pulse_reset(self) -> bool:
        """Press the reset button, if this line has one."""
        if self.resettable:
            self.board.hard_reset()
        return self.resettable

    def close(self) -> None:
        """No more."""
        self.alive = False

    def now(self) -> float:
        """This wire's own time."""
        return self.time

    def pause(self, seconds: float) -> None:
        """Time passes."""
        self.time += seconds


class PtyBoard:
    """A fake board on a real pseudo-terminal; ``path`` is what to open. Use as a context manager.

    ``board`` needs ``receive``; ``stream`` may give bytes that the board says of itself, as fast as they are taken.
    """

    def __init__(self, board: FakeBoard, *, stream: Callable[[], bytes] | None = None) -> None:
        self.board = board
        self.stream = stream or (lambda: b"")
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._serve, name="fake board")
        os.set_blocking(self._master, False)

    def __enter__(self) -> PtyBoard:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.unplug()

    def unplug(self) -> None:
        """Hang up, as a pulled cable does."""
        if self._thread.is_alive():
            os.write(self._wake_write, b"x")
            self._thread.join()
        for fd in (self._master, self._slave, self._wake_read, self._wake_write):
            if fd >= 0:
                os.close(fd)
        self._master = self._slave = self._wake_read = self._wake_write = -1

    def _serve(self) -> None:
        pending = b""
        while True:
            pending = pending or self.stream()
            ready, free, _ = select.select([self._master, self._wake_read], [self._master] if pending else [], [], 0.05)
            if self._wake_read in ready:
                return
            if self._master in ready:
                pending += self.board.receive(os.read(self._master, 4096))
            if free:
                try:
                    pending = pending[os.write(self._master, pending) :]
                except BlockingIOError:
                    continue
