"""Private two-way wires between the keeper and QEMU: a socket pair that QEMU inherits, or TCP where that cannot be.

A socket pair has no name: no other process can reach it, and nothing is left of it when both ends have died.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from typing import Protocol

from toolchains.host import Host

#: How long QEMU may take to connect back over TCP.
_CONNECT_S = 10.0


class Wire(Protocol):
    """Our end of a wire, and what QEMU must be told about the other one."""

    ours: socket.socket
    argument: str
    inherited: tuple[int, ...]

    def started(self, process: subprocess.Popen[bytes]) -> None:
        """QEMU was started. Raises ``OSError`` when it does not take up its end."""

    def read(self, size: int) -> bytes | None:
        """What came; None: nothing yet; empty: the other end is gone."""
        ...

    def write(self, data: bytes) -> int:
        """Send; how much was taken (all of it when the other end is gone: reading tells)."""
        ...

    def unread(self) -> bool:
        """Whether QEMU has not read all that was written, as far as the system tells."""
        ...

    def discard(self) -> None:
        """Take back what QEMU has not read, as far as the system can."""

    def close(self) -> None:
        """Give it up."""


def open_wire(host: Host, name: str) -> Wire:
    """A wire for the character device ``name``. Raises ``OSError``."""
    return TcpWire(name) if host.system == "windows" or sys.platform == "win32" else PairWire(name)


class _Socket:
    """Reading and writing without ever waiting."""

    ours: socket.socket

    def read(self, size: int) -> bytes | None:
        """What came; None: nothing yet; empty: the other end is gone."""
        try:
            return self.ours.recv(size)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def write(self, data: bytes) -> int:
        """Send; how much was taken (all of it when the other end is gone: reading tells)."""
        try:
            return self.ours.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            return len(data)


class TcpWire(_Socket):
    """QEMU connects to a port of ours on 127.0.0.1."""

    inherited: tuple[int, ...] = ()

    def __init__(self, name: str) -> None:
        self.ours = socket.create_server(("127.0.0.1", 0), backlog=1)
        self.argument = f"socket,id={name},host=127.0.0.1,port={self.ours.getsockname()[1]}"

    def started(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for QEMU to connect. Raises ``OSError`` when it does not."""
        with self.ours as listener:
            listener.settimeout(_CONNECT_S)
            self.ours, _address = listener.accept()
        self.ours.setblocking(False)
        self.ours.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def unread(self) -> bool:
        """Unknown here."""
        return False

    def discard(self) -> None:
        """Impossible here."""

    def close(self) -> None:
        """Give it up."""
        self.ours.close()


class PairWire(_Socket):
    """A socket pair. We keep QEMU's end too, to take back bytes; that QEMU died is told by the end of the process."""

    def __init__(self, name: str) -> None:
        self.ours, self._theirs = socket.socketpair()
        self.ours.setblocking(False)
        self.inherited: tuple[int, ...] = (self._theirs.fileno(),)
        self.argument = f"socket,id={name},fd={self._theirs.fileno()}"

    def started(self, process: subprocess.Popen[bytes]) -> None:
        """Nothing to wait for."""

    def unread(self) -> bool:
        """Whether QEMU has not read all that was written (Linux tells; ``man 7 unix``, SIOCOUTQ)."""
        if sys.platform != "linux":
            return False
        import fcntl
        import termios

        left = fcntl.ioctl(self.ours.fileno(), termios.TIOCOUTQ, b"\0\0\0\0")
        return left != b"\0\0\0\0"

    def discard(self) -> None:
        """Take back what QEMU has not read."""
        flags = getattr(socket, "MSG_DONTWAIT", 0)
        with contextlib.suppress(OSError):
            while flags and self._theirs.recv(1 << 16, flags):
                pass

    def close(self) -> None:
        """Give it up."""
        self.ours.close()
        self._theirs.close()
