"""The boards that the panel has shown to the person: where each is now, and whether it is still the same one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ide.board.flash import same_board
from ide.board.flash.errors import AnotherBoard
from ide.board.flash.records import BoardFacts, ChipFacts
from ide.board.flash.usb import Track
from toolchains.text import _

if TYPE_CHECKING:
    from ide.board.flash.same_board import PlugIn
    from toolchains.jobs import JobContext


@dataclass(frozen=True)
class _Look:
    chip: ChipFacts
    track: Track
    plugged: PlugIn


class Shown:
    """By the port where each was looked at. Used by one piece of work at a time, in its worker."""

    def __init__(self) -> None:
        self._looks: dict[str, _Look] = {}

    def keep(self, ctx: JobContext, port: str, chip: ChipFacts) -> None:
        """Somebody looked at the board at ``port``: the person was shown this chip."""
        self._looks[port] = _Look(chip, Track.at(port), same_board.plug_in(ctx.host, port))

    def forget(self) -> None:
        """Another port was chosen, or another board is at it: nobody was shown anything of it."""
        self._looks.clear()

    def at(self, port: str) -> bool:
        """Whether a board was shown at this port."""
        return port in self._looks

    def where(self, ctx: JobContext, port: str) -> str:
        """The port of the board that was shown at ``port``: a board with USB of its own may have another one now."""
        look = self._looks.get(port)
        found = look.track.now(look.chip.mac) if look is not None else None
        if look is None or found is None or found.address == port:
            return port
        ctx.note(_("The board is at {port} now.", port=found.address))
        self._looks[found.address] = look
        return found.address

    def stayed(self, ctx: JobContext, port: str) -> bool:
        """Whether the board was plugged in all the time since it was shown; False where nobody can tell."""
        look, now = self._looks.get(port), same_board.plug_in(ctx.host, port)
        return look is not None and now is not None and look.plugged == now

    def check(self, ctx: JobContext, port: str, found: ChipFacts) -> None:
        """Raise AnotherBoard where another board was shown at this port; from now on ``found`` was."""
        look = self._looks.get(port)
        if look is not None:
            try:
                same_board.check(_facts(port, look.chip), _facts(port, found))
            except AnotherBoard:
                self.forget()
                raise
        self.keep(ctx, port, found)


def _facts(port: str, chip: ChipFacts) -> BoardFacts:
    return BoardFacts(port, chip, None, "", "")
