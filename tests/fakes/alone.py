"""``python -m tests.fakes.alone [--serve FOLDER] COMMAND…``: run a command where there is this computer and no other.

To be started in a network namespace of its own (``unshare --net``): it brings up the loopback device there, checks that
nothing else is reached, and with ``--serve`` has ``python -m http.server`` on port 8000 until the command has ended.
"""

from __future__ import annotations

import fcntl
import socket
import struct
import subprocess
import sys

from tests.waiting import wait_until

PORT = 8000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


def _bring_up(name: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("16sh14x", name, 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(sock, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(sock, _SIOCSIFFLAGS, struct.pack("16sh14x", name, flags | _IFF_UP))


def answers(where: tuple[str, int]) -> bool:
    """Whether somebody listens there."""
    try:
        with socket.create_connection(where, timeout=5):
            return True
    except OSError:
        return False


def main(args: list[str]) -> int:
    """The command's exit code."""
    folder = args[1] if args[:1] == ["--serve"] else None
    command = args[2:] if folder is not None else args
    _bring_up(b"lo")
    assert not answers(("1.1.1.1", 443)), "the network is there"
    if folder is None:
        return subprocess.call(command)
    argv = [sys.executable, "-m", "http.server", str(PORT), "--bind", "127.0.0.1", "--directory", folder]
    server = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(("127.0.0.1", PORT)), "the server answers", 30)
        return subprocess.call(command)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
