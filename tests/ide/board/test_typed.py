"""Typed text that waits for a program."""

from __future__ import annotations

import threading

from ide.board.typed import ROOM, Typed

PATIENCE_S = 10.0


def test_it_comes_out_as_it_went_in() -> None:
    typed = Typed()
    typed.put(b"Ada ")
    typed.put(b"Lovelace")
    assert typed.take(6) == b"Ada Lo"
    assert typed.take(100) == b"velace"
    assert not typed


def test_a_pipe_without_end_does_not_fill_the_memory() -> None:
    typed = Typed()
    rounds = [0]
    full = threading.Event()

    def pipe() -> None:
        for _round in range(1000):
            if rounds[0] * 4096 >= ROOM:
                full.set()
            typed.put(b"x" * 4096, patient=True)
            rounds[0] += 1

    thread = threading.Thread(target=pipe)
    thread.start()
    assert full.wait(PATIENCE_S)
    left = 1000 * 4096
    while left:
        piece = typed.take(10_000)
        left -= len(piece)
        assert rounds[0] * 4096 - (1000 * 4096 - left) <= ROOM + 2 * 4096
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


def test_closing_lets_go_of_who_waits() -> None:
    typed = Typed()
    typed.put(b"x" * ROOM)
    thread = threading.Thread(target=lambda: typed.put(b"more", patient=True))
    thread.start()
    typed.close()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    assert not typed
