"""Ports as USB devices: what kind of connection each is, and which one a board has after it went and came back.

A board with USB of its own is another device in its loader than in its firmware: the port goes and comes back, often
under another name. Its MAC (which chips give as the USB serial number) or the socket it is in tell that it is the same.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from serial.tools import list_ports as serial_ports

from toolchains.paths import resources

UsbKind = Literal["uart", "usb-serial-jtag", "usb-otg", "simulated", "other", ""]

_SIMULATED = "sim:"
_ESPRESSIF = 0x303A
_MAC = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class UsbPort:
    """A serial port: its address, and its USB identity as far as the system tells it.

    ``location`` is the socket (``1-2.3``), the same before and after a board changed what it is.
    """

    address: str
    vid: int | None = None
    pid: int | None = None
    serial_number: str = ""
    location: str = ""
    title: str = ""

    @property
    def mac(self) -> str:
        """The MAC in the serial number, as ``aa:bb:cc:dd:ee:ff``; empty where it is none."""
        return mac_of(self.serial_number)

    @property
    def known(self) -> KnownUsb | None:
        """What its maker and product numbers say."""
        return known_usb(self.vid, self.pid)

    @property
    def kind(self) -> UsbKind:
        """How the chip is connected."""
        return kind_of(self)


@dataclass(frozen=True)
class KnownUsb:
    """A row of ``resources/coach/usb.json``. ``chip`` and ``driver`` (an address) are empty where they do not apply.

    ``loader``: a chip is this device only while nothing but its ROM loader runs.
    """

    vid: str
    pid: str
    name: str
    kind: UsbKind
    chip: str = ""
    driver: str = ""
    loader: bool = False


@cache
def coach_folder() -> Path:
    """Where the coach's data and pictures are."""
    return resources() / "coach"


@cache
def _known() -> dict[tuple[str, str], KnownUsb]:
    rows = json.loads((coach_folder() / "usb.json").read_text("utf-8"))["devices"]
    return {(row["vid"], row["pid"]): KnownUsb(**row) for row in rows}


def known_usb(vid: int | None, pid: int | None) -> KnownUsb | None:
    """What is known of a USB maker's product, or None."""
    if vid is None:
        return None
    maker = f"{vid:04X}"
    return _known().get((maker, f"{pid or 0:04X}")) or _known().get((maker, "*"))


def kind_of(port: UsbPort) -> UsbKind:
    """How a chip on this port is connected; empty when nobody knows (a pty, a socket, a port of the mainboard)."""
    if port.address.startswith(_SIMULATED):
        return "simulated"
    known = port.known
    return known.kind if known is not None else ""


def ports() -> list[UsbPort]:
    """The serial ports that there are now."""
    return [
        UsbPort(
            port.device,
            port.vid,
            port.pid,
            port.serial_number or "",
            socket_of(port.location),
            next((text for text in (port.product, port.description) if text and text != "n/a"), port.device),
        )
        for port in serial_ports.comports()
    ]


def port_at(address: str, among: Iterable[UsbPort] | None = None) -> UsbPort:
    """The port at ``address``; nothing but its address when the system does not list it (a pty, a socket)."""
    found = (port for port in (ports() if among is None else among) if port.address.casefold() == address.casefold())
    return next(found, UsbPort(address))


def socket_of(location: str | None) -> str:
    """The socket in pyserial's location: ``1-2.3:1.0`` (Linux) and ``1-2.3:x.0`` (Windows) name an interface, too."""
    return (location or "").partition(":")[0]


def mac_of(text: str) -> str:
    """``AA:BB:CC:DD:EE:FF``, ``aabbccddeeff`` or a bytes' hex as ``aa:bb:cc:dd:ee:ff``; empty when it is no MAC."""
    digits = re.sub(r"[:\-\s]", "", text.lower())
    if not _MAC.fullmatch(digits):
        return ""
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def follow(board: UsbPort, before: Iterable[UsbPort], now: Iterable[UsbPort], mac: str = "") -> UsbPort | None:
    """Where a board is now that was at ``board`` when the ports were ``before``; None: not there, or not to be told.

    By its MAC, else by the socket it is in, else the one new port of a chip with USB of its own.
    """
    known_mac = mac or board.mac
    there = [port for port in now if not (known_mac and port.mac and port.mac != known_mac and port.kind != "uart")]
    by_mac = [port for port in there if known_mac and port.mac == known_mac and port.kind != "uart"]
    if len(by_mac) == 1:
        return by_mac[0]
    same = [port for port in there if _same_device(board, port)]
    if same:
        return same[0]
    by_socket = [port for port in there if board.location and port.location == board.location and _may_be(port)]
    if len(by_socket) == 1:
        return by_socket[0]
    old = {(port.address, port.vid, port.pid) for port in before}
    fresh = [port for port in there if (port.address, port.vid, port.pid) not in old and port.vid == _ESPRESSIF]
    return fresh[0] if len(fresh) == 1 and board.kind != "uart" else None


#: Ports of USB by their addresses, those that were looked at last.
_seen: dict[str, Track] = {}
_MOST_SEEN = 64


@dataclass(frozen=True)
class Track:
    """A port as it was, and what else was plugged in: to find its board again wherever it is later."""

    port: UsbPort
    among: tuple[UsbPort, ...]

    @staticmethod
    def at(address: str) -> Track:
        """What there is to know of ``address`` now. Where nothing is just now, as it was when it was last looked at:
        between two steps of a job a board is away for a moment."""
        there = tuple(ports())
        track = Track(port_at(address, there), there)
        if track.port.vid is None:
            return track if os.path.exists(address) else _seen.get(address, track)
        _seen.pop(address, None)
        _seen[address] = track
        for old in list(_seen)[:-_MOST_SEEN]:
            _seen.pop(old, None)
        return track

    @property
    def native(self) -> bool:
        """Whether the port is the chip's own USB, which goes away with each reset."""
        return self.port.kind in ("usb-serial-jtag", "usb-otg")

    @property
    def mac(self) -> str:
        """The MAC, where the chip's own USB says it as its serial number; else empty."""
        return self.port.mac if self.native else ""

    def now(self, mac: str = "", among: Iterable[UsbPort] | None = None) -> UsbPort | None:
        """Where the board is now; None: not there, or not to be told. One that USB does not know is where it was.

        ``among``: the ports that there are now, if somebody has just asked.
        """
        there = ports() if among is None else list(among)
        if _there(self.port, there):
            return self.port
        return follow(self.port, self.among, there, mac or self.mac)


def _there(board: UsbPort, now: Iterable[UsbPort]) -> bool:
    """Whether it is still the same device at the same address; a port that the system does not list is not USB."""
    if board.vid is None:
        return not board.address.startswith("/") or os.path.exists(board.address)
    at = port_at(board.address, now)
    return (at.vid, at.pid, at.serial_number) == (board.vid, board.pid, board.serial_number)


def _same_device(board: UsbPort, port: UsbPort) -> bool:
    """The very same device. A number of its own, or at least the same kind at the same address."""
    if (board.vid, board.pid, board.serial_number) != (port.vid, port.pid, port.serial_number):
        return False
    return board.address == port.address or bool(board.serial_number and board.mac)


def _may_be(port: UsbPort) -> bool:
    return port.kind in ("uart", "usb-serial-jtag", "usb-otg")
