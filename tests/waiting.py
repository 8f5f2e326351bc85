"""Waiting for what another process does: looks often, fails with a sentence, never sleeps for a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(reached: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Return as soon as ``reached()`` is true; ``TimeoutError`` naming ``what`` after ``seconds``."""
    end = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.01)
