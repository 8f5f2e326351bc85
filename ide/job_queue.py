"""Long work beside the window: started here, done by a few threads, its events pulled by the window. No Qt.

Every long task is ``work(ctx) -> result``. What it tells through its :class:`~toolchains.jobs.JobContext` and how it
ended wait in a queue until :meth:`Jobs.drain` is called on the window's thread; callbacks run there only.
"""

from __future__ import annotations

import os
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import Event, JobContext
from toolchains.text import Text

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

T = TypeVar("T")

_WORKERS = min(4, os.cpu_count() or 1)
#: How many events one drain hands on: 20 000 compiler lines must not hold the window up.
_A_DRAIN = 500


def _ignore(_value: object) -> None:
    """The callback of somebody who does not want to know."""


@dataclass(eq=False)
class Job(Generic[T]):
    """One piece of work that runs or waits for a thread."""

    title: Text
    ctx: JobContext
    on_done: Callable[[T], object]
    on_error: Callable[[StudioError], object]
    on_event: Callable[[Event], object]
    #: Over in an instant: nothing to tell the person about.
    quiet: bool = False
    over: bool = False

    def cancel(self) -> None:
        """End it as soon as it looks; it then ends with :class:`~toolchains.errors.Cancelled`."""
        self.ctx.cancel()


class Jobs:
    """The threads and the queue. ``ring`` is called from workers, ``crashed`` (on the window's thread) with an error
    that is a fault of ours. Errors that nobody asked for go to ``failed``."""

    def __init__(
        self,
        ring: Callable[[], None],
        failed: Callable[[StudioError], object] = _ignore,
        crashed: Callable[[BaseException], object] = _ignore,
    ) -> None:
        self._ring = ring
        self._failed = failed
        self._crashed = crashed
        #: Of each job its events, and last the future that has its end.
        self._queue: deque[tuple[Job[Any], Event | None, Future[Any] | None]] = deque()
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self.running: list[Job[Any]] = []
        #: Called when the list of running jobs changed.
        self.listeners: list[Callable[[], None]] = []

    def start(
        self,
        title: Text,
        work: Callable[[JobContext], T],
        *,
        on_done: Callable[[T], object] = _ignore,
        on_error: Callable[[StudioError], object] | None = None,
        on_event: Callable[[Event], object] = _ignore,
        quiet: bool = False,
        long: bool = False,
    ) -> Job[T]:
        """Do ``work`` in a thread. Of the callbacks exactly one of ``on_done`` and ``on_error`` is called, once.

        ``quiet``: it takes an instant (to list a folder), and the status bar does not show it. ``long``: it may take an
        hour (a download on hotel Wi-Fi), and has threads of its own, so that builds need not wait for it.
        """
        ctx = JobContext()
        job = Job(title, ctx, on_done, on_error or self._failed, on_event, quiet)
        ctx.sink = lambda event: self._put(job, event, None)
        self.running.append(job)
        future = self._threads("long" if long else "job").submit(work, ctx)
        future.add_done_callback(lambda over: self._put(job, None, over))
        self._changed()
        return job

    def _threads(self, name: str) -> ThreadPoolExecutor:
        if name not in self._pools:
            from concurrent.futures import ThreadPoolExecutor  # here, because the window opens before the first job

            self._pools[name] = ThreadPoolExecutor(_WORKERS, name)
        return self._pools[name]

    def _put(self, job: Job[Any], event: Event | None, end: Future[Any] | None) -> None:
        self._queue.append((job, event, end))
        self._ring()

    def drain(self) -> bool:
        """Hand on what waits, a bounded piece of it; whether there was something."""
        for left in range(_A_DRAIN):
            if not self._queue:
                return left > 0
            job, event, end = self._queue.popleft()
            if end is not None:
                self._end(job, end)
            elif event is not None:
                job.on_event(event)
        return True

    def _end(self, job: Job[Any], future: Future[Any]) -> None:
        self.running.remove(job)
        job.over = True
        error = Cancelled() if future.cancelled() else future.exception()
        if error is None:
            job.on_done(future.result())
        elif isinstance(error, StudioError):
            job.on_error(error)
        else:
            self._crashed(error)
            if job.on_error != self._failed:  # whoever waits for its end must hear of it
                from ide.board.port_worker import TaskFailed

                job.on_error(TaskFailed(job.title, "".join(traceback.format_exception(error))))
        self._changed()

    def _changed(self) -> None:
        for listener in list(self.listeners):
            listener()

    def close(self) -> None:
        """Cancel everything and wait for the threads; no callback is called any more."""
        for job in self.running:
            job.cancel()
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)
        self._queue.clear()
