"""Where a board is after its port went away, and whether it is the same one.

A board that restarts, or that is plugged in again, often gets a port of another name; and its old name may be another
board's by then. USB serial numbers tell, where they are a device's own; else the board itself does, once it answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ide.board.flash.usb import Track, UsbPort, mac_of, port_at, ports

#: ``0001`` and the like are the same in thousands of bridges.
_OWN_NUMBER = 8


@dataclass(frozen=True)
class Place:
    """A port at which a board may be now. ``certain``: its USB serial number says that it is the same board."""

    address: str
    certain: bool


@dataclass
class Whereabouts:
    """A board as it was seen last. ``unique_id`` is its own (``machine.unique_id()``, hex), once it was asked."""

    track: Track
    unique_id: str | None = None

    @staticmethod
    def at(address: str) -> Whereabouts | None:
        """What there is to know of the board at ``address`` now; None for one that has no port of this computer."""
        return None if "://" in address or address.startswith("sim:") else Whereabouts(Track.at(address))

    @property
    def native(self) -> bool:
        """Whether the port is the chip's own USB: it goes away at each reset and comes back by itself."""
        return self.track.port.vid is not None and self.track.port.kind != "uart"

    def now(self, there: Sequence[UsbPort] | None = None) -> Place | None:
        """Where it is now, among the ports ``there`` (default: those that there are); None: nowhere."""
        found = ports() if there is None else list(there)
        own, mac = self.track.port, self._mac
        numbered = [port for port in found if self._has_own_number and _device(port) == _device(own)]
        if len(numbered) == 1:
            return Place(numbered[0].address, True)
        at = self.track.now(mac, found) or self._only_new_one(found)
        if at is None or self._is_other(at):
            return None
        certain = bool(mac) and at.mac == mac and at.kind != "uart"
        return Place(at.address, certain)

    def taken(self) -> bool:
        """Whether something else is at its address now."""
        port = port_at(self.track.port.address)
        return port.vid is not None and _device(port) != _device(self.track.port)

    @property
    def _mac(self) -> str:
        return self.track.mac or mac_of(self.unique_id or "")

    @property
    def _has_own_number(self) -> bool:
        number = self.track.port.serial_number
        return len(number) >= _OWN_NUMBER and len(set(number)) > 2  # 000000000000 is nobody's

    def _is_other(self, port: UsbPort) -> bool:
        """The same kind of device with another number."""
        own = self.track.port
        numbers = own.serial_number, port.serial_number
        return _device(port)[:2] == _device(own)[:2] and "" not in numbers and numbers[0] != numbers[1]

    def _only_new_one(self, there: Sequence[UsbPort]) -> UsbPort | None:
        """The one new port of the same kind, where the board can be asked whether it is the same."""
        if self.unique_id is None or self.track.port.vid is None:
            return None
        old = {(port.address, port.location) for port in self.track.among}
        fresh = [
            port
            for port in there
            if _device(port)[:2] == _device(self.track.port)[:2] and (port.address, port.location) not in old
        ]
        return fresh[0] if len(fresh) == 1 else None


def _device(port: UsbPort) -> tuple[int | None, int | None, str]:
    return port.vid, port.pid, port.serial_number
