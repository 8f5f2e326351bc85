"""Typed text on its way to a program: put in from any thread, taken out by the one that uses the board."""

from __future__ import annotations

import threading

#: How much may wait for a program before whoever is patient has to wait too.
ROOM = 64 * 1024


class Typed:
    """The text that no program has got yet. All methods may be called from any thread, and from a signal handler."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._change = threading.Condition()
        self._closed = False

    def __bool__(self) -> bool:
        return bool(self._text)

    def put(self, data: bytes, *, patient: bool = False) -> None:
        """Add ``data``. ``patient``: wait until at most :data:`ROOM` bytes are there, or until :meth:`close`."""
        with self._change:
            if patient:
                self._change.wait_for(lambda: len(self._text) < ROOM or self._closed)
            if not self._closed:
                self._text += data

    def take(self, n: int) -> bytes:
        """Remove and return the first ``n`` bytes, or as many as there are."""
        with self._change:
            piece = bytes(self._text[:n])
            del self._text[:n]
            self._change.notify_all()
            return piece

    def clear(self) -> None:
        """Forget what is there."""
        self.take(len(self._text))

    def close(self) -> None:
        """Take no more, and let go of whoever waits."""
        with self._change:
            self._closed = True
            self._text.clear()
            self._change.notify_all()
