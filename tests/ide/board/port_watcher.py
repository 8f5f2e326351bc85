"""A port worker with somebody who pulls: what a window does, for tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from ide.board.boards import Boards
from ide.board.port_worker import PortEvent, PortWorker, Printed, StateChanged, Task, TaskEnded
from tests.waiting import wait_until
from toolchains.host import Host
from toolchains.toolbox import Toolbox

E = TypeVar("E")
#: How long a loaded computer may take for anything here.
PATIENCE_S = 60.0


class Watched:
    """``worker``, and all that it said so far."""

    def __init__(self, make_boards: Callable[[], Boards], address: str, **more: Any) -> None:
        self.rings = 0
        self.rung = threading.Event()
        self.worker = PortWorker(make_boards, address, Host.current(), self._ring, **more)
        self.events: list[PortEvent] = []
        self.output = b""

    def _ring(self) -> None:
        self.rings += 1
        self.rung.set()

    def pull(self) -> None:
        for event in self.worker.drain():
            self.events.append(event)
            if isinstance(event, Printed):
                self.output = (self.output + event.data)[-100_000:]

    @property
    def state(self) -> StateChanged | None:
        self.pull()
        return next((event for event in reversed(self.events) if isinstance(event, StateChanged)), None)

    def wait_state(self, state: str) -> StateChanged:
        wait_until(lambda: self.state is not None and self.state.state == state, f"the board is {state}", PATIENCE_S)
        assert self.state is not None
        return self.state

    def wait_output(self, wanted: bytes) -> None:
        def there() -> bool:
            self.pull()
            return wanted in self.output

        wait_until(there, f"{wanted!r} is printed", PATIENCE_S)

    def wait_end(self, task: Task[Any]) -> TaskEnded:
        def found() -> TaskEnded | None:
            self.pull()
            return next((e for e in self.events if isinstance(e, TaskEnded) and e.task is task), None)

        wait_until(found, "the task is over", PATIENCE_S)
        ended = found()
        assert ended is not None
        return ended

    def wait_event(self, kind: type[E]) -> E:
        def found() -> E | None:
            self.pull()
            return next((event for event in self.events if isinstance(event, kind)), None)

        wait_until(found, f"a {kind.__name__}", PATIENCE_S)
        event = found()
        assert event is not None
        return event


@contextmanager
def watched(toolbox: Toolbox, address: str, **more: Any) -> Iterator[Watched]:
    """A started worker, closed at the end."""
    seen = Watched(lambda: Boards(toolbox), address, **more)
    seen.worker.start()
    try:
        yield seen
    finally:
        seen.worker.close()
        assert seen.worker.join(PATIENCE_S)
        assert seen.state is not None
        assert seen.state.state == "closed"
