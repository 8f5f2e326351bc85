"""Waiting for the window that runs in this process."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer

_LIMIT_MS = 120_000
_LOOK_MS = 50


def wait_until(done: Callable[[], bool]) -> None:
    """Run the window until something is so; TimeoutError after two minutes."""
    loop = QEventLoop()
    timer, limit = QTimer(), QTimer()
    late: list[bool] = []

    def look() -> None:
        if done():
            loop.quit()

    def give_up() -> None:
        late.append(True)
        loop.quit()

    timer.timeout.connect(look)
    limit.timeout.connect(give_up)
    limit.setSingleShot(True)
    timer.start(_LOOK_MS)
    limit.start(_LIMIT_MS)
    loop.exec()
    if late:
        raise TimeoutError(done)
