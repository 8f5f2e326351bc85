"""Hot-plug: tells when serial ports come or go, without waking anybody meanwhile where the system can do that.

- Linux: inotify on ``/dev``. The thread sleeps in the kernel until a serial device is made, removed or given to
  somebody (udev does that a moment after it was made).
- Windows and macOS, and Linux without inotify: every :data:`POLL_S` the ports are listed and compared, only between
  ``watch(True)`` and ``watch(False)``, which the window calls as it gets and loses the focus.

(``watchfiles``, which we have for sources, looks at a flag every 50 ms: measured, not what an idle window may do.)
"""

from __future__ import annotations

import ctypes
import os
import re
import select
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from ide.board.ports import list_ports

POLL_S = 2.0
_DEVICES = Path("/dev")
_SERIAL = re.compile(r"tty[A-Z]+\d+|rfcomm\d+")

#: From linux/inotify.h: attributes changed, moved from, moved to, created, removed.
_MASK = 0x4 | 0x40 | 0x80 | 0x100 | 0x200
_HEAD = struct.Struct("iIII")


class _Source(Protocol):
    """Somebody in a thread who waits for changes."""

    def wait(self) -> bool:
        """Wait for the next change; False: it was closed."""
        ...

    def watch(self, on: bool) -> None:
        """Whether anybody is interested now."""

    def close(self) -> None:
        """End the wait, from any thread."""


class PortWatch:
    """Calls ``changed`` from its own thread whenever the ports may be others than before; list them to see."""

    def __init__(self, changed: Callable[[], None], folder: Path = _DEVICES) -> None:
        self._changed = changed
        self._source: _Source = _source(folder)
        self._thread = threading.Thread(target=self._run, name="ports", daemon=True)

    @property
    def sleeps(self) -> bool:
        """Whether the system tells of changes; else it has to be asked, see :meth:`watch`."""
        return not isinstance(self._source, Poll)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def watch(self, on: bool) -> None:
        """The window has the focus, or not: without it nobody is asked."""
        self._source.watch(on)

    def close(self) -> None:
        """End, and wait for the thread, which takes no time."""
        self._source.close()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while self._source.wait():
            self._changed()


def _source(folder: Path) -> _Source:
    if sys.platform == "linux":
        try:
            return Inotify(folder)
        except OSError:  # no inotify here, or too many watches
            return Poll()
    return Poll()


class Inotify:
    """The kernel's own word. Raises ``OSError`` where it does not give it."""

    def __init__(self, folder: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        if libc.inotify_add_watch(self._fd, os.fsencode(folder), _MASK) < 0:
            error = ctypes.get_errno()
            os.close(self._fd)
            raise OSError(error, "inotify_add_watch")
        self._stop_read, self._stop_write = os.pipe()

    def wait(self) -> bool:
        """Wait for a serial device to come, go or change hands."""
        while True:
            ready, _, _ = select.select([self._fd, self._stop_read], [], [])
            if self._stop_read in ready:
                for fd in (self._fd, self._stop_read, self._stop_write):
                    os.close(fd)
                return False
            if any(_SERIAL.fullmatch(name) for name in self._names(os.read(self._fd, 64 * 1024))):
                return True

    @staticmethod
    def _names(data: bytes) -> list[str]:
        names, at = [], 0
        while at < len(data):
            size = _HEAD.unpack_from(data, at)[3]
            at += _HEAD.size
            names.append(os.fsdecode(data[at : at + size].rstrip(b"\0")))
            at += size
        return names

    def watch(self, on: bool) -> None:
        """It costs nothing."""

    def close(self) -> None:
        """End the wait."""
        os.write(self._stop_write, b"x")


class Poll:
    """Asks again and again while it is watched."""

    def __init__(self, ports: Callable[[], object] = list_ports, seconds: float = POLL_S) -> None:
        self._ports = ports
        self._seconds = seconds
        self._change = threading.Condition()
        self._watched = self._closed = False
        self._known: object = None

    def wait(self) -> bool:
        """Wait until the list of ports is another one. The first look is at once, whenever it is watched again."""
        while True:
            with self._change:
                self._change.wait_for(lambda: self._watched or self._closed)
                if self._closed:
                    return False
            found, before = self._ports(), self._known
            self._known = found
            if before is not None and found != before:
                return True
            with self._change:
                self._change.wait_for(lambda: not self._watched or self._closed, self._seconds)

    def watch(self, on: bool) -> None:
        """Begin or stop to ask."""
        with self._change:
            self._watched = on
            self._change.notify_all()

    def close(self) -> None:
        """End the wait."""
        with self._change:
            self._closed = True
            self._change.notify_all()
