"""What nobody needs any more is destroyed by the window's thread, whatever the workers do."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from ide.collector import Collector
from tests.ide.window.conftest import Windows


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    made.begin()
    yield made
    made.end()


def _garbage(seen: list[int]) -> None:
    """A QObject that only itself knows; ``seen`` gets the thread that destroys it."""
    thing = QObject()
    thing.itself = thing  # type: ignore[attr-defined]
    weakref.finalize(thing, lambda: seen.append(threading.get_ident()))


def _allocate() -> None:
    kept = []
    for n in range(100_000):
        kept.append([n])


def test_a_worker_destroys_no_object_of_the_window(collector: Collector, qtbot: QtBot) -> None:
    seen: list[int] = []
    _garbage(seen)
    worker = threading.Thread(target=_allocate)
    worker.start()
    worker.join()
    assert seen == []

    def go_on() -> bool:
        for _ in range(500):
            cycle: list[object] = []
            cycle.append(cycle)
        return bool(seen)

    qtbot.waitUntil(go_on)
    assert seen == [threading.get_ident()]


def test_a_window_collects_so_until_it_is_closed(windows: Windows, qtbot: QtBot) -> None:
    ide = windows.open(windows.example("factorial"))
    qtbot.waitUntil(lambda: not gc.isenabled())
    windows.close(ide)
    assert gc.isenabled()
