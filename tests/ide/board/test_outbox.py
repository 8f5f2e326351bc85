"""Output that waits for whoever pulls it is bounded, keeps its order and its end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ide.board.outbox import Outbox, Printed


def test_it_rings_once_for_all_that_waits() -> None:
    rings: list[int] = []
    box: Outbox[str] = Outbox(lambda: rings.append(1))
    box.put("a")
    box.printed(b"x")
    box.put("b")
    assert len(rings) == 1
    assert box.drain() == ["a", Printed(b"x"), "b"]
    box.printed(b"y")
    assert len(rings) == 2


@given(st.lists(st.one_of(st.binary(min_size=1, max_size=30), st.integers(0, 9)), max_size=40), st.integers(1, 50))
def test_the_newest_bytes_and_every_event_stay(items: list[bytes | int], limit: int) -> None:
    box: Outbox[int] = Outbox(lambda: None, room=64)
    for item in items:
        box.printed(item) if isinstance(item, bytes) else box.put(item)
    taken: list[int | Printed] = []
    while piece := box.drain(limit):
        taken += piece
    everything = b"".join(item for item in items if isinstance(item, bytes))
    kept = b"".join(item.data for item in taken if isinstance(item, Printed))
    assert kept == everything[-64:]
    assert sum(item.dropped for item in taken if isinstance(item, Printed)) == len(everything) - len(kept)
    assert [item for item in taken if isinstance(item, int)] == [item for item in items if isinstance(item, int)]
