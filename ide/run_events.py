"""What a build or run tells on its way: from its worker to the window, in order, without a flood. No Qt.

A build may print tens of thousands of lines. Lines that nobody took yet become one piece, of which the newest are kept,
so that the window is given a few things to do, and not one for each line.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from toolchains.jobs import Log, Progress

#: Lines that are kept while they wait, and characters of a line.
KEPT = 5000
_LONGEST = 2000


@dataclass(frozen=True)
class Lines:
    """What a tool, or we, said since the last time: the newest :data:`KEPT` lines."""

    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT))


class RunEvents:
    """A queue. ``put`` is called by any worker, ``take`` by the window; ``wake``: there was nothing, and now is."""

    def __init__(self, wake: Callable[[], object]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._waiting: list[object] = []

    def put(self, event: object) -> None:
        """Add an event; :class:`~toolchains.jobs.Log` becomes part of a :class:`Lines`."""
        with self._lock:
            empty = not self._waiting
            if isinstance(event, Log):
                if empty or not isinstance(self._waiting[-1], Lines):
                    self._waiting.append(Lines())
                last = self._waiting[-1]
                assert isinstance(last, Lines)
                last.lines.append(event.line if len(event.line) <= _LONGEST else f"{event.line[:_LONGEST]}…")
            elif isinstance(event, Progress) and not empty and isinstance(self._waiting[-1], Progress):
                self._waiting[-1] = event
            else:
                self._waiting.append(event)
        if empty:
            self._wake()

    def take(self) -> list[object]:
        """All that waits, in its order."""
        with self._lock:
            taken, self._waiting = self._waiting, []
        return taken
