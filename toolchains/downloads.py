"""Several downloads as one job: some at a time, one progress, and together they pause, fail and are cancelled."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

from toolchains.errors import Cancelled
from toolchains.fetch import Download, OfflineSource, fetch
from toolchains.fetch_control import Control
from toolchains.jobs import Event, JobContext, Log, Progress, StepEnded, StepStarted
from toolchains.text import _n
from toolchains.units import size_text

__all__ = ["Control", "fetch_all"]


class _Together:
    """Events of many downloads, told as those of one step."""

    def __init__(self, ctx: JobContext, downloads: Sequence[Download]) -> None:
        self._ctx = ctx
        self._lock = threading.Lock()
        self._done = [0] * len(downloads)
        self._totals = [download.size for download in downloads]

    def hear(self, index: int, event: Event) -> None:
        """One event of one download, from its own thread."""
        with self._lock:
            if isinstance(event, Progress):
                self._done[index] = event.done
                self._totals[index] = self._totals[index] if event.total is None else event.total
                self._ctx.sink(Progress(sum(self._done), self._total(), "B"))
            elif isinstance(event, StepStarted):
                self._ctx.sink(Log(str(event.title)))
            elif not isinstance(event, StepEnded):
                self._ctx.sink(event)

    def ended(self, index: int, size: int) -> None:
        """A download is there, perhaps without a byte having been sent."""
        self.hear(index, Progress(size, size, "B"))

    def _total(self) -> int | None:
        return sum(total or 0 for total in self._totals) if None not in self._totals else None


def fetch_all(
    ctx: JobContext,
    downloads: Sequence[Download],
    folder: Path,
    *,
    control: Control | None = None,
    at_once: int = 3,
    sources: Sequence[OfflineSource] = (),
) -> list[Path]:
    """All of them, in ``folder``, in their order; at most ``at_once`` at a time, with one progress in bytes of all.

    The first that fails ends the others, and its error is raised (those of :func:`toolchains.fetch.fetch`). What came
    until then is kept and continued by the next call.
    """
    if len(downloads) <= 1:
        return [fetch(ctx, download, folder, control=control, sources=sources) for download in downloads]
    together = _Together(ctx, downloads)
    title = _n("Download {n} file", "Download {n} files", len(downloads))
    sizes = [download.size for download in downloads if download.size is not None]
    if len(sizes) == len(downloads):
        size = size_text(sum(sizes))
        title = _n("Download {n} file ({size})", "Download {n} files ({size})", len(downloads), size=size)
    inner = [JobContext(ctx.host, lambda event, i=index: together.hear(i, event)) for index in range(len(downloads))]  # type: ignore[misc]

    def one(index: int) -> Path:
        path = fetch(inner[index], downloads[index], folder, control=control, sources=sources)
        together.ended(index, path.stat().st_size)
        return path

    with ctx.step(title), ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(max(1, at_once), thread_name_prefix="download"))
        for job in inner:
            stack.enter_context(ctx.cancelling(job.cancel))
        futures = [pool.submit(one, index) for index in range(len(downloads))]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            if not all(_is_well(future) for future in futures):
                for job in inner:
                    job.cancel()
            wait(futures)
        ctx.check()
        return _results(futures)


def _is_well(future: Future[Path]) -> bool:
    return future.done() and future.exception() is None


def _results(futures: Sequence[Future[Path]]) -> list[Path]:
    """The paths, or the first error that is not merely the end of the others."""
    errors = [error for error in (future.exception() for future in futures) if error is not None]
    own = [error for error in errors if not isinstance(error, Cancelled)]
    if errors:
        raise (own or errors)[0]
    return [future.result() for future in futures]
