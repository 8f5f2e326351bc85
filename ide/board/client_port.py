"""The port that programs open to talk to a simulated board: a pty, or a TCP port where there are no ptys.

It stays when clients come and go. ``present`` is whether somebody has it open: what a board prints while nobody
listens is lost, as on a real serial line, and neither blocks the board nor is shown to whoever comes later.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from typing import Protocol

from ide.board.loop import READ, WRITE, Loop
from toolchains.host import Host

#: What MicroPython and its tools use.
_USUAL_BAUD = 115200

#: <sys/inotify.h>
_IN_OPEN = 0x20

_CHUNK = 4096


class PortOwner(Protocol):
    """Who is told what happens at the port."""

    def client_typed(self, data: bytes) -> None:
        """A client sent ``data``."""

    def client_ready(self) -> None:
        """The port takes bytes again."""

    def client_left(self) -> None:
        """The last client closed the port."""


class ClientPort(Protocol):
    """What the bridge needs of a port."""

    address: str
    present: bool

    def attach(self, loop: Loop, owner: PortOwner) -> None:
        """Start to serve."""

    def want(self, events: int) -> None:
        """Say which of READ and WRITE the owner can use now."""

    def write(self, data: bytes) -> int:
        """Give the client bytes; how many it took."""
        ...

    def speed(self) -> int:
        """The speed that the client set, in baud; at least the usual one, which is taken where none can be set."""
        ...

    def close(self) -> None:
        """End; clients see the port vanish."""


def open_port(host: Host) -> ClientPort:
    """The port for this system."""
    if sys.platform != "win32" and host.system != "windows":
        return PtyPort()
    return TcpPort()


class TcpPort:
    """A TCP port on 127.0.0.1, ``socket://`` for pyserial; one client at a time, as on a serial port."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self._client: socket.socket | None = None
        self._events = 0
        self.address = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"
        self.present = False

    def attach(self, loop: Loop, owner: PortOwner) -> None:
        """Start to serve."""
        self._loop, self._owner = loop, owner
        loop.watch(self._listener, READ, self._accept)

    def want(self, events: int) -> None:
        """Say which of READ and WRITE the owner can use now."""
        self._events = events
        if self._client is not None:
            self._loop.watch(self._client, events, self._ready)

    def write(self, data: bytes) -> int:
        """Give the client bytes; how many it took."""
        if self._client is None:
            return len(data)
        try:
            return self._client.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self._leave()
            return len(data)

    def speed(self) -> int:
        """The usual one: over TCP none can be set."""
        return _USUAL_BAUD

    def close(self) -> None:
        """End; clients see the port vanish."""
        self._loop.forget(self._listener)
        self._listener.close()
        if self._client is not None:
            self._loop.forget(self._client)
            self._client.close()

    def _accept(self, _events: int) -> None:
        with contextlib.suppress(BlockingIOError):
            connection, _address = self._listener.accept()
            if self._client is not None:
                connection.close()
                return
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._client, self.present = connection, True
            self.want(self._events)

    def _ready(self, events: int) -> None:
        if events & READ and self._client is not None:
            try:
                data = self._client.recv(_CHUNK)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._leave()
                return
            self._owner.client_typed(data)
        if events & WRITE:
            self._owner.client_ready()

    def _leave(self) -> None:
        if self._client is not None:
            self._loop.forget(self._client)
            self._client.close()
            self._client, self.present = None, False
            self._owner.client_left()


if sys.platform != "win32":
    import fcntl
    import select
    import termios
    import tty

    #: On Linux the speeds of termios are no numbers of bauds.
    _BAUDS = {
        getattr(termios, name): int(name[1:]) for name in dir(termios) if name[:1] == "B" and name[1:].isdecimal()
    }

    class PtyPort:
        """A raw pty. Linux says when somebody opens it (inotify) and when the last one closed it (hang-up).

        Elsewhere we hold its client side ourselves, so that nothing hangs up, and take for granted that somebody
        listens.
        """

        def __init__(self) -> None:
            self._master, slave = os.openpty()
            os.set_blocking(self._master, False)
            self.address = os.ttyname(slave)
            _make_raw(slave)
            self._opens = _watch_opens(self.address)
            self._events = 0
            self._slave: int | None = None
            self.present = self._opens is None
            if self.present:
                self._slave = slave
            else:
                os.close(slave)

        def attach(self, loop: Loop, owner: PortOwner) -> None:
            """Start to serve."""
            self._loop, self._owner = loop, owner
            if self._opens is not None:
                loop.watch(self._opens, READ, self._on_open)

        def want(self, events: int) -> None:
            """Say which of READ and WRITE the owner can use now."""
            self._events = events
            if self.present:  # a pty without a client would wake us up for ever
                self._loop.watch(self._master, events, self._ready)

        def write(self, data: bytes) -> int:
            """Give the client bytes; how many it took."""
            try:
                return os.write(self._master, data[:_CHUNK])
            except OSError:
                return 0

        def speed(self) -> int:
            """The speed that the client set, in baud; at least the usual one."""
            with contextlib.suppress(termios.error):
                return max(_USUAL_BAUD, _BAUDS.get(termios.tcgetattr(self._master)[5], 0))
            return _USUAL_BAUD

        def close(self) -> None:
            """End; clients see the port vanish."""
            for descriptor in (self._opens, self._master, self._slave):
                if descriptor is not None:
                    self._loop.forget(descriptor)
                    os.close(descriptor)

        def _ready(self, events: int) -> None:
            if events & READ and self._events & READ:
                try:
                    data = os.read(self._master, _CHUNK)
                except BlockingIOError:
                    data = b""
                except OSError:  # EIO: the last client closed it, and all that it typed has been read
                    self._left()
                    return
                if data:
                    self._owner.client_typed(data)
            if events & WRITE and self._events & WRITE:
                if self._hung_up():  # what it typed is still unread, but nobody will read what we have for it
                    self._owner.client_left()
                else:
                    self._owner.client_ready()

        def _on_open(self, _events: int) -> None:
            if self._opens is not None:
                os.read(self._opens, _CHUNK)
            self._look()

        def _look(self) -> None:
            if not self.present and not self._hung_up():
                self.present = True
                self.want(self._events)

        def _hung_up(self) -> bool:
            poll = select.poll()
            poll.register(self._master, 0)
            return any(event & select.POLLHUP for _fd, event in poll.poll(0))

        def _left(self) -> None:
            self.present = False
            self._loop.forget(self._master)
            self._owner.client_left()
            with contextlib.suppress(OSError):
                slave = os.open(self.address, os.O_RDWR | os.O_NOCTTY)
                _make_raw(slave)
                os.close(slave)
            self._look()  # somebody may have opened it in the meantime

    def _make_raw(slave: int) -> None:
        """Forget what clients did to the port: modes, and output that nobody read."""
        with contextlib.suppress(termios.error, OSError):
            tty.setraw(slave, termios.TCSANOW)
            fcntl.ioctl(slave, termios.TIOCNXCL)
            termios.tcflush(slave, termios.TCIFLUSH)

    def _watch_opens(path: str) -> int | None:
        """An inotify descriptor that wakes up when ``path`` is opened; None where there is no inotify."""
        if sys.platform != "linux":
            return None
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        descriptor: int = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if descriptor < 0:
            return None
        if libc.inotify_add_watch(descriptor, os.fsencode(path), _IN_OPEN) < 0:
            os.close(descriptor)
            return None
        return descriptor
