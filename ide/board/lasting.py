"""Work on the command line that outlives its board's comings and goings: ``natmod mem --watch``, ``natmod plot``."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from ide.board.boards import Boards
from ide.board.errors import BoardBusy, BoardGone, BoardNotAllowed, BoardNotFound, OtherBoard
from ide.board.link import Board
from toolchains.errors import BoardError
from toolchains.jobs import JobContext
from toolchains.text import _

T = TypeVar("T")

_LOOK_S = 0.5
#: What passes while a board is plugged in again.
_AWAY = (BoardGone, BoardNotFound, BoardNotAllowed, BoardBusy, OtherBoard)


def lasting(ctx: JobContext, boards: Boards, address: str, work: Callable[[Board], T], *, disturbs: bool = True) -> T:
    """``work(board)``; once more each time that the board went away and is back, until a cancel.

    ``disturbs``: a board that comes back without a number at USB may be asked who it is, which stops its program.
    Raises what ``work`` raises, and what opening the board for the first time does; :class:`BoardGone` of a simulated
    board, which does not come back by itself.
    """
    board = boards.open(ctx, address)
    while True:
        try:
            return work(board)
        except BoardGone as error:
            boards.forget(address)
            if not boards.may_return(address):
                raise
            ctx.note(_("{what} It goes on when the board is back; Ctrl-C ends it.", what=error.what))
        board = _back(ctx, boards, address, disturbs)
        ctx.note(_("The board is back, at {address}.", address=boards.where(address)))


def _back(ctx: JobContext, boards: Boards, address: str, disturbs: bool) -> Board:
    told: type[BoardError] | None = None
    while True:
        while not boards.back(address):
            _pause(ctx)
        try:
            return boards.open(ctx, address) if disturbs else boards.reopen(ctx, address)
        except _AWAY as error:
            if isinstance(error, BoardBusy | OtherBoard) and type(error) is not told:
                ctx.note(error.what)
                told = type(error)
            _pause(ctx)


def _pause(ctx: JobContext) -> None:
    over = threading.Event()
    with ctx.cancelling(over.set):
        over.wait(_LOOK_S)
    ctx.check()
