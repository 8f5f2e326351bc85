"""Pause and resume, from any thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from toolchains.jobs import JobContext


class Control:
    """Pauses and resumes whatever downloads it was given to: the connections are closed, what came is kept."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._paused = False
        self._on_pause: list[Callable[[], None]] = []

    @property
    def paused(self) -> bool:
        """Whether it is paused now."""
        return self._paused

    @property
    def heeded(self) -> bool:
        """Whether something runs now that a pause stops at once: a connection, not the unpacking after it."""
        return bool(self._on_pause)

    def pause(self) -> None:
        """Stop for now. Returns at once."""
        with self._changed:
            self._paused = True
            callbacks = list(self._on_pause)
        for callback in callbacks:
            callback()

    def resume(self) -> None:
        """Go on from where it was."""
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    @contextmanager
    def pausing(self, callback: Callable[[], None]) -> Iterator[None]:
        """While the body runs, a pause calls ``callback`` (from the pausing thread); at once if it is paused."""
        with self._changed:
            self._on_pause.append(callback)
            paused = self._paused
        try:
            if paused:
                callback()
            yield
        finally:
            with self._changed:
                self._on_pause.remove(callback)

    def wait(self, ctx: JobContext) -> None:
        """Return when it is not paused. A cancel of ``ctx`` ends the wait, and is raised."""
        if self._paused:
            with ctx.cancelling(self._wake), self._changed:
                self._changed.wait_for(lambda: not self._paused or ctx.cancelled)
        ctx.check()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
