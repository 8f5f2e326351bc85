"""Open boards, by address: one open connection an address, real and simulated boards through the same door."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING

from ide.board.errors import BoardBusy, BoardChoice, BoardGone, BoardNotAllowed, BoardNotFound, OtherBoard
from ide.board.flash.usb import port_at, ports
from ide.board.link import Board, open_link
from ide.board.ports import SIMULATED, list_ports
from ide.board.whereabouts import Place, Whereabouts
from toolchains.errors import StudioError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.toolbox import Toolbox

# What simulates boards is loaded where one is asked for.
if TYPE_CHECKING:
    from ide.board.lease import Lease
    from toolchains.sdk import SdkTree

_COMES_BACK_S = 3.0
#: How long another part of this process (the serial monitor, the connection before) may take to let go of a port.
_LETS_GO_S = 1.0
_LOOK_S = 0.1


def choose_address(host: Host, preset: str = "") -> str:
    """The board to use when nobody named one: the room's, the only likely serial board, else a simulated one.

    Raises :class:`~ide.board.errors.BoardChoice` when several boards are plugged in.
    """
    if preset:
        return preset
    likely = [port for port in list_ports() if port.likely]
    if len(likely) > 1:
        raise BoardChoice(tuple(port.address for port in likely))
    if likely:
        return likely[0].address
    from ide.board import simulator

    return simulator.default_address(host)


@dataclass
class _Open:
    """``seen``: how to find it again. ``before``: who it must be, while nobody has asked whether it is."""

    board: Board
    lease: Lease | None
    seen: Whereabouts | None = None
    before: Whereabouts | None = None

    def runs(self, sdk: SdkTree | None) -> bool:
        """Whether it is the wanted one. What a simulated board runs can be chosen, unless somebody flashed it by hand;
        a real one runs what it runs."""
        return self.lease is None or sdk is None or self.lease.version in ("", sdk.version)

    def last_seen(self) -> Whereabouts | None:
        """How to find it once it is lost."""
        known = self.board.known
        if self.seen is not None and known is not None:
            self.seen.unique_id = known.unique_id
        return self.before or self.seen


@dataclass
class Boards:
    """The connections that this process holds. Not shared between threads.

    A board that is lost and comes back under another name is found by the name that it had, too.
    """

    toolbox: Toolbox
    _open: dict[str, _Open] = field(default_factory=dict)
    #: By the last address: who was lost there. None: one without a port of this computer.
    _lost: dict[str, Whereabouts | None] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def open(self, ctx: JobContext, address: str, sdk: SdkTree | None = None) -> Board:
        """The board at ``address`` (``COM3``, ``/dev/ttyUSB0``, ``socket://…``, ``sim:rv32``), opened if it is not.

        ``sdk`` is the MicroPython that a simulated board runs; real boards run what they run. One that was lost is
        looked for, wherever it is now, and if need be asked whether it is the same, which stops its program: raises
        :class:`~ide.board.errors.OtherBoard`.
        """
        address = self.where(address)
        held = self._open.get(address)
        if held is not None:
            if held.board.alive and held.runs(sdk):
                return held.board
            self.forget(address)
        if address in self._lost:
            address = self._reconnect(ctx, address, sdk)
            self.prove(ctx, address)
        else:
            self._open[address] = self._connect(ctx, address, sdk)
        return self._open[address].board

    def held(self, address: str) -> Board | None:
        """The open board at ``address``, if there is one; may be asked from any thread."""
        found = self._open.get(self.where(address))
        return found.board if found is not None else None

    def where(self, address: str) -> str:
        """Where the board that was at ``address`` was last; may be asked from any thread."""
        return self._names.get(address, address)

    def reopen(self, ctx: JobContext, address: str) -> Board:
        """The board at ``address`` that was lost and has just come back: it may take a moment until it can be used.

        Not asked who it is: see :meth:`prove`.
        """
        address = self.where(address)
        self.forget(address)
        return self._open[self._reconnect(ctx, address, None)].board

    def back(self, address: str) -> bool:
        """Whether the port of a board that was lost, or never there, is there. A few ms; disturbs nothing."""
        address = self.where(address)
        if address not in self._lost:
            return os.path.exists(address) or port_at(address) in ports()
        seen = self._lost[address]
        return seen is not None and seen.now() is not None

    def may_return(self, address: str) -> bool:
        """Whether a board that was lost can be recognised when it comes back by itself."""
        return self._lost.get(self.where(address)) is not None

    def lose(self, ctx: JobContext, address: str, error: StudioError) -> tuple[StudioError, bool]:
        """Let go of a board after ``error``; a better reason for that, and whether its port goes away at each restart.

        At once, so that the system gives a board that comes back the same name.
        """
        self.forget(address)
        seen = self._lost.get(self.where(address))
        if seen is None or not isinstance(error, BoardGone):
            return error, False
        from ide.board.flash import trouble  # here, because few boards are lost

        return trouble.taken_away(ctx, seen.track.port) or error, seen.native

    def unproven(self, address: str) -> bool:
        """Whether the board came back and nothing tells yet that it is the same."""
        held = self._open.get(self.where(address))
        return held is not None and held.before is not None

    def prove(self, ctx: JobContext, address: str) -> None:
        """Make sure that a board that came back is the same one; asks it, if need be, which stops its program.

        Raises :class:`~ide.board.errors.OtherBoard`, and has let go of it then.
        """
        address = self.where(address)
        held = self._open[address]
        if held.before is None:
            return
        if held.board.identity(ctx).unique_id != held.before.unique_id:
            before = held.before
            self.forget(address)
            self._lost[address] = before
            raise OtherBoard(address)
        held.before = None

    def meet_anew(self, address: str) -> None:
        """Whoever is at ``address`` now is the wanted board, not the one that was lost."""
        address = self.where(address)
        self.forget(address)
        self._lost.pop(address, None)

    def _reconnect(self, ctx: JobContext, address: str, sdk: SdkTree | None) -> str:
        """Connect to what was there a moment ago: a board with USB of its own goes and comes back when it restarts.

        Its address now.
        """
        end = time.monotonic() + _COMES_BACK_S
        before = self._lost.get(address)
        while True:
            try:
                place = _place(address, before)
                opened = self._connect(ctx, place.address, sdk)
            except (BoardNotFound, BoardNotAllowed, OtherBoard):  # not yet there; there, but udev has not yet seen it
                if time.monotonic() > end:
                    raise
                ctx.check()
                time.sleep(_LOOK_S)
            else:
                break
        if before is not None and before.unique_id is not None:
            if not place.certain:
                opened.before = before
            elif opened.seen is not None:
                opened.seen.unique_id = before.unique_id
        self._lost.pop(address, None)
        self._rename(address, place.address)
        self._open[place.address] = opened
        return place.address

    def _rename(self, old: str, new: str) -> None:
        for name, at in [*self._names.items(), (old, old)]:
            if at == old:
                self._names[name] = new
        self._names.pop(new, None)

    def _connect(self, ctx: JobContext, address: str, sdk: SdkTree | None) -> _Open:
        if not address.startswith(SIMULATED):
            return _Open(_open_link(ctx, address), None, Whereabouts.at(address))
        from ide.board import simulator

        with ExitStack() as undo:
            lease = simulator.lease(ctx, self.toolbox, address, sdk)
            undo.callback(lease.close)
            try:
                board = _open_link(ctx, lease.port, lease.hard_reset)
            except BoardBusy as error:  # said of the name that the person knows, not of the pty behind it
                raise BoardBusy(address, error.holder, error.pid) from error
            undo.pop_all()
        return _Open(board, lease)

    def forget(self, address: str) -> None:
        """Close the connection to ``address``, if there is one. Of one that broke it is kept how to find it."""
        address = self.where(address)
        held = self._open.pop(address, None)
        if held is None:
            return
        if not held.board.alive:
            self._lost[address] = held.last_seen()
        try:
            held.board.close()
        finally:
            if held.lease is not None:
                held.lease.close()

    def close(self) -> None:
        """Close every connection."""
        with ExitStack() as every:
            for address in list(self._open):
                every.callback(self.forget, address)

    def __enter__(self) -> Boards:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def _place(address: str, before: Whereabouts | None) -> Place:
    """Where a board is that was lost at ``address``. Raises BoardNotFound, OtherBoard."""
    if before is None:
        return Place(address, True)
    place = before.now()
    if place is None:
        raise OtherBoard(address) if before.taken() else BoardNotFound(address)
    return place


def _open_link(ctx: JobContext, port: str, hard_reset: Callable[[], None] | None = None) -> Board:
    """Connect; a port that no other program is seen to hold may be our own for a moment more."""
    end = time.monotonic() + _LETS_GO_S
    while True:
        try:
            return open_link(ctx, port, hard_reset=hard_reset)
        except BoardBusy as error:
            if error.holder is not None or time.monotonic() > end:
                raise
            ctx.check()
            time.sleep(_LOOK_S)
