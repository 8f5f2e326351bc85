"""A wire with modem lines for an emulated chip: RFC 2217 on a TCP port of this machine (``rfc2217://``).

What DTR and RTS do is what the usual circuit with two transistors does: RTS alone pulls EN (reset), DTR alone pulls
IO0 (BOOT); which of the two is pulled is looked at when EN is let go, as the capacitor at EN makes it.
"""

from __future__ import annotations

from collections.abc import Callable

from serial import rfc2217

from tests.fakes.rom_line import SocketLine

#: Called when EN is let go: whether IO0 is pulled then.
Reset = Callable[[bool], object]


class _Lines:
    """What the server thinks is a serial port."""

    bytesize, parity, stopbits, baudrate = 8, "N", 1, 115200
    xonxoff = rtscts = dsrdtr = break_condition = False
    cts = dsr = cd = True
    ri = False
    timeout = None

    def __init__(self, on_reset: Reset) -> None:
        self._on_reset = on_reset
        self._rts = False
        self.dtr = False

    @property
    def rts(self) -> bool:
        return self._rts

    @rts.setter
    def rts(self, on: bool) -> None:
        was, self._rts = self._rts, on
        if was and not on:
            self._on_reset(self.dtr)

    def reset_input_buffer(self) -> None:
        """Nothing is kept."""

    def reset_output_buffer(self) -> None:
        """Nothing is kept."""


class ModemLine(SocketLine):
    """One host at a time, as :class:`SocketLine`."""

    def __init__(self, on_reset: Reset) -> None:
        super().__init__()
        self.port = self.port.replace("socket:", "rfc2217:")
        self._lines = _Lines(on_reset)
        self._manager: rfc2217.PortManager | None = None
        self._answers = bytearray()

    def wait(self, wake: int, seconds: float) -> bool:
        before = self.present()
        ready = super().wait(wake, seconds)
        if self.present() and not before:
            self._manager = rfc2217.PortManager(self._lines, self)  # type: ignore[arg-type]  # what it needs of the two
            self._flush(wake)
        self._wake = wake
        return ready

    def read(self) -> bytes:
        data = super().read()
        manager = self._manager
        if manager is None or not data:
            return data
        plain = b"".join(manager.filter(data))
        self._flush(self._wake)
        return plain

    def write(self, data: bytes, wake: int = -1) -> None:
        """As SocketLine; of the manager without ``wake``, which is sent when it is done."""
        if wake < 0:
            self._answers += data
        elif self._manager is not None:
            super().write(b"".join(self._manager.escape(data)), wake)

    def _flush(self, wake: int) -> None:
        data, self._answers = bytes(self._answers), bytearray()
        super().write(data, wake)

    def speed(self) -> int:
        return self._lines.baudrate
