"""Looking at the board's folders in passing: only at a free prompt, all that is wanted at once, never twice at a time.

A board that runs a program is left alone, and what was wanted waits for its prompt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from ide.context import IdeContext
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import JobContext
from toolchains.text import _

if TYPE_CHECKING:
    from ide.board.boards import Boards
    from ide.panels.files.asks import Looked

#: After the prompt came back, in ms: whoever types or pastes there goes on.
_SETTLE_MS = 300
#: States in which a board has files that can be shown.
CONNECTED = ("prompt", "running", "busy")


class Looker(QObject):
    """``changed``: what can be said of the board changed. ``looked(Looked)``: folders were read. ``new_board``: what
    was known of files is about another one. ``stale``: what was read may be so no more."""

    changed = Signal()
    looked = Signal(object)
    new_board = Signal()
    stale = Signal()

    def __init__(self, ctx: IdeContext, parent: QObject) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._wanted: dict[str, None] = {}
        self._asked: tuple[str, ...] | None = None
        self._away = True
        self._address: str | None = None
        self.error: StudioError | None = None
        #: Whether somebody sees what is looked at; else it waits.
        self.seen = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLE_MS)
        self._timer.timeout.connect(self._settled)
        ctx.board.changed.connect(self._board_changed)
        self._board_changed()

    @property
    def free(self) -> bool:
        """Whether the board can be asked without disturbing anybody."""
        board = self._ctx.board
        return board.state == "prompt" and not board.continued

    @property
    def occupied(self) -> bool:
        """Whether a program has the board, or somebody who types."""
        board = self._ctx.board
        return board.state == "running" or (board.state == "prompt" and board.continued)

    @property
    def looking(self) -> bool:
        """Whether an answer is awaited."""
        return self._asked is not None

    def want(self, folder: str) -> None:
        """Look into a folder, as soon as that disturbs nobody."""
        self._wanted[folder] = None
        self._go_on()

    def show(self, seen: bool) -> None:
        """Somebody sees the panel now, or no more."""
        self.seen = seen
        if seen:
            self._settled()

    def stop_and_look(self) -> None:
        """Stop the program that has the board, and look."""
        if self._asked is None:
            self._submit(quiet=False)

    def _board_changed(self) -> None:
        board = self._ctx.board
        if board.address != self._address or board.state in ("none", "lent"):
            self._address = board.address
            self._wanted.clear()
            self._asked, self.error, self._away = None, None, True
            self.new_board.emit()
        if not self.free:
            self._away = True
            self._timer.stop()
        elif self._away and self.seen:
            self._timer.start()
        self.changed.emit()

    def _settled(self) -> None:
        if self._away and self.free and self.seen:
            self._away = False
            self.stale.emit()
        self._go_on()

    def _go_on(self) -> None:
        if self._wanted and self._asked is None and self.free and self.seen and not self._away:
            self._submit(quiet=True)

    def _submit(self, *, quiet: bool) -> None:
        asked, address = tuple(self._wanted) or ("/",), self._address
        if address is None:
            return

        def work(ctx: JobContext, boards: Boards) -> Looked:
            from ide.panels.files import asks  # here, because the window opens before it

            return asks.look(ctx, boards.open(ctx, address), asked)

        title = _("Look at the board's files")
        if not quiet:
            self._ctx.board.announce(title)
        self._wanted.clear()
        self._asked = asked
        self._ctx.board.submit(
            title, work, on_done=lambda found: self._done(asked, found),
            on_error=lambda error: self._failed(asked, error), quiet=quiet,
        )  # fmt: skip
        self.changed.emit()

    def _done(self, asked: tuple[str, ...], found: Any) -> None:  # noqa: ANN401 - Looked, whose module is loaded late
        if self._asked is not asked:  # of a board that we had before
            return
        self._asked, self.error = None, None
        self.looked.emit(found)
        self.changed.emit()
        self._go_on()

    def _failed(self, asked: tuple[str, ...], error: StudioError) -> None:
        if self._asked is not asked:
            return
        self._asked = None
        self._wanted.update(dict.fromkeys(asked))  # for when the board is free, or back
        self._away = True
        self.error = None if isinstance(error, Cancelled) or error.code == "board.occupied" else error
        if self.error is None and self.free and self.seen:  # its prompt came back a moment ago
            self._timer.start()
        self.changed.emit()

    def again(self) -> None:
        """Read everything once more, if the board is free; whoever listens to ``stale`` says what."""
        self.error = None
        self._away = True
        self._settled()
        self.changed.emit()
