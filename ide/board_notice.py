"""What went wrong with a board, said; with the offer to get the emulator that a simulated one lacks, or to put
MicroPython on one that seems to have none: when a run failed, or as soon as it is met (:mod:`ide.empty_board`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from ide.empty_board import EmptyBoard
from ide.notify import Action
from ide.toolchain_facts import name_of, short_title
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from toolchains.providers import Offer

#: The code of :class:`ide.board.esp_machines.QemuMissing`, whose module is not loaded for the first picture.
QEMU_MISSING = "board.sim.qemu"
#: The code of :class:`ide.board.errors.BoardSilent`, whose field ``empty`` says that no MicroPython may be there.
SILENT = "board.silent"


class BoardNotice(QObject):
    """Says errors; its offers are got as toolchains are."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__(ctx.window)
        self._ctx = ctx
        self._lost: StudioError | None = None
        self.empty = EmptyBoard(ctx)
        ctx.board.changed.connect(self._board_changed)

    def _board_changed(self) -> None:
        """A board that came back by itself is no trouble any more."""
        board = self._ctx.board
        if board.state == "lost" and board.error is not None:
            self._lost = board.error
        elif board.connected and self._lost is not None:
            lost, self._lost = self._lost, None
            self._ctx.notices.withdraw(lost)

    def tell(self, error: StudioError, go_on: Callable[[], object] | None = None) -> None:
        """Say it; ``go_on`` is done once what lacks is here (default: connect again)."""
        ctx = self._ctx
        if error.code == SILENT and error.fields.get("empty") and "flasher.run" in ctx.commands.records:
            put = Action(_("Put MicroPython on it and run"), lambda: ctx.commands.run("flasher.run"))
            ctx.notices.error(error, (put,))
            return
        if error.code != QEMU_MISSING:
            ctx.notices.error(error, _line_of(error))
            return
        toolbox, wanted = ctx.engine.toolbox, error.fields["toolchain"]

        def work(_ctx: JobContext) -> list[Offer]:
            return [one for one in toolbox().toolchains.offers() if one.id == wanted]

        def show(offers: list[Offer]) -> None:
            then = go_on or ctx.board.reconnect
            ctx.notices.error(error, tuple(self._get(offer, then) for offer in offers))

        ctx.jobs.start(_("Look at toolchains"), work, quiet=True, on_done=show, on_error=lambda _fault: show([]))

    def _get(self, offer: Offer, go_on: Callable[[], object]) -> Action:
        ctx = self._ctx

        def get() -> None:
            ctx.notices.dismiss()
            ctx.toolchains.get([offer], then=go_on, failed=ctx.notices.error)
            show = Action(_("Show"), lambda: ctx.layout.show_panel("toolchains", focus=True))
            ctx.notices.tell(_("{name} is on its way.", name=name_of(offer)), actions=(show,))

        return Action(short_title(offer), get)


def _line_of(error: StudioError) -> tuple[Action, ...]:
    """A button that copies what the person has to type (:mod:`ide.board.access`), where there is such a line."""
    line = error.next_step.fields.get("line") if error.next_step is not None else None
    if not isinstance(line, str):
        return ()
    return (Action(_("Copy the command"), lambda: QGuiApplication.clipboard().setText(line)),)
