"""Where a board is between two steps of a job: each reset may give a chip's own USB another port."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from ide.board.errors import BoardNotFound
from ide.board.flash.errors import FlashState, Unplugged
from ide.board.flash.records import BoardFacts
from ide.board.flash.usb import Track
from toolchains.jobs import JobContext

T = TypeVar("T")
#: How long USB may take to enumerate a board anew, with a hub in between.
BACK_S = 6.0
_LOOK_S = 0.1


def where(
    ctx: JobContext, track: Track, mac: str = "", seconds: float = BACK_S, *, state: FlashState = "untouched"
) -> str:
    """The port of a board now, wherever it was before; one that is away is waited for. Raises Unplugged, which says
    what became of its flash.

    What USB never knew (a pseudo-terminal, a socket) does not come back elsewhere: whoever opens it sees that it went.
    """
    end = time.monotonic() + seconds
    while True:
        address = glance(track, mac)
        if address is not None:
            return address
        if time.monotonic() > end:
            raise Unplugged(track.port.address, state)
        ctx.check()
        time.sleep(_LOOK_S)


def glance(track: Track, mac: str = "") -> str | None:
    """The port of a board at this moment; None: it is away. What USB never knew is where it was."""
    if track.port.vid is None:
        return track.port.address
    found = track.now(mac)
    return found.address if found is not None else None


def reached(ctx: JobContext, track: Track, mac: str, work: Callable[[str], T]) -> T:
    """``work`` at the port where the board is; once more where it is now, if it had just been about to leave.

    A port is still listed for a moment when its board has been reset. Nothing is tried again that has written.
    """
    try:
        return work(where(ctx, track, mac))
    except (BoardNotFound, Unplugged) as error:
        if not may_have_moved(track, error):
            raise
        return work(where(ctx, track, mac))


def may_have_moved(track: Track, error: Exception) -> bool:
    """Whether a port may have failed for no other reason than that its board was enumerated anew."""
    gone = isinstance(error, BoardNotFound) or (isinstance(error, Unplugged) and error.state == "untouched")
    return gone and track.port.vid is not None


def now(ctx: JobContext, facts: BoardFacts) -> BoardFacts:
    """The same board at the port where it is now, for the next step. Raises Unplugged."""
    track = facts.track
    if track is None or track.port.address != facts.port:  # a person brought it there, and there it stays
        return facts
    return replace(facts, port=where(ctx, track, facts.chip.mac if facts.chip is not None else ""))
