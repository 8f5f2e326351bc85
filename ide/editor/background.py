"""One thread beside the window for the editor's small pieces of disk work, done one after the other. No Qt.

What the job list of the window shows are things that a person waits for; looking whether a file changed is none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from toolchains.errors import StudioError

T = TypeVar("T")


def _ignore(_value: object) -> None:
    """The callback of somebody who does not want to know."""


class Background:
    """The thread. ``ring`` is called from it; ``drain`` then calls back on the window's thread."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._pool: ThreadPoolExecutor | None = None
        self._ended: deque[tuple[Future[Any], Callable[[Any], object], Callable[[StudioError], object]]] = deque()

    def do(
        self,
        work: Callable[[], T],
        done: Callable[[T], object] = _ignore,
        failed: Callable[[StudioError], object] = _ignore,
    ) -> None:
        """Do ``work`` after all that was asked for before; then one of the two callbacks is called by ``drain``."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "editor")

        def over(future: Future[T]) -> None:
            self._ended.append((future, done, failed))
            self._ring()

        self._pool.submit(work).add_done_callback(over)

    def drain(self) -> bool:
        """Call back for what has ended; whether there was something. A fault of ours is raised here."""
        some = bool(self._ended)
        while self._ended:
            future, done, failed = self._ended.popleft()
            error = future.exception()
            if error is None:
                done(future.result())
            elif isinstance(error, StudioError):
                failed(error)
            else:
                raise error
        return some

    def finish(self) -> None:
        """Wait for all that was asked for, and call back."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True)
        self.drain()

    def close(self) -> None:
        """Wait for what is under way; nothing is called back any more."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True)
        self._ended.clear()
