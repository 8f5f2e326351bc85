"""Tidying up after a failure, and only then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def on_failure(undo: Callable[[], object]) -> Iterator[None]:
    """If the body raises anything, a Ctrl-C too, call ``undo``; the exception goes on."""
    with ExitStack() as stack:
        stack.callback(undo)
        yield
        stack.pop_all()
