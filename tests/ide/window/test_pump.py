"""Rings from workers reach the window; a window without news does not wake."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from ide.pump import Pump


@pytest.fixture
def pump(qtbot: QtBot) -> Iterator[Pump]:
    made = Pump()
    yield made
    made.close()
    made.deleteLater()


def _timer(pump: Pump) -> QTimer:
    return pump.findChildren(QTimer)[0]


def test_a_ring_from_a_thread_is_drained_on_the_window_s(pump: Pump, qtbot: QtBot) -> None:
    where: list[threading.Thread] = []

    def drain() -> bool:
        where.append(threading.current_thread())
        return False

    pump.add(drain)
    thread = threading.Thread(target=pump.ring)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(where))
    assert set(where) == {threading.current_thread()}


def test_the_timer_runs_only_while_there_is_something(pump: Pump, qtbot: QtBot) -> None:
    left = [3]

    def drain() -> bool:
        left[0] -= 1
        return left[0] > 0

    pump.add(drain)
    pump.ring()
    qtbot.waitUntil(lambda: left[0] == 0)
    assert not _timer(pump).isActive()


def test_what_comes_while_it_drains_is_not_lost(pump: Pump, qtbot: QtBot) -> None:
    queue: list[int] = []
    seen: list[int] = []

    def drain() -> bool:
        taken = queue[:]
        queue.clear()
        seen.extend(taken)
        return bool(taken)

    def work() -> None:
        for number in range(500):
            queue.append(number)
            pump.ring()

    pump.add(drain)
    thread = threading.Thread(target=work)
    thread.start()
    qtbot.waitUntil(lambda: len(seen) == 500, timeout=10_000)
    thread.join()
    assert seen == list(range(500))


def test_rings_after_the_end_are_ignored(qtbot: QtBot) -> None:
    pump = Pump()
    pump.close()
    pump.ring()
    pump.deleteLater()
