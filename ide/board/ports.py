"""What is plugged in, and who holds a port."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports as serial_ports

from ide.board.errors import BoardBusy, BoardNotAllowed, BoardNotFound
from toolchains.errors import BoardError

#: USB makers of boards and of the serial bridges on boards (facts.md b.5): Espressif, WCH, Silicon Labs, FTDI,
#: Arduino, Raspberry Pi, MicroPython's own, Adafruit, Seeed, SparkFun.
_BOARD_MAKERS = frozenset(
    {0x303A, 0x1A86, 0x10C4, 0x0403, 0x2341, 0x2E8A, 0xF055, 0x239A, 0x2886, 0x1B4F}
)  # fmt: skip

#: Groups that own devices nobody may join to get access (peers.md 21: thonny#3204 advised to join nfsnobody).
_USELESS_GROUPS = frozenset({"root", "wheel", "nobody", "nogroup", "nfsnobody"})
_GROUP_READ_WRITE = 0o060


@dataclass(frozen=True)
class PortInfo:
    """A serial port: its address (``COM3``, ``/dev/ttyUSB0``), a title for people, its USB identity.

    ``likely``: a board or a board's serial bridge, by its USB maker.
    """

    address: str
    title: str
    vid: int | None
    pid: int | None
    serial_number: str | None
    likely: bool


def list_ports() -> list[PortInfo]:
    """The serial ports of this computer, the likely boards first."""
    found = [
        PortInfo(p.device, _title(p.product, p.description, p.device), p.vid, p.pid, p.serial_number, _likely(p.vid))
        for p in serial_ports.comports()
    ]
    return sorted(found, key=lambda port: (not port.likely, port.address))


def _title(product: str | None, description: str | None, device: str) -> str:
    return next((text for text in (product, description) if text and text != "n/a"), device)


def _likely(vid: int | None) -> bool:
    return vid in _BOARD_MAKERS


def open_error(address: str, error: OSError, *, proc: Path = Path("/proc")) -> BoardError:
    """The sentence for a port that would not open.

    ``SerialException`` is an ``OSError``; on Windows it has no ``errno``, only the text of the system's error in it.
    """
    text = str(error)
    if "://" not in address:
        if error.errno in (errno.EAGAIN, errno.EBUSY) or "PermissionError(13" in text:
            holder = port_holder(address, proc=proc)
            return BoardBusy(address, *holder) if holder else BoardBusy(address)
        if error.errno in (errno.EACCES, errno.EPERM):
            return BoardNotAllowed(address, port_group(address))
    there = () if "://" in address else tuple(port.address for port in list_ports() if port.likely)
    return BoardNotFound(address, there, text)


def port_holder(address: str, *, proc: Path = Path("/proc")) -> tuple[str, int] | None:
    """Name and process number of another program that has ``address`` open, where the system tells (Linux)."""
    target = os.path.realpath(address)
    for folder in proc.glob("[0-9]*"):
        pid = int(folder.name)
        if pid != os.getpid() and _holds(folder / "fd", target):
            return _process_name(folder), pid
    return None


def _holds(fds: Path, target: str) -> bool:
    try:
        return any(os.readlink(fd) == target for fd in fds.iterdir())
    except OSError:  # another user's process, or one that just ended
        return False


def _process_name(folder: Path) -> str:
    try:
        return (folder / "comm").read_text("utf-8", "replace").strip() or "?"
    except OSError:
        return "?"


def port_group(address: str) -> str | None:
    """The group whose members may use ``address``, or None when joining a group does not help."""
    try:
        import grp  # POSIX only

        status = os.stat(address)
        name = grp.getgrgid(status.st_gid).gr_name
    except (ImportError, OSError, KeyError):
        return None
    allowed = status.st_mode & _GROUP_READ_WRITE == _GROUP_READ_WRITE
    return name if allowed and name not in _USELESS_GROUPS else None
