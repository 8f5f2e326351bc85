"""Children one after the other: a start holds this whole process for 10 to 50 ms, the window's thread included."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from subprocess import Popen

from ide.board.flash import commands
from toolchains.jobs import JobContext

#: Seconds between two starts; in them the window does what has come up.
_BREATH_S = 0.02


class _Turn:
    """Whose turn it is to start a child, and when the last one was started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0.0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """During the body nobody else starts one."""
        with self._lock:
            left = self._last + _BREATH_S - time.monotonic()
            if left > 0:
                threading.Event().wait(left)
            try:
                yield
            finally:
                self._last = time.monotonic()


_TURN = _Turn()


@contextmanager
def started(ctx: JobContext, argv: Sequence[str]) -> Iterator[Popen[bytes]]:
    """An esptool that runs, as :meth:`~toolchains.jobs.JobContext.child`; twelve that begin at once begin in turn."""
    with ExitStack() as stack:
        with _TURN.taken():
            process = stack.enter_context(ctx.child(tuple(argv), env=commands.environment(), merge=True, gentle=True))
        yield process
