"""What stands between a person and a board before any loader can answer, each with its own sentence.

No port at all (no driver, a cable that only charges, a sandbox), a port that is something else (a mouse, a Bluetooth
link, another microcontroller), one that another program has. Permission and busy ports have their sentences in
:mod:`ide.board.errors`; programs that are known for taking boards get a better one here.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ide.board import access
from ide.board.errors import BoardBusy, BoardNotFound
from ide.board.flash import usb_tree
from ide.board.flash.errors import FlashError, PortTaken
from ide.board.flash.usb import KnownUsb, UsbPort, known_usb, port_at, ports
from ide.board.flash.usb_tree import UsbDevice
from toolchains.errors import StudioError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.text import Text, _

_PROC = Path("/proc")
#: Names of ports that no board is behind.
_NO_BOARD = ("bluetooth", "debug-console", "wlan-debug")
_SANDBOXES = ("FLATPAK_ID", "SNAP")
_HUB = "hub"


class NoPort(FlashError):
    """No board's port is there."""

    code = "flash.noport"


class NoDriver(NoPort):
    """The board is at USB, but the system has no driver for it, or gave it to another program."""

    code = "flash.nodriver"

    def __init__(self, name: str, driver: str, system: str) -> None:
        if system == "linux":
            step = _(
                "Linux has that driver, but here it does not take the device: unplug it, plug it in, and look at "
                "the last lines of: sudo dmesg"
            )
        elif driver:
            step = _("Install the driver of its maker, then plug the board in again: {driver}", driver=driver)
        else:
            step = _("Let the system look for updates of its drivers, then plug the board in again.")
        super().__init__(
            _("The board is there ({name}), but this computer has no driver for it.", name=name),
            next_step=step,
            name=name,
            driver=driver,
        )


class TakenByBraille(NoPort):
    """Linux: brltty took the board's USB bridge for a Braille display."""

    code = "flash.brltty"

    def __init__(self, name: str, line: str) -> None:
        super().__init__(
            _("The program brltty took the board ({name}) for a Braille display.", name=name),
            next_step=_("If nobody here reads Braille: {line}  Then plug the board in again.", line=line),
            name=name,
            line=line,
        )


class NoDataLines(NoPort):
    """Something was plugged in, and nothing appeared at USB."""

    code = "flash.cable"

    def __init__(self) -> None:
        super().__init__(
            _("The computer does not see the board at all."),
            why=_("A cable that only charges does this: the board's lamp is on, but no data line is connected."),
            next_step=_("Use a cable that you know carries data, and a USB socket of the computer itself."),
        )


class OtherDevice(NoPort):
    """What was plugged in is not a board."""

    code = "flash.otherdevice"

    def __init__(self, title: str) -> None:
        super().__init__(
            _("What was plugged in has no serial port: {title}.", title=title),
            next_step=_("Plug the board in. One that shows itself as a drive needs its BOOT and RESET buttons first."),
            title=title,
        )


class Sandboxed(NoPort):
    """We run in a sandbox that hides the ports."""

    code = "flash.sandbox"

    def __init__(self) -> None:
        super().__init__(
            _("No port is to be seen: Natmod Studio runs in a sandbox (Snap or Flatpak) that may hide them."),
            next_step=_("Allow it the serial ports, or start it outside of the sandbox."),
        )


class NoBoardPort(NoPort):
    """There is nothing to go by."""

    def __init__(self) -> None:
        super().__init__(
            _("No board is plugged in, as far as this computer tells."),
            next_step=_("Plug the board in with a cable that carries data. If it is plugged in: unplug it, and plug "
                        "it in again."),
        )  # fmt: skip


class NotThisPort(FlashError):
    """The port is there, but it is none that a board could be at. ``title``: what it is."""

    code = "flash.notport"

    def __init__(self, port: str, what: Text) -> None:
        super().__init__(
            _("{port} is not the port of an ESP board.", port=port),
            why=what,
            next_step=_("Choose the port of the board. Unplug it and look which port goes away."),
            port=port,
        )


@dataclass(frozen=True)
class Plugged:
    """What was plugged in at a moment: to compare with later."""

    ports: tuple[UsbPort, ...]
    devices: tuple[UsbDevice, ...]

    @staticmethod
    def now(ctx: JobContext) -> Plugged:
        """What is plugged in now."""
        there = tuple(ports())
        found = usb_tree.with_ports(usb_tree.devices(ctx), ((port.vid, port.pid) for port in there))
        return Plugged(there, tuple(found))


