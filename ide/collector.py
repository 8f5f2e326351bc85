"""Garbage is collected on the window's thread only.

Python looks for it on whichever thread allocates. A QObject in a cycle is then destroyed by a worker, while Qt may use
it: "QObject::~QObject: Timers cannot be stopped from another thread", and now and then a crash.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QAbstractEventDispatcher, QObject

#: New objects before the young ones are looked at; young rounds before the older ones, older ones before all.
_NEW, _YOUNG, _OLD = 2000, 10, 25


class Collector(QObject):
    """Looks each time that the window has nothing to do, so it wakes nobody."""

    def __init__(self) -> None:
        super().__init__()
        self._dispatcher: QAbstractEventDispatcher | None = None

    def begin(self) -> None:
        """From now on no other thread collects. To be called on the window's thread, once it has an event loop."""
        gc.disable()
        self._dispatcher = QAbstractEventDispatcher.instance()
        self._dispatcher.aboutToBlock.connect(self._look)
        self._dispatcher.awake.connect(self._look)  # of an event loop that never waits, only this comes

    def _look(self) -> None:
        new, young, old = gc.get_count()
        if new > _NEW:
            gc.collect(0 if young < _YOUNG else 1 if old < _OLD else 2)

    def end(self) -> None:
        """As before, on any thread."""
        if self._dispatcher is not None:
            self._dispatcher.aboutToBlock.disconnect(self._look)
            self._dispatcher.awake.disconnect(self._look)
            self._dispatcher = None
        gc.enable()
