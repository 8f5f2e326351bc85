"""What a person may choose as the board: what is plugged in, and simulated boards."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from ide.board import simulator
from ide.board.ports import list_ports, port_group
from toolchains.host import Host
from toolchains.text import Text, _


class BoardKind(Protocol):
    """A kind of board without a port of its own, as :class:`~ide.board.simulator.SimulatorKind`."""

    @property
    def address(self) -> str:
        """How a person asks for it."""
        ...

    def listed(self, host: Host) -> Text:
        """What it is, and what it lacks here."""
        ...

    def available(self, host: Host) -> bool:
        """Whether this computer can run it."""
        ...

    def lacks(self, host: Host) -> Text | None:
        """What has to be got before it can run here, in words."""
        ...


@dataclass(frozen=True)
class ListedBoard:
    """One choice. ``likely``: a board or a board's serial bridge, by its USB maker.

    ``reason`` says why it is not ``available``, and what to do. Of one that still ``lacks`` something the title says
    what; choosing it brings the offer to get that.
    """

    address: str
    title: Text
    kind: Literal["serial", "simulated"]
    likely: bool = False
    available: bool = True
    reason: Text | None = None
    lacks: bool = False


def list_boards(host: Host, kinds: Iterable[BoardKind] | None = None) -> list[ListedBoard]:
    """The likely boards first, then simulated ones, then other serial ports. ``kinds``: default our simulators.

    Reads what the system knows of its ports (a few ms); opens none.
    """
    found = [_serial(port.address, port.title, port.likely) for port in list_ports()]
    simulated = [_simulated(kind, host) for kind in (simulator.kinds().values() if kinds is None else kinds)]
    simulated.sort(key=lambda board: (not board.available, board.lacks))  # what works at once comes first
    return [*(b for b in found if b.likely), *simulated, *(b for b in found if not b.likely)]


def _serial(address: str, title: str, likely: bool) -> ListedBoard:
    words = Text(title.replace("{", "{{").replace("}", "}}"))
    # Permissions of device files; on Windows every port that is listed may be tried.
    allowed = not os.path.exists(address) or os.access(address, os.R_OK | os.W_OK)
    return ListedBoard(address, words, "serial", likely, allowed, None if allowed else _not_allowed(address))


def _not_allowed(address: str) -> Text:
    group = port_group(address)
    if group is None:
        return _("You may not use this port. Ask whoever looks after this computer for access to it.")
    return _("You may not use this port. Join the group {group}: sudo usermod -aG {group} $USER", group=group)


def _simulated(kind: BoardKind, host: Host) -> ListedBoard:
    title = kind.listed(host)
    if kind.available(host):
        return ListedBoard(kind.address, title, "simulated", lacks=kind.lacks(host) is not None)
    reason = _("It does not run on this kind of computer.")
    return ListedBoard(kind.address, title, "simulated", available=False, reason=reason)
