"""The serial ports that the system lists, as a test wants them: plugged in and pulled out by hand."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from serial.tools import list_ports as serial_ports

from ide.board.flash import usb

MAC = "24:6f:28:aa:bb:01"
JTAG = (0x303A, 0x1001)
ROM_S2 = (0x303A, 0x0002)
MICROPYTHON = (0x303A, 0x4001)
CP2102 = (0x10C4, 0xEA60)
CH340 = (0x1A86, 0x7523)


class UsbPorts:
    """What :func:`serial.tools.list_ports.comports` answers from now on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._there: dict[str, SimpleNamespace] = {}
        monkeypatch.setattr(serial_ports, "comports", lambda: list(self._there.values()))
        monkeypatch.setattr(usb, "_seen", {})

    def plug(
        self,
        address: str,
        numbers: tuple[int, int] | None = None,
        *,
        serial: str | None = None,
        location: str | None = None,
        product: str | None = None,
    ) -> None:
        """A port appears."""
        vid, pid = numbers or (None, None)
        there = {"device": address, "vid": vid, "pid": pid, "serial_number": serial}
        self._there[address] = SimpleNamespace(**there, location=location, product=product, description="n/a")

    def unplug(self, address: str) -> None:
        """A port goes away."""
        del self._there[address]
