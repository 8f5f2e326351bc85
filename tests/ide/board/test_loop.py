"""The keeper's loop: what is ready together is served together, whatever the first one does to the second."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from ide.board.loop import READ, Loop


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop()
    yield made
    made.close()


def test_what_was_closed_by_whoever_was_served_before_is_passed_over(loop: Loop) -> None:
    """A reset closes the old machine's wires while bytes of it wait, and its new ones get the same numbers."""
    with ExitStack() as undo:
        pairs = [[undo.enter_context(end) for end in socket.socketpair()] for _pair in range(2)]
        served: list[socket.socket] = []

        def serve(own: socket.socket, other: socket.socket) -> None:
            served.append(own)
            own.recv(10)
            loop.forget(other)
            other.close()
            loop.watch(undo.enter_context(socket.create_server(("127.0.0.1", 0))), READ, lambda _events: None)

        for (own, far), (other, _far) in (pairs, pairs[::-1]):
            loop.watch(own, READ, lambda _events, own=own, other=other: serve(own, other))
            far.send(b"x")
        loop.call_in("end", 0, loop.stop)
        loop.run()
        assert len(served) == 1
