"""From the board's output to the points, a bounded piece at a time, and only while somebody looks."""

from __future__ import annotations

import time
from collections import deque

from PySide6.QtCore import QObject, Signal

from ide.board.plot import LineReader
from ide.board.plot_table import Table
from ide.context import IdeContext

#: Bytes that wait to be read; of more, the oldest go. While nobody looks, so many of the newest are kept.
ROOM, UNSEEN = 1 << 20, 1 << 18
#: Bytes that are read at a time, and how long reading may take before the window goes on, in s.
_PIECE, _WHILE_S = 6_000, 0.012
#: What comes within so many s came at once.
_APART_S = 0.02


class Feed(QObject):
    """``came``: there are more points. ``dropped``: bytes of a flood that were left out."""

    came = Signal()

    def __init__(self, ctx: IdeContext, parent: QObject) -> None:
        super().__init__(parent)
        self.table = Table()
        self.paused = False
        self.dropped = 0
        self._ring = ctx.ring
        self._reader = LineReader()
        self._waiting = bytearray()
        #: How many bytes came when, of those that wait.
        self._arrivals: deque[tuple[float, int]] = deque()
        self._watched = False
        ctx.board.printed.connect(self._printed)
        ctx.runs.started.connect(self._began)
        undo = ctx.add_drain(self._drain)
        self.destroyed.connect(lambda: undo())

    def watch(self, on: bool) -> None:
        """Somebody looks, or nobody does any more."""
        self._watched = on
        if on and self._waiting:
            self._ring()

    def clear(self) -> None:
        """Begin anew."""
        self.table.clear()
        self._reader = LineReader()
        self._waiting.clear()
        self._arrivals.clear()
        self.came.emit()

    def _began(self, kind: str) -> None:
        """A new run begins anew, unless the curves are kept."""
        if kind == "run" and not self.paused:
            self.clear()

    def _printed(self, data: bytes) -> None:
        if self.paused:
            return
        self._waiting += data
        self._note(len(data))
        extra = len(self._waiting) - (ROOM if self._watched else UNSEEN)
        if extra > 0:
            # From the beginning of a line on: half a number would be another one.
            cut = self._waiting.find(b"\n", extra) + 1 or len(self._waiting)
            self._cut(cut)
            self._reader = _fresh(self._reader)
            self.dropped += cut
        if self._watched:
            self._ring()

    def _note(self, n_bytes: int) -> None:
        """So many bytes came now."""
        now = time.monotonic()
        if self._arrivals and now - self._arrivals[-1][0] < _APART_S:
            now, before = self._arrivals.pop()
            n_bytes += before
        self._arrivals.append((now, n_bytes))

    def _cut(self, n_bytes: int) -> bytes:
        """Take the oldest bytes that wait."""
        piece = bytes(self._waiting[:n_bytes])
        del self._waiting[:n_bytes]
        while n_bytes > 0:
            at, size = self._arrivals.popleft()
            if size > n_bytes:
                self._arrivals.appendleft((at, size - n_bytes))
            n_bytes -= size
        return piece

    def _drain(self) -> bool:
        """Read for a moment; whether there was something."""
        if not self._watched or not self._waiting:
            return False
        end, came = time.perf_counter() + _WHILE_S, 0
        while self._waiting and time.perf_counter() < end:
            at, n_bytes = self._arrivals[0]
            piece = self._cut(min(_PIECE, n_bytes))
            came += self.table.take(self._reader.feed(piece), at)
        if came:
            self.came.emit()
        return True


def _fresh(reader: LineReader) -> LineReader:
    """A reader that begins with a new line, and knows the names of the curves."""
    made = LineReader()
    made.names = reader.names
    return made
