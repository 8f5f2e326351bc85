"""The wire of an emulated chip: a pseudo-terminal, or a TCP port for ``socket://``; a clock that paces it."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
import tty
from collections.abc import Callable
from typing import Protocol

_BITS = 10
#: A host that looks for a change of a closed line does so this often.
_LOOK_S = 0.01
_SPEEDS: dict[int, int] = {}


class Line(Protocol):
    """One wire. ``port`` is what a host opens."""

    port: str

    def present(self) -> bool:
        """Whether a host has the port open, or left something in it."""

    def wait(self, wake: int, seconds: float) -> bool:
        """Until there is something to read, or ``wake`` is readable, or the time is over; whether there is."""

    def read(self) -> bytes:
        """What there is; nothing when the host has left."""

    def write(self, data: bytes, wake: int) -> None:
        """As the host takes it; what nobody takes is lost, as on a real wire."""

    def speed(self) -> int:
        """The rate that the host has set, in baud; 0 if the wire has none."""

    def close(self) -> int:
        """Hang up; a file to be closed at the end, or -1."""


class PtyLine:
    """A pseudo-terminal. It has no modem lines; its speed can be seen."""

    def __init__(self) -> None:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.port = os.ttyname(slave)
        os.close(slave)  # so that it can be seen whether a host has it open
        os.set_blocking(self._master, False)
        self._poll = select.poll()
        self._poll.register(self._master, select.POLLIN)

    def present(self) -> bool:
        return not any(state & select.POLLHUP and not state & select.POLLIN for _fd, state in self._poll.poll(0))

    def wait(self, wake: int, seconds: float) -> bool:
        if not self.present():
            select.select([wake], [], [], min(seconds, _LOOK_S))
            return False
        ready, _, _ = select.select([self._master, wake], [], [], seconds)
        return self._master in ready

    def read(self) -> bytes:
        try:
            return os.read(self._master, 4096)
        except (BlockingIOError, OSError):
            return b""

    def write(self, data: bytes, wake: int) -> None:
        view = memoryview(data)
        while view and self.present():
            try:
                view = view[os.write(self._master, view) :]
            except BlockingIOError:
                ready, _, _ = select.select([wake], [self._master], [], 1.0)
                if ready:
                    return

    def speed(self) -> int:
        import termios

        if not _SPEEDS:
            names = [name for name in dir(termios) if name[0] == "B" and name[1:].isdigit()]
            _SPEEDS.update({getattr(termios, name): int(name[1:]) for name in names})
        return _SPEEDS.get(termios.tcgetattr(self._master)[5], 0)

    def close(self) -> int:
        """Hang up; what must be closed when no host looks for this port any more.

        Until then no other terminal gets its name: a host that tries to open it again must not reach another chip.
        """
        name = os.open(self.port, os.O_RDWR | os.O_NOCTTY)
        os.close(self._master)
        return name


class SocketLine:
    """A TCP port on this machine, one host at a time."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.setblocking(False)
        self._host: socket.socket | None = None
        self.port = f"socket://127.0.0.1:{self._server.getsockname()[1]}"

    def present(self) -> bool:
        return self._host is not None

    def wait(self, wake: int, seconds: float) -> bool:
        of = self._server if self._host is None else self._host
        if of.fileno() not in select.select([of.fileno(), wake], [], [], seconds)[0]:
            return False
        if self._host is not None:
            return True
        self._host, _ = self._server.accept()
        self._host.setblocking(False)
        return False

    def read(self) -> bytes:
        assert self._host is not None
        try:
            data = self._host.recv(4096)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._host.close()
            self._host = None
        return data

    def write(self, data: bytes, wake: int) -> None:
        view = memoryview(data)
        while view and self._host is not None:
            try:
                view = view[self._host.send(view) :]
            except BlockingIOError:
                ready, _, _ = select.select([wake], [self._host], [], 1.0)
                if ready:
                    return
            except OSError:
                return

    def speed(self) -> int:
        return 0

    def close(self) -> int:
        for one in (self._host, self._server):
            if one is not None:
                with contextlib.suppress(OSError):
                    one.close()
        return -1


class Pace:
    """Makes bytes take their time. ``pause`` waits so many seconds."""

    def __init__(self, pause: Callable[[float], object]) -> None:
        self._pause = pause
        self._until = 0.0

    def take(self, count: int, baud: int) -> None:
        """``count`` bytes have gone over the wire; waits until that can be true."""
        now = time.monotonic()
        self._until = max(self._until, now - 0.002) + count * _BITS / baud
        if self._until > now + 0.001:
            self._pause(self._until - now)
