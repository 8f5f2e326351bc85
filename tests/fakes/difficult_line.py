"""A serial line between us and a real board's pty: as slow as one, and as bad as it is told to be."""

from __future__ import annotations

import itertools
import os
import random
import select
import threading
import time
import tty
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

_READ = 4096
#: What a system or another thread prints on the same line, in the middle of everything.
_FOREIGN = (
    b"I (3174) wifi:state: run -> init (0)\r\n",
    b"\r\nGuru Meditation Error: no, only a joke\r\n",
    b"tick\r\n",
    b">>> ",
    b"\x1b[0;32m",
    b"raw REPL",
)


@dataclass(frozen=True)
class Faults:
    """What goes wrong, each as a chance for one piece that is carried; ``vanish_after``: bytes, both ways together."""

    split: float = 0.0
    delay: float = 0.0
    drop: float = 0.0
    repeat: float = 0.0
    corrupt: float = 0.0
    foreign: float = 0.0
    reset_after: int | None = None
    vanish_after: int | None = None


class DifficultLine:
    """Our end is the pty ``port``. ``rate``: bytes a second, each way; None: as fast as it goes.

    ``reset`` presses the board's reset button, once, after ``faults.reset_after`` bytes. ``trouble`` counts what went
    wrong. Nothing goes wrong before :meth:`worsen`.
    """

    def __init__(self, board_port: str, *, rate: float | None = None, reset: Callable[[], None] | None = None) -> None:
        self.carried = 0
        self.trouble = 0
        self._rate, self._reset = rate, reset
        self._faults, self._rng = Faults(), random.Random(0)
        self._lock = threading.Lock()
        self._board = os.open(board_port, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._board)
        self._ours, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._stop_read, self._stop_write = os.pipe()
        self._threads = [
            threading.Thread(target=self._carry, args=ends, name=f"line {ends}")
            for ends in ((self._board, self._ours, True), (self._ours, self._board, False))
        ]
        self._working = len(self._threads)
        for thread in self._threads:
            thread.start()

    def worsen(self, faults: Faults, rng: random.Random) -> None:
        """From now on these faults happen."""
        with self._lock:
            self.carried = 0
            self._faults, self._rng = faults, random.Random(rng.random())

    def _carry(self, source: int, target: int, to_us: bool) -> None:
        try:
            self._carry_on(source, target, to_us)
        finally:
            with self._lock:
                self._working -= 1
                if not self._working:  # who has the port open sees that it is gone
                    os.close(self._slave)
                    os.close(self._ours)

    def _carry_on(self, source: int, target: int, to_us: bool) -> None:
        free_at = time.monotonic()
        size = _READ if self._rate is None else max(16, int(self._rate / 100))
        while True:
            ready, _, _ = select.select([source, self._stop_read], [], [], 0)
            if not ready:  # the line was idle; what waits already follows without a gap, however late this thread is
                ready, _, _ = select.select([source, self._stop_read], [], [])
                free_at = max(free_at, time.monotonic())
            if self._stop_read in ready:
                return
            try:
                data = os.read(source, size)
            except OSError:  # the board, or who talked to it, is gone
                data = b""
            if not data:
                self._hang_up()
                return
            if self._rate is not None:
                free_at += len(data) / self._rate
                if self._wait(free_at - time.monotonic()):
                    return
            for piece, pause in self._spoil(data, to_us):
                if self._wait(pause) or not self._write(target, piece):
                    return

    def _write(self, target: int, data: bytes) -> bool:
        while data:
            _, ready, _ = select.select([self._stop_read], [target], [])
            if not ready:
                return False
            try:
                data = data[os.write(target, data) :]
            except OSError:
                self._hang_up()
                return False
        return True

    def _spoil(self, data: bytes, to_us: bool) -> list[tuple[bytes, float]]:
        """Pieces with the pause before each. At the end of a broken line there is nothing."""
        with self._lock:
            faults, rng = self._faults, self._rng
            before, self.carried = self.carried, self.carried + len(data)
            if faults.vanish_after is not None and self.carried > faults.vanish_after:
                self.trouble += 1
                self._hang_up()
                return []
            reset = faults.reset_after is not None and before <= faults.reset_after < self.carried
            data = self._damage(data, faults, rng, to_us)
            pieces = self._split(data, faults, rng)
        if reset and self._reset is not None:
            self.trouble += 1
            self._reset()
        return pieces

    def _damage(self, data: bytes, faults: Faults, rng: random.Random, to_us: bool) -> bytes:
        at = rng.randrange(len(data))
        n = rng.choice((1, 1, 3, 64))
        if self._happens(faults.drop, rng):
            data = data[:at] + data[at + n :]
        elif self._happens(faults.repeat, rng):
            data = data[:at] + data[at : at + n] + data[at:]
        elif self._happens(faults.corrupt, rng):
            data = data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
        elif to_us and self._happens(faults.foreign, rng):
            data = data[:at] + rng.choice(_FOREIGN) + data[at:]
        return data

    def _split(self, data: bytes, faults: Faults, rng: random.Random) -> list[tuple[bytes, float]]:
        pause = rng.choice((0.02, 0.1, 0.3)) if self._happens(faults.delay, rng) else 0.0
        if not self._happens(faults.split, rng):
            return [(data, pause)]
        cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(1, 5)))
        bounds = [0, *cuts, len(data)]
        return [(data[a:b], pause if not a else 0.001) for a, b in itertools.pairwise(bounds) if b > a]

    def _happens(self, chance: float, rng: random.Random) -> bool:
        if rng.random() >= chance:
            return False
        self.trouble += 1
        return True

    def _wait(self, seconds: float) -> bool:
        """Wait; true when it is over with this line."""
        return bool(select.select([self._stop_read], [], [], max(0.0, seconds))[0])

    def _hang_up(self) -> None:
        """Both sides see the other one gone, as when a cable is pulled out."""
        os.write(self._stop_write, b"x")

    def close(self) -> None:
        """End; whoever has the port open sees it vanish."""
        self._hang_up()
        for thread in self._threads:
            thread.join()
        for end in (self._board, self._stop_read, self._stop_write):
            os.close(end)

    def __enter__(self) -> DifficultLine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
