"""A board that is met without MicroPython says so in its loader's words: the person is offered to put it there.

Nothing is asked of the board for this: it is only listened to, and USB names a chip that is nothing but its loader.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ide.notify import Action
from toolchains.jobs import JobContext
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.context import IdeContext

#: The command that puts MicroPython on the board of the window; a plug-in brings it, so it may come later or never.
_PUT = "flasher.put"
#: Bytes of what a board says that are looked at together.
_KEPT = 2048


class EmptyBoard(QObject):
    """Tells of each board once, until another one is chosen or it was away."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__(ctx.window)
        self._ctx = ctx
        self._said = b""
        self._met: tuple[str | None, bool] = (None, False)
        self._waits: bool | None = None  # its loader waits for firmware; None: nobody knows
        self._told: Text | None = None
        ctx.board.printed.connect(self._heard)
        ctx.board.changed.connect(self._changed)
        ctx.commands.on_change.append(self._offer)

    def _changed(self) -> None:
        board = self._ctx.board
        met = (board.address, board.connected)
        if self._told is not None and board.identity is not None:  # it has one now
            self._ctx.notices.withdraw(self._told)
        if met != self._met:
            self._met, self._said, self._waits, self._told = met, b"", None, None
            if board.state == "running" and board.identity is None:
                self._look(board.address or "")

    def _heard(self, data: bytes) -> None:
        if self._waits is not None or self._ctx.board.identity is not None:
            return
        from ide.board.classify import is_final, kind_of

        self._said = (self._said + data)[-_KEPT:]
        if is_final(self._said):
            self._know(waits=kind_of(self._said) == "bootloader")

    def _look(self, address: str) -> None:
        """One that is connected by its own USB and waits in its loader says nothing at all."""

        def work(_ctx: JobContext) -> bool:
            from ide.board.flash.usb import port_at

            known = port_at(address).known
            return known is not None and known.loader

        def show(loader: bool) -> None:
            if loader and self._ctx.board.address == address and self._ctx.board.identity is None:
                self._know(waits=True)

        self._ctx.jobs.start(_("Look at the board"), work, quiet=True, on_done=show)

    def _know(self, *, waits: bool) -> None:
        self._waits = waits
        self._offer()

    def _offer(self) -> None:
        ctx = self._ctx
        if self._waits is None or self._told is not None or _PUT not in ctx.commands.records:
            return

        def put() -> None:
            ctx.notices.withdraw(told)
            ctx.commands.run(_PUT)

        port = ctx.board.address or ""
        told = self._told = (
            _("The board at {port} waits in its loader for firmware.", port=port)
            if self._waits
            else _("The board at {port} has no MicroPython yet.", port=port)
        )
        ctx.notices.tell(told, actions=(Action(_("Put MicroPython on it"), put),))
