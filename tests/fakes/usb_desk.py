"""Boards on ptys that vanish and come back under other names, with what USB says of them."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.board import FakeBoard
from tests.fakes.usb_ports import UsbPorts
from tests.fakes.wire import PtyBoard


class Desk:
    """A table with USB sockets: boards are plugged in and pulled out."""

    def __init__(self, folder: Path, bus: UsbPorts) -> None:
        self.folder, self.bus = folder, bus
        self._there: dict[str, PtyBoard] = {}

    def plug(self, name: str, numbers: tuple[int, int], board: FakeBoard, *, serial: str = "", socket: str = "") -> str:
        """A board appears at a port of that name; the whole name of the port."""
        pty, port = PtyBoard(board), self.folder / name
        pty.__enter__()
        self._there[name] = pty
        port.symlink_to(pty.path)
        self.bus.plug(str(port), numbers, serial=serial or None, location=socket or None)
        return str(port)

    def pull(self, name: str) -> None:
        """Its cable is pulled."""
        port = self.folder / name
        self.bus.unplug(str(port))
        port.unlink()
        self._there.pop(name).unplug()

    def close(self) -> None:
        for name in list(self._there):
            self.pull(name)
