"""After a write: find the board again, wherever its port is now, and prove that MicroPython answers."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import dataclass

from ide.board.errors import BoardBusy, BoardGone, BoardNotAllowed, BoardNotFound, BoardSilent, BoardTimeout
from ide.board.flash import esptool
from ide.board.flash.errors import DidNotStart, chip_title
from ide.board.flash.failures import has_watchdog_reset
from ide.board.inspect import Identity
from ide.board.link import open_link
from ide.board.ports import PortInfo, list_ports
from toolchains.errors import BoardError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.text import Text, _

#: A first start formats the file system, and native USB is enumerated anew.
PATIENCE_S = 20.0
_LOOK_S = 0.2
_ESPRESSIF = 0x303A
_SERIAL_JTAG = 0x1001
#: What does not get better by waiting.
_FINAL = ("boot-loop", "no-micropython", "wrong-speed")
#: A loader says what it is when it starts, and then nothing more.
_MAYBE_LOADER = ("bootloader", "silent")


@dataclass(frozen=True)
class Seen:
    """A port as it was before the write: what the board is found again by."""

    port: str
    serial_number: str
    native: bool
    serial_jtag: bool

    @staticmethod
    def at(port: str) -> Seen:
        """What is known of ``port`` now."""
        info = next((info for info in list_ports() if info.address.casefold() == port.casefold()), None)
        if info is None:
            return Seen(port, "", native=False, serial_jtag=False)
        native = info.vid == _ESPRESSIF
        return Seen(port, info.serial_number or "", native, native and info.pid == _SERIAL_JTAG)

    @property
    def mac(self) -> str:
        """The MAC, where the chip's own USB says it as its serial number; else empty."""
        return mac_text(self.serial_number) if self.serial_jtag else ""


def mac_text(serial_number: str) -> str:
    """``7CDFA1000001`` or ``7C:DF:A1:00:00:01`` as ``7c:df:a1:00:00:01``; empty when it is no MAC."""
    digits = re.sub("[^0-9a-f]", "", serial_number.lower())
    return ":".join(re.findall("..", digits)) if len(digits) == 12 else ""


def find(seen: Seen, mac: str, ports: list[PortInfo]) -> str | None:
    """The port that the board is at now: by its MAC or serial number, else where it was."""
    for info in ports:
        number = info.serial_number or ""
        if number and (number == seen.serial_number or (mac and mac_text(number) == mac)):
            return info.address
    listed = any(info.address == seen.port for info in ports)
    return seen.port if listed or not seen.native else None


def prove(
    ctx: JobContext, host: Host, seen: Seen, chip: str, mac: str, *, patience: float = PATIENCE_S
) -> tuple[Identity, str]:
    """Who answers, and at which port. Raises DidNotStart after ``patience`` seconds."""
    with ctx.step(_("wait for MicroPython")):
        watch = _Watch(ctx, host, seen, chip, mac, time.monotonic() + patience)
        while True:
            found = watch.look()
            if found is not None:
                return found
            ctx.check()
            time.sleep(_LOOK_S)


@dataclass
class _Watch:
    ctx: JobContext
    host: Host
    seen: Seen
    chip: str
    mac: str
    end: float
    pushed: bool = False

    def look(self) -> tuple[Identity, str] | None:
        port = find(self.seen, self.mac, list_ports())
        if port is None:
            self._or_give_up(self.seen.port, _("It did not come back on the USB bus."))
            return None
        try:
            return self._ask(port), port
        except (BoardNotFound, BoardBusy, BoardNotAllowed, BoardGone, BoardTimeout) as error:
            self._or_give_up(port, error.what, error)
        except BoardSilent as error:
            self._silent(port, error)
        return None

    def _ask(self, port: str) -> Identity:
        board = open_link(self.ctx, port)
        try:
            return board.identity(self.ctx)
        finally:
            board.close()

    def _silent(self, port: str, error: BoardSilent) -> None:
        if error.kind in _MAYBE_LOADER and not self.pushed:
            self.pushed = True
            with suppress(BoardError):  # no loader there either
                self._push(port)
            return
        if error.kind in _FINAL:
            raise self._failed(port, error.what, error)
        self._or_give_up(port, error.what, error)

    def _push(self, port: str) -> None:
        """Native USB may stay in the loader after the usual reset: restart it by its own watchdog where it has one."""
        watchdog = self.seen.native and has_watchdog_reset(self.chip)
        esptool.restart(self.ctx, self.host, port, self.chip, watchdog=watchdog)

    def _or_give_up(self, port: str, why: Text, error: BoardError | None = None) -> None:
        if time.monotonic() > self.end:
            raise self._failed(port, why, error)

    def _failed(self, port: str, why: Text, error: BoardError | None) -> DidNotStart:
        if isinstance(error, BoardSilent) and error.kind == "boot-loop":
            step = _("It is not firmware for this board: choose another for the {chip}.", chip=chip_title(self.chip))
        else:
            step = _("Press its reset button, or unplug it and plug it in; then connect to it.")
        return DidNotStart(port, why, step, error.detail if error is not None else "")
