"""Calls that the system cannot be talked out of, such as opening a port, and a person who wants to cancel them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.undo import on_failure

#: How soon a cancel takes hold. Looked for, not waited for: a signal handler runs in the very thread that waits.
_LOOK_S = 0.1

T = TypeVar("T")


@dataclass(frozen=True)
class _Good(Generic[T]):
    value: T


def abandonable(ctx: JobContext, work: Callable[[], T], give_back: Callable[[T], None]) -> T:
    """``work()``, in a thread of its own that a cancel leaves behind; what it yields then goes to ``give_back``."""
    results: SimpleQueue[_Good[T] | Exception] = SimpleQueue()
    abandoned = threading.Event()

    def run() -> None:
        outcome: _Good[T] | Exception = RuntimeError("a fault of ours, shown by its thread")
        try:
            outcome = _Good(work())
        except (StudioError, OSError) as error:  # to be raised in the other thread
            outcome = error
        finally:
            results.put(outcome)
        if abandoned.is_set():
            drop()

    def drop() -> None:
        with suppress(Empty):
            late = results.get_nowait()
            if isinstance(late, _Good):
                give_back(late.value)

    threading.Thread(target=run, name="abandonable", daemon=True).start()

    def abandon() -> None:
        abandoned.set()
        drop()

    with on_failure(abandon):
        outcome = _wait(ctx, results)
    if isinstance(outcome, _Good):
        return outcome.value
    raise outcome


def _wait(ctx: JobContext, results: SimpleQueue[_Good[T] | Exception]) -> _Good[T] | Exception:
    while True:
        ctx.check()
        with suppress(Empty):
            return results.get(timeout=_LOOK_S)
