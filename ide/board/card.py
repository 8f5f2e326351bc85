"""A board's card: who it is, which modules its firmware has, its clock, its PSRAM, and what could be better."""

from __future__ import annotations

from dataclasses import dataclass

from ide.board.inspect import Identity
from ide.board.link import Board
from toolchains.jobs import JobContext
from toolchains.text import Text

SCHEMA = 1


@dataclass(frozen=True)
class Card:
    """What a board is. Sizes in bytes; None where the firmware does not tell.

    ``modules``: what ``help('modules')`` lists; ``frozen``: those of them that are Python, frozen into the firmware;
    None where that cannot be told. ``psram_size``: what the chip's own fuses or the firmware say, 0: none;
    ``psram_used``: what of it the firmware has taken into use.
    """

    identity: Identity
    modules: tuple[str, ...]
    frozen: tuple[str, ...] | None
    frequency_hz: int | None
    psram_size: int | None
    psram_used: int | None
    advice: tuple[Text, ...]

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        raise NotImplementedError


def look(ctx: JobContext, board: Board) -> Card:
    """Ask ``board``; leaves no name behind. Raises the errors of :meth:`ide.board.link.Board.exec`."""
    raise NotImplementedError
