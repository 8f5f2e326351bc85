"""Open boards, by address: one open connection an address, real and simulated boards through the same door."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType

from ide.board import simulator
from ide.board.errors import BoardBusy, BoardChoice, BoardNotAllowed, BoardNotFound
from ide.board.lease import Lease
from ide.board.link import Board, open_link
from ide.board.ports import list_ports
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.sdk import SdkTree
from toolchains.toolbox import Toolbox

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
    return likely[0].address if likely else simulator.default_address(host)


@dataclass
class _Open:
    board: Board
    lease: Lease | None

    def runs(self, sdk: SdkTree | None) -> bool:
        """Whether it is the wanted one. What a simulated board runs can be chosen, unless somebody flashed it by hand;
        a real one runs what it runs."""
        return self.lease is None or sdk is None or self.lease.version in ("", sdk.version)


@dataclass
class Boards:
    """The connections that this process holds. Not shared between threads."""

    toolbox: Toolbox
    _open: dict[str, _Open] = field(default_factory=dict)

    def open(self, ctx: JobContext, address: str, sdk: SdkTree | None = None) -> Board:
        """The board at ``address`` (``COM3``, ``/dev/ttyUSB0``, ``socket://…``, ``sim:rv32``), opened if it is not.

        ``sdk`` is the MicroPython that a simulated board runs; real boards run what they run.
        """
        held = self._open.get(address)
        lost = held is not None and not held.board.alive
        if held is not None:
            if not lost and held.runs(sdk):
                return held.board
            self.forget(address)
        self._open[address] = self._reconnect(ctx, address, sdk) if lost else self._connect(ctx, address, sdk)
        return self._open[address].board

    def held(self, address: str) -> Board | None:
        """The open board at ``address``, if there is one; may be asked from any thread."""
        found = self._open.get(address)
        return found.board if found is not None else None

    def reopen(self, ctx: JobContext, address: str) -> Board:
        """The board at ``address`` that was lost and has just come back: it may take a moment until it can be used."""
        self.forget(address)
        self._open[address] = self._reconnect(ctx, address, None)
        return self._open[address].board

    def _reconnect(self, ctx: JobContext, address: str, sdk: SdkTree | None) -> _Open:
        """Connect to what was there a moment ago: a board with USB of its own goes and comes back when it restarts."""
        end = time.monotonic() + _COMES_BACK_S
        while True:
            try:
                return self._connect(ctx, address, sdk)
            except (BoardNotFound, BoardNotAllowed):  # not yet there; there, but udev has not yet seen to it
                if time.monotonic() > end:
                    raise
                ctx.check()
                time.sleep(_LOOK_S)

    def _connect(self, ctx: JobContext, address: str, sdk: SdkTree | None) -> _Open:
        if not address.startswith(simulator.PREFIX):
            return _Open(_open_link(ctx, address), None)
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
        """Close the connection to ``address``, if there is one."""
        held = self._open.pop(address, None)
        if held is None:
            return
        try:
            held.board.close()
        finally:
            if held.lease is not None:
                held.lease.close()

    def close(self) -> None:
        """Close every connection."""
        with ExitStack() as every:
            for address in self._open:
                every.callback(self.forget, address)

    def __enter__(self) -> Boards:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


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
