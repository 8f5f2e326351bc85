"""The keeper's heart: one thread that waits for descriptors and for points in time, and calls whoever asked."""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable
from typing import Protocol

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE

Ready = Callable[[int], None]


class HasFileno(Protocol):
    """A socket, or anything else with a descriptor."""

    def fileno(self) -> int:
        """The descriptor."""
        ...


Watched = int | HasFileno


class Loop:
    """Descriptors and timers. Sleeps without waking up when there is nothing to do."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: dict[str, tuple[float, Callable[[], None]]] = {}
        self.running = True

    def watch(self, what: Watched, events: int, ready: Ready) -> None:
        """Call ``ready(events)`` whenever one of ``events`` (READ, WRITE, or 0: never) is possible."""
        known = self._selector.get_map().get(what)
        if not events:
            if known is not None:
                self._selector.unregister(what)
        elif known is None:
            self._selector.register(what, events, ready)
        elif known.events != events or known.data != ready:
            self._selector.modify(what, events, ready)

    def forget(self, what: Watched) -> None:
        """Watch it no more; to be called before it is closed."""
        if what in self._selector.get_map():
            self._selector.unregister(what)

    def call_in(self, name: str, seconds: float, callback: Callable[[], None]) -> None:
        """Call ``callback`` once, ``seconds`` from now; a timer of the same name is replaced."""
        self._timers[name] = (time.monotonic() + seconds, callback)

    def cancel(self, name: str) -> None:
        """Drop the timer of that name, if there is one."""
        self._timers.pop(name, None)

    def stop(self) -> None:
        """Make :meth:`run` return."""
        self.running = False

    def run(self) -> None:
        """Serve until :meth:`stop`."""
        while self.running:
            self._turn()

    def run_until(self, reached: Callable[[], bool], limit: float) -> bool:
        """Serve until ``reached()``, :meth:`stop`, or ``limit`` seconds have passed; ``reached()``."""
        end = time.monotonic() + limit
        self.call_in("run_until", limit, lambda: None)
        while self.running and not reached() and time.monotonic() < end:
            self._turn()
        self.cancel("run_until")
        return reached()

    def close(self) -> None:
        """Give the selector back to the system."""
        self._selector.close()

    def _turn(self) -> None:
        for key, events in self._selector.select(self._patience()):
            # An earlier callback may have forgotten it, and even closed it: then only its number may be asked for.
            if self._selector.get_map().get(key.fd) is key:
                key.data(events)
            if not self.running:
                return
        now = time.monotonic()
        for name, timer in list(self._timers.items()):
            if timer[0] <= now and self._timers.get(name) is timer:  # not replaced or dropped by one before it
                del self._timers[name]
                timer[1]()

    def _patience(self) -> float | None:
        if not self._timers:
            return None
        return max(0.0, min(when for when, _ in self._timers.values()) - time.monotonic())
