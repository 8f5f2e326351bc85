"""From the board's output to the points, a bounded piece at a time, and only while somebody looks."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Signal

from ide.board.plot import LineReader
from ide.board.plot_table import Table
from ide.context import IdeContext

#: Bytes that wait to be read; of more, the oldest go. While nobody looks, so many of the newest are kept.
ROOM, UNSEEN = 1 << 20, 1 << 18
#: Bytes that are read at a time, and how long reading may take before the window goes on, in s.
_PIECE, _WHILE_S = 6_000, 0.012


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
        self.came.emit()

    def _began(self, kind: str) -> None:
        """A new run begins anew, unless the curves are kept."""
        if kind == "run" and not self.paused:
            self.clear()

    def _printed(self, data: bytes) -> None:
        if self.paused:
            return
        self._waiting += data
        extra = len(self._waiting) - (ROOM if self._watched else UNSEEN)
        if extra > 0:
            # From the beginning of a line on: half a number would be another one.
            cut = self._waiting.find(b"\n", extra) + 1 or len(self._waiting)
            del self._waiting[:cut]
            self._reader = _fresh(self._reader)
            self.dropped += cut
        if self._watched:
            self._ring()

    def _drain(self) -> bool:
        """Read for a moment; whether there was something."""
        if not self._watched or not self._waiting:
            return False
        end, came = time.perf_counter() + _WHILE_S, 0
        while self._waiting and time.perf_counter() < end:
            piece = bytes(self._waiting[:_PIECE])
            del self._waiting[:_PIECE]
            came += self.table.take(self._reader.feed(piece))
        if came:
            self.came.emit()
        return True


def _fresh(reader: LineReader) -> LineReader:
    """A reader that begins with a new line, and knows the names of the curves."""
    made = LineReader()
    made.names = reader.names
    return made
