"""What a worker thread has to say, waiting until somebody pulls it: bounded in bytes, whatever a board prints.

A worker puts, one other thread drains. ``ring`` is called, from the worker, when there was nothing and now is.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

#: How many bytes of output may wait; of more, the oldest go.
ROOM = 2 * 1024 * 1024
#: How much output one drain hands on by default.
A_DRAIN = ROOM
_MERGED = 64 * 1024
_EVENTS = 2000

E = TypeVar("E")


@dataclass(frozen=True)
class Printed:
    """The board printed ``data``. ``dropped``: so many bytes before it were left out, because nobody took them."""

    data: bytes
    dropped: int = 0


@dataclass
class _Piece:
    data: bytearray
    dropped: int = 0


class Outbox(Generic[E]):
    """Events in their order, with the output between them. ``ring`` must be quick and may come from any thread."""

    def __init__(self, ring: Callable[[], None], room: int = ROOM) -> None:
        self._ring = ring
        self._room = room
        self._lock = threading.Lock()
        self._waiting: deque[E | _Piece] = deque()
        self._bytes = 0

    def put(self, event: E) -> None:
        """Add an event."""
        with self._lock:
            empty = not self._waiting
            self._waiting.append(event)
        if empty:
            self._ring()

    def printed(self, data: bytes) -> None:
        """Add output. The newest :data:`ROOM` bytes are kept, whatever happens."""
        if not data:
            return
        with self._lock:
            empty = not self._waiting
            last = self._waiting[-1] if self._waiting else None
            if isinstance(last, _Piece) and len(last.data) < _MERGED:
                last.data += data
            else:
                self._waiting.append(_Piece(bytearray(data)))
            self._bytes += len(data)
            if self._bytes > self._room:
                self._drop(self._bytes - self._room)
        if empty:
            self._ring()

    def _drop(self, n: int) -> None:
        """Leave out the oldest ``n`` bytes, and say so at the output that comes next."""
        dropped = 0
        kept: list[E | _Piece] = []
        while n > 0:
            item = self._waiting.popleft()
            if not isinstance(item, _Piece):
                kept.append(item)
                continue
            size = min(n, len(item.data))
            del item.data[:size]
            n -= size
            self._bytes -= size
            dropped += size
            if item.data:
                kept.append(item)
            else:
                dropped += item.dropped
        self._waiting.extendleft(reversed(kept))
        next(item for item in self._waiting if isinstance(item, _Piece)).dropped += dropped

    def drain(self, limit: int = A_DRAIN) -> list[E | Printed]:
        """Take what waits, in order, up to ``limit`` bytes of output (at least one event); adjacent output is one."""
        taken: list[E | Printed] = []
        output: list[bytes] = []
        dropped = 0
        with self._lock:
            while self._waiting and limit > 0 and len(taken) < _EVENTS:
                item = self._waiting[0]
                if isinstance(item, _Piece):
                    output.append(bytes(item.data[:limit]))
                    dropped += item.dropped
                    limit -= len(output[-1])
                    self._bytes -= len(output[-1])
                    del item.data[: len(output[-1])]
                    item.dropped = 0
                    if not item.data:
                        self._waiting.popleft()
                    continue
                if output:
                    taken.append(Printed(b"".join(output), dropped))
                    output, dropped = [], 0
                taken.append(self._waiting.popleft())  # type: ignore[arg-type]
        if output:
            taken.append(Printed(b"".join(output), dropped))
        return taken
