"""Ctrl-C in the terminal, and ``kill``: the window is closed as by its cross, so that nothing is lost.

Python runs a handler only when it runs at all, and an idle window does not; so the signal wakes it through a socket.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class SignalEnd(QObject):
    """Calls ``close`` once on the window's thread after such a signal. Made on the main thread; see :meth:`remove`."""

    def __init__(self, close: Callable[[], object]) -> None:
        super().__init__()
        self._close = close
        self._asked = False
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)
        self._notifier = QSocketNotifier(self._near.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)
        self._wakeup = signal.set_wakeup_fd(self._far.fileno(), warn_on_full_buffer=False)
        wanted = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
        heard = [number for number in wanted if signal.getsignal(number) is not signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._ask) for number in heard}

    def _ask(self, *_signal: object) -> None:
        self._asked = True

    def _woken(self) -> None:
        self._near.recv(64)
        if self._asked:
            self._asked = False
            self._close()

    def remove(self) -> None:
        """Signals do what they did before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        self._notifier.setEnabled(False)
        self._near.close()
        self._far.close()
