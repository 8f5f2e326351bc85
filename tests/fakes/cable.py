"""A cable between us and a real board's pty that can be pulled out after a given number of bytes, or lose bytes."""

from __future__ import annotations

import os
import random
import select
import threading
import tty
from types import TracebackType

from ide.board.mount import HostService


class Cable:
    """Our end is the pty ``port``. After ``cut_after`` bytes (both ways together; None: never) it hangs up."""

    def __init__(self, board_port: str, cut_after: int | None = None) -> None:
        self.cut_after = cut_after
        self.carried = 0
        self._board = os.open(board_port, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._board)
        self._ours, slave = os.openpty()
        tty.setraw(slave)
        self.port = os.ttyname(slave)
        self._slave = slave
        self._stop_read, self._stop_write = os.pipe()
        self._thread = threading.Thread(target=self._carry, name="cable")
        self._thread.start()

    def _carry(self) -> None:
        other = {self._board: self._ours, self._ours: self._board}
        try:
            while True:
                ready, _, _ = select.select([*other, self._stop_read], [], [])
                if self._stop_read in ready:
                    return
                for source in ready:
                    data = os.read(source, 4096)
                    if self.cut_after is not None:
                        data = data[: self.cut_after - self.carried]
                    self.carried += len(data)
                    while data:
                        data = data[os.write(other[source], data) :]
                    if self.cut_after is not None and self.carried >= self.cut_after:
                        return
        except OSError:
            return
        finally:
            os.close(self._slave)
            os.close(self._ours)

    def close(self) -> None:
        """Pull it out, if it is not out already."""
        os.write(self._stop_write, b"x")
        self._thread.join()
        for end in (self._board, self._stop_read, self._stop_write):
            os.close(end)

    def __enter__(self) -> Cable:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


class LossyService(HostService):
    """A mount whose frames lose bytes on the way, in both directions: single ones, and packets of 64."""

    rng = random.Random(0)
    rate = 0.0
    lost = 0

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        shown, sent = super().feed(self._lose(data))
        return shown, self._lose(sent)

    def _lose(self, data: bytes) -> bytes:
        if not data or self.rng.random() >= self.rate:
            return data
        at = self.rng.randrange(len(data))
        n = self.rng.choice((1, 1, 3, 64))
        type(self).lost += 1
        return data[:at] + data[at + n :]
