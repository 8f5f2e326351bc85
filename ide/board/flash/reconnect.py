"""After a write: find the board again, wherever its port is now, and prove that MicroPython answers."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

from ide.board.errors import BoardBusy, BoardGone, BoardNotAllowed, BoardNotFound, BoardSilent, BoardTimeout
from ide.board.flash import esptool
from ide.board.flash.errors import DidNotStart, chip_title
from ide.board.flash.failures import has_watchdog_reset
from ide.board.flash.usb import Track
from ide.board.inspect import Identity
from ide.board.link import open_link
from toolchains.errors import BoardError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.text import Text, _

#: A first start formats the file system, and native USB is enumerated anew.
PATIENCE_S = 20.0
_LOOK_S = 0.2
#: What does not get better by waiting.
_FINAL = ("boot-loop", "no-micropython", "wrong-speed")
#: A loader says what it is when it starts, and then nothing more.
_MAYBE_LOADER = ("bootloader", "silent")


def prove(
    ctx: JobContext, host: Host, track: Track, chip: str, mac: str, *, patience: float = PATIENCE_S
) -> tuple[Identity, str]:
    """Who answers, and at which port. Raises DidNotStart after ``patience`` seconds."""
    with ctx.step(_("wait for MicroPython")):
        watch = _Watch(ctx, host, track, chip, mac, time.monotonic() + patience)
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
    track: Track
    chip: str
    mac: str
    end: float
    pushed: bool = False

    def look(self) -> tuple[Identity, str] | None:
        found = self.track.now(self.mac)
        if found is None:
            self._or_give_up(self.track.port.address, _("It did not come back on the USB bus."))
            return None
        port = found.address
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
        watchdog = self.track.native and has_watchdog_reset(self.chip)
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