def why_no_port(host: Host, now: Plugged, before: Plugged | None = None, *, proc: Path = _PROC) -> NoPort | None:
    """Why no board can be chosen; None when a port of a board is there.

    ``before``: what was there before the person plugged something in, if that is known.
    """
    if any(port.kind in ("uart", "usb-serial-jtag", "usb-otg") for port in now.ports):
        return None
    without = without_driver(host, now, proc=proc)
    if without:
        return without[0]
    if any(name in host.environ for name in _SANDBOXES):
        return Sandboxed()
    if before is None:
        return NoBoardPort()
    fresh = _fresh(before.devices, now.devices)
    return OtherDevice(fresh[0].title or f"{fresh[0].vid:04X}:{fresh[0].pid:04X}") if fresh else NoDataLines()


def without_driver(host: Host, now: Plugged, *, proc: Path = _PROC) -> list[NoPort]:
    """The boards at USB of which the system made no port, each with the reason."""
    return [
        _no_driver(host, known, proc)
        for device in now.devices
        if (known := known_usb(device.vid, device.pid)) is not None and known.kind != "other" and not device.has_port
    ]


def taken_away(ctx: JobContext, port: UsbPort, *, proc: Path = _PROC, sysfs: Path | None = None) -> NoPort | None:
    """Why a port went away while its board is still plugged in: brltty takes it some seconds after it came."""
    if ctx.host.system != "linux" or port.known is None or access.BRAILLE not in access.running(proc):
        return None
    there = usb_tree.devices(ctx) if sysfs is None else usb_tree.devices(ctx, sysfs=sysfs)
    same = [device for device in there if (device.vid, device.pid) == (port.vid, port.pid)]
    return _no_driver(ctx.host, port.known, proc) if same and not any(device.has_port for device in same) else None


def _fresh(before: Iterable[UsbDevice], now: Iterable[UsbDevice]) -> list[UsbDevice]:
    left = list(before)
    fresh = []
    for device in now:
        if device in left:
            left.remove(device)
        elif _HUB not in device.title.lower():
            fresh.append(device)
    return fresh


def _no_driver(host: Host, known: KnownUsb, proc: Path) -> NoPort:
    if host.system == "linux" and access.BRAILLE in access.running(proc):
        return TakenByBraille(known.name, access.remove_line(host, access.BRAILLE))
    return NoDriver(known.name, known.driver, host.system)


def why_not(address: str, there: Iterable[UsbPort] | None = None) -> StudioError | None:
    """What is wrong with a port, as far as it shows without opening it; None: try it."""
    port = port_at(address, there)
    known = port.known
    if known is not None and known.kind == "other":
        return NotThisPort(address, _("A {name} is at it. Only ESP chips can be written here.", name=known.name))
    if any(word in f"{port.address} {port.title}".lower() for word in _NO_BOARD):
        return NotThisPort(address, _("It leads to no board, but to the computer's own radio or its log."))
    if os.name == "posix" and address.startswith("/"):
        return _no_terminal(address)
    return None


def _no_terminal(address: str) -> StudioError | None:
    """On POSIX, whether a path is a serial port at all: a mouse is a device, too, and a file is a file."""
    try:
        mode = _mode(address)
    except FileNotFoundError:
        return BoardNotFound(address, tuple(port.address for port in ports() if port.kind not in ("", "other")))
    except OSError:  # opening it says more
        return None
    if stat.S_ISCHR(mode) and Path(os.path.realpath(address)).parts[1:3] != ("dev", "input"):
        return _no_teletype(address)
    if stat.S_ISCHR(mode):
        return NotThisPort(address, _("It is a mouse, a keyboard or another input device."))
    return NotThisPort(address, _("It is a file or a folder, no serial port."))


def _mode(path: str) -> int:
    return os.stat(path).st_mode


def _no_teletype(address: str) -> StudioError | None:
    if address in (port.address for port in ports()):
        return None  # opening it, even to look, would set its lines
    try:
        descriptor = os.open(address, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:  # whoever opens it in earnest says why
        return None
    try:
        return None if os.isatty(descriptor) else NotThisPort(address, _("It is a device, but no serial port."))
    finally:
        os.close(descriptor)


def better(error: StudioError, host: Host | None = None) -> None:
    """Give the error a better advice where the program that has the port is known for taking boards."""
    if isinstance(error, BoardBusy | PortTaken) and error.holder is not None:
        error.next_step = access.advice(host or Host.current(), error.holder) or error.next_step


def silent_words(address: str, there: Iterable[UsbPort] | None = None) -> Text:
    """What may be the matter with a port where nothing that we know answers."""
    port = port_at(address, there)
    if port.vid is not None and port.known is None:
        return _("The port belongs to {title}, which is no usual board.", title=port.title)
    if port.vid is None and not address.startswith(("/dev/pts/", "socket:", "rfc2217:")):
        return _("The port is not at USB. Most boards are: choose another one.")
    return _("The board runs its program, sleeps, or its cable carries power only.")
