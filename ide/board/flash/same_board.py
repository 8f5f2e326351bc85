"""Whether the board that somebody looked at is still the one at its port."""

from __future__ import annotations

import os

from ide.board.flash.errors import AnotherBoard
from ide.board.flash.records import BoardFacts
from toolchains.host import Host

#: Of a port since it is plugged in; None: nobody can tell.
PlugIn = tuple[int, int, int] | None


def plug_in(host: Host, port: str) -> PlugIn:
    """What changes when the port goes away and comes back. Only Linux makes a new device file then that tells."""
    if host.system != "linux" or not port.startswith("/"):
        return None
    try:
        file = os.stat(port)
    except OSError:
        return None
    return file.st_ino, file.st_rdev, file.st_ctime_ns


def check(shown: BoardFacts, found: BoardFacts) -> None:
    """Raise :class:`~ide.board.flash.errors.AnotherBoard` where chip, MAC or flash size are not as they were shown.

    One with the same MAC is the same: firmware does not always tell the whole size of the flash.
    """
    before, now = shown.chip, found.chip
    if before is None:
        chip = shown.running.chip if shown.running is not None else None
        same = chip is None or (now is not None and now.chip == chip)
    elif now is None or now.chip != before.chip:
        same = False
    elif before.mac and now.mac:
        same = before.mac == now.mac
    else:
        same = before.flash_size == now.flash_size or None in (before.flash_size, now.flash_size)
    if not same:
        raise AnotherBoard(found.port)
