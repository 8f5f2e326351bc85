"""Something that the board was asked in passing: the answer, or why there is none, or that it is on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from ide.context import IdeContext
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import Event, JobContext, Progress
from toolchains.text import Text

if TYPE_CHECKING:
    from ide.board.boards import Boards
    from ide.board.link import Board

T = TypeVar("T")
#: The code of :class:`ide.board.port_worker.BoardOccupied`: a program runs, and it is not stopped for this.
OCCUPIED = "board.occupied"


class Asked(QObject, Generic[T]):
    """One question. ``value`` is as of the last answer; it goes when the board does. ``changed``: look again."""

    changed = Signal()

    def __init__(
        self, ctx: IdeContext, title: Text, work: Callable[[JobContext, Board], T], *, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._ctx, self._title, self._work = ctx, title, work
        self.value: T | None = None
        self.error: StudioError | None = None
        self.progress: Progress | None = None
        self.busy = False
        #: The board was used since the last answer: by a job of ours, or by somebody at its prompt.
        self.stale = self.used = True
        self._address: str | None = ctx.board.address
        self._round = 0
        ctx.board.changed.connect(self._board_changed)

    @property
    def can(self) -> bool:
        """Whether the board could answer now."""
        board = self._ctx.board
        return board.state == "prompt" and not board.continued and not self.busy

    def ask(self) -> None:
        """Ask now; nothing where the board is busy with a person's program."""
        board, address = self._ctx.board, self._ctx.board.address
        if not self.can or address is None:
            return
        self._round += 1
        turn, work = self._round, self._work

        def at_board(ctx: JobContext, boards: Boards) -> T:
            return work(ctx, boards.open(ctx, address))

        self.busy, self.error, self.progress = True, None, None
        self.stale = self.used = False
        board.submit(
            self._title, at_board, quiet=True, on_done=lambda value: self._done(turn, value),
            on_error=lambda error: self._failed(turn, error), on_event=lambda event: self._event(turn, event),
        )  # fmt: skip
        self.changed.emit()

    def _done(self, turn: int, value: T) -> None:
        if turn == self._round and isValid(self):
            self.busy, self.value = False, value
            self.changed.emit()

    def _failed(self, turn: int, error: StudioError) -> None:
        if turn == self._round and isValid(self):
            self.busy, self.stale = False, self.stale or error.code == OCCUPIED
            self.error = None if isinstance(error, Cancelled) or error.code == OCCUPIED else error
            self.changed.emit()

    def _event(self, turn: int, event: Event) -> None:
        if turn == self._round and isValid(self) and isinstance(event, Progress):
            self.progress = event
            self.changed.emit()

    def _board_changed(self) -> None:
        board = self._ctx.board
        before, self._address = self._address, board.address
        moved = before is not None and board.identity is not None  # it came back at another port
        if (board.address != before and not moved) or not board.connected:
            if self.value is not None or self.error is not None or self.busy:
                self._round += 1
                self.value, self.error, self.progress, self.busy = None, None, None, False
            self.stale = True
        elif board.state == "busy":
            self.stale = True
        elif board.state == "running":
            self.used = True
        self.changed.emit()
