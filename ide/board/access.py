"""Ports of Linux that a person may not use, or that a program of the system takes: the line that cures it.

Our udev rule gives the ports of boards to whoever sits at the computer (systemd's ``uaccess``: nobody joins a group,
nobody logs out, no port is open to all), and keeps ModemManager away from boards with USB of their own. We only write
it where our state is; the person copies it, with a line that shows all that it does.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from toolchains.host import Host
from toolchains.paths import Paths
from toolchains.text import Text, _

#: Before systemd's 73-seat-late.rules, which gives away what is tagged.
_RULE_FILE = "70-natmod-boards.rules"
#: USB makers of boards whose serial port is the chip's own; and those of bridges, which modems have, too.
_OWN_USB = frozenset({0x303A, 0x2341, 0x2E8A, 0xF055, 0x239A, 0x2886, 0x1B4F})
_BRIDGES = frozenset({0x1A86, 0x10C4, 0x0403})
#: All makers of boards and of the serial bridges on boards (facts.md b.5): Espressif, Arduino, Raspberry Pi,
#: MicroPython's own, Adafruit, Seeed, SparkFun; WCH, Silicon Labs, FTDI.
BOARD_MAKERS = _OWN_USB | _BRIDGES

#: Reads devices for people who read Braille, and takes the numbers of common USB bridges for one (peers.md 21).
BRAILLE = "brltty"
MODEMS = "ModemManager"
_RUN, _PROC = Path("/run"), Path("/proc")
_REMOVE = {"apt-get": "apt remove", "dnf": "dnf remove", "pacman": "pacman -R", "zypper": "zypper remove"}


def rules(makers: Iterable[int]) -> str:
    """The udev rules for the ports of these USB makers."""
    return "\n".join(
        (
            "# Made by Natmod Studio. Whoever sits at this computer may use the serial ports of boards,",
            "# and ModemManager does not look whether a board is a modem.",
            'ACTION=="remove", GOTO="natmod_boards_end"',
            f'SUBSYSTEM=="tty", SUBSYSTEMS=="usb", ATTRS{{idVendor}}=="{_pattern(makers)}", TAG+="uaccess"',
            f'SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_device", ATTR{{idVendor}}=="{_pattern(_OWN_USB)}", '
            'ENV{ID_MM_DEVICE_IGNORE}="1"',
            'LABEL="natmod_boards_end"',
            "",
        )
    )


def _pattern(makers: Iterable[int]) -> str:
    return "|".join(f"{maker:04x}" for maker in sorted(makers))


def rule_line(host: Host, maker: int | None = None) -> str | None:
    """Write our rules; what to type to have them used. None where there is no udev, or no disk to write to.

    ``maker``: a USB maker that must be among them.
    """
    if host.system != "linux" or host.which("udevadm") is None:
        return None
    file = Paths.of(host).state / "udev" / _RULE_FILE
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(rules(BOARD_MAKERS | ({maker} if maker is not None else set())), "ascii")
    except OSError:
        return None
    copied = f"sudo cp {shlex.quote(str(file))} /etc/udev/rules.d/"
    return f"{copied} && sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=tty"


def permission_line(host: Host, maker: int | None, *, run: Path | None = None) -> str | None:
    """What to type to be allowed the ports of this USB maker; None where udev does not help.

    It does where systemd keeps seats, and to whoever sits at one: a login over the network does not.
    """
    sits = any(((run or _RUN) / "systemd" / "seats").glob("*")) and "SSH_CONNECTION" not in host.environ
    return rule_line(host, maker) if sits and maker is not None else None


def remove_line(host: Host, program: str) -> str:
    """What to type to remove a program of the system."""
    manager = next((name for name in _REMOVE if host.which(name) is not None), "apt-get")
    return f"sudo {_REMOVE[manager]} {program}"


def advice(host: Host, holder: str) -> Text | None:
    """What to do where a program is known for taking boards; None where it is not."""
    if holder == MODEMS:
        line = rule_line(host)
        if line is None:
            line = "sudo systemctl disable --now ModemManager"
        return _(
            "It looks whether the board is a modem, for about half a minute: wait, then try again. To stop that for "
            "good: {line}",
            line=line,
        )
    if holder == BRAILLE:
        return _("It took the board for a Braille display. If nobody here reads Braille: {line}",
                 line=remove_line(host, BRAILLE))  # fmt: skip
    return None


def suspect(proc: Path = _PROC) -> str | None:
    """A program that takes boards and runs here as somebody else, so that nobody may see what it has open."""
    return next((name for name in (MODEMS, BRAILLE) if name in running(proc)), None)


def running(proc: Path = _PROC) -> set[str]:
    """The names of the programs that run, as Linux tells them (at most 15 letters each)."""
    found = set()
    for file in proc.glob("[0-9]*/comm"):
        try:
            found.add(file.read_text("utf-8", "replace").strip())
        except OSError:  # it just ended
            continue
    return found
