"""What is plugged in, and who holds a port."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports as serial_ports

from ide.board import access
from ide.board.access import BOARD_MAKERS
from ide.board.errors import BoardBusy, BoardNotAllowed, BoardNotFound
from toolchains.errors import BoardError, ToolFailed, ToolMissing
from toolchains.host import Host
from toolchains.jobs import JobContext

#: How the address of a simulated board begins.
SIMULATED = "sim:"
#: Groups that own devices nobody may join to get access (peers.md 21: thonny#3204 advised to join nfsnobody).
_USELESS_GROUPS = frozenset({"root", "wheel", "nobody", "nogroup", "nfsnobody"})
_GROUP_READ_WRITE = 0o060
_PROC = Path("/proc")
_LSOF_S = 5.0


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
    return vid in BOARD_MAKERS


def open_error(address: str, error: OSError, *, proc: Path = _PROC, host: Host | None = None) -> BoardError:
    """The sentence for a port that would not open.

    ``SerialException`` is an ``OSError``; on Windows it has no ``errno``, only the text of the system's error in it.
    """
    text, host = str(error), host or Host.current()
    if "://" not in address:
        if error.errno in (errno.EAGAIN, errno.EBUSY) or "PermissionError(13" in text:
            return _busy(address, host, proc, hidden=error.errno == errno.EBUSY)
        if error.errno in (errno.EACCES, errno.EPERM):
            return not_allowed(address, host)
    there = () if "://" in address else tuple(port.address for port in list_ports() if port.likely)
    return BoardNotFound(address, there, text)


def not_allowed(address: str, host: Host) -> BoardNotAllowed:
    """The sentence for a port that one may not use, with what to do about it here."""
    maker = next((port.vid for port in list_ports() if port.address == address), None)
    return BoardNotAllowed(address, port_group(address), access.permission_line(host, maker))


def _busy(address: str, host: Host, proc: Path, *, hidden: bool) -> BoardBusy:
    """``hidden``: it may be a program of the system, which Linux does not show to everybody."""
    holder, pid = port_holder(address, proc=proc, host=host) or (None, None)
    if holder is None and hidden and host.system == "linux":
        holder = access.suspect(proc)
    return BoardBusy(address, holder, pid, cure=access.advice(host, holder) if holder is not None else None)


def port_holder(address: str, *, proc: Path = _PROC, host: Host | None = None) -> tuple[str, int] | None:
    """Name and process number of another program that has ``address`` open, where the system tells (Linux, macOS)."""
    host = host or Host.current()
    if host.system == "macos":
        return _holder_by_lsof(address, host)
    target = os.path.realpath(address)
    for folder in proc.glob("[0-9]*"):
        pid = int(folder.name)
        if pid != os.getpid() and _holds(folder / "fd", target):
            return _process_name(folder), pid
    return None


def _holder_by_lsof(address: str, host: Host) -> tuple[str, int] | None:
    """As ``lsof -F`` tells it: a line ``p`` with the number, then one ``c`` with the name, for each process.

    A port has two names there, one to wait for a call (``tty.``) and one to make it (``cu.``).
    """
    names = {address, address.replace("/dev/cu.", "/dev/tty."), address.replace("/dev/tty.", "/dev/cu.")}
    try:
        argv = ("lsof", "-nP", "-F", "pc", *sorted(name for name in names if os.path.exists(name) or name == address))
        said = JobContext(host).run(argv, timeout=_LSOF_S, check=False).stdout.decode("utf-8", "replace")
    except (ToolFailed, ToolMissing, OSError):
        return None
    for pid, name in re.findall(r"^p(\d{1,10})\nc([^\n]*)$", said, re.MULTILINE):
        if int(pid) != os.getpid():
            return name or "?", int(pid)
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
