"""What a person may choose as the board: what is plugged in, and simulated boards."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from ide.board import simulator
from ide.board.flash import trouble
from ide.board.ports import list_ports, not_allowed
from toolchains.errors import StudioError
from toolchains.host import Host
from toolchains.jobs import JobContext
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

    @property
    def unlisted(self) -> bool:
        """Whether nobody is offered it while it lacks something."""
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
    found = [_serial(host, port.address, port.title, port.likely) for port in list_ports()]
    known = simulator.kinds().values() if kinds is None else kinds
    simulated = [_simulated(kind, host) for kind in known if not (kind.unlisted and kind.lacks(host))]
    usual = simulator.default_address(host)
    # What works at once comes first, and of that the board that needs the least.
    simulated.sort(key=lambda board: (not board.available, board.lacks, board.address != usual))
    return [*(b for b in found if b.likely), *simulated, *(b for b in found if not b.likely)]


def list_without_driver(ctx: JobContext) -> list[ListedBoard]:
    """The boards that are plugged in and have no port, each with the reason; on Windows that takes a second."""
    return [
        ListedBoard("", _literally(str(error.fields["name"])), "serial", available=False, reason=_sentence(error))
        for error in trouble.without_driver(ctx.host, trouble.Plugged.now(ctx))
    ]


def _sentence(error: StudioError) -> Text:
    return _literally(str(error))


def _literally(words: str) -> Text:
    return Text(words.replace("{", "{{").replace("}", "}}"))


def _serial(host: Host, address: str, title: str, likely: bool) -> ListedBoard:
    # Permissions of device files; on Windows every port that is listed may be tried.
    allowed = not os.path.exists(address) or os.access(address, os.R_OK | os.W_OK)
    reason = None if allowed else _not_allowed(host, address)
    return ListedBoard(address, _literally(title), "serial", likely, allowed, reason)


def _not_allowed(host: Host, address: str) -> Text:
    error = not_allowed(address, host)
    group, line = error.fields["group"], error.fields["line"]
    if line is not None:
        return _("You may not use this port. Type this, then plug the board in again: {line}", line=line)
    if group is not None:
        return _("You may not use this port. Join the group {group}: sudo usermod -aG {group} $USER", group=group)
    return _("You may not use this port. Ask whoever looks after this computer for access to it.")


def _simulated(kind: BoardKind, host: Host) -> ListedBoard:
    title = kind.listed(host)
    if kind.available(host):
        return ListedBoard(kind.address, title, "simulated", lacks=kind.lacks(host) is not None)
    reason = _("It does not run on this kind of computer.")
    return ListedBoard(kind.address, title, "simulated", available=False, reason=reason)
