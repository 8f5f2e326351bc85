"""One process at a time: a lock on a file, freed by the system when its holder ends, however it ends."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toolchains.jobs import JobContext
from toolchains.text import _

_PAUSE_S = 0.1


@contextmanager
def locked(ctx: JobContext, path: Path) -> Iterator[None]:
    """Hold the lock file ``path`` (made where it is missing) during the body; a cancel ends the wait for it.

    ``OSError`` where the file system has no locks.
    """
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        told = False
        while not ctx.host.try_lock(lock):
            ctx.check()
            if not told:
                ctx.note(_("Waiting: Natmod Studio is at work in {folder} already.", folder=path.parent))
                told = True
            time.sleep(_PAUSE_S)
        yield
    finally:
        os.close(lock)
