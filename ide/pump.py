"""From worker threads to the window, without a wake-up while nothing happens.

A worker appends to a queue of its own and rings; the window pulls. A ring writes one byte into a socket pair that Qt
watches, so no worker ever touches a Qt object (style.md: emitting from workers loses events). After a ring the sources
are drained at once, then every 30 ms as long as they hold something; then the timer stops.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier, QTimer

#: Fast enough for the eye, slow enough that a flood is painted in few large pieces.
TICK_MS = 30

Drain = Callable[[], bool]


class Pump(QObject):
    """Drains the queues of workers on the window's thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._drains: list[Drain] = []
        self._lock = threading.Lock()
        self._rung = False
        self._closed = False
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)
        self._notifier = QSocketNotifier(self._near.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._heard)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    def add(self, drain: Drain) -> Callable[[], None]:
        """Call ``drain`` after each ring; it returns whether there was something. Returns its undo."""
        self._drains.append(drain)
        return lambda: self._drains.remove(drain)

    def ring(self) -> None:
        """From any thread: there is something to pull. Cheap when it has been said already."""
        with self._lock:
            if self._rung or self._closed:
                return
            self._rung = True
            self._far.send(b"!")

    def _heard(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._near.recv(64)
            self._rung = False
        if not self._timer.isActive():
            self._timer.start()
            self._tick()

    def _tick(self) -> None:
        busy = False
        for drain in list(self._drains):
            busy = drain() or busy
        if not busy:
            self._timer.stop()

    def close(self) -> None:
        """Stop; rings that come later are ignored."""
        self._timer.stop()
        self._notifier.setEnabled(False)
        with self._lock:
            self._closed = True
            self._near.close()
            self._far.close()
