"""The one click: an empty board gets the firmware that fits it best, and then the project runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ide import toolchain_facts
from ide.context import IdeContext
from ide.panels.flasher.coached import Tell, start, teach
from ide.panels.flasher.work import Work
from toolchains.jobs import JobContext
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.board.flash.errors import NotInDownloadMode
    from ide.board.flash.one_click import FlashReport
    from toolchains.toolbox import Toolbox

#: Where the board is, and what was done; None: MicroPython was there already.
Clicked = tuple[str, "FlashReport | None"]


class ClickWork(QObject):
    """Between the command and the engine. ``told``: of the coach."""

    def __init__(self, ctx: IdeContext, work: Work, told: Callable[[object], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx, self._work, self._told = ctx, work, told

    @property
    def can(self) -> bool:
        """Whether there is a board to do it to, and nothing else is done."""
        return bool(self._ctx.board.address) and not self._work.busy

    def begin(self, *, run: bool = True) -> None:
        """The board of the window. ``run``: the project, once MicroPython answers."""
        port = self._ctx.board.address
        if not port:
            return
        self._work.start(
            _("Put MicroPython on the board"), lambda ctx, tell: self._put(ctx, tell, port), ports=(port,),
            done=(lambda _found: self._ctx.commands.run("project.run")) if run else lambda _found: None,
            told=self._told, result=partial(_result, run=run), back=lambda found: found[0],
        )  # fmt: skip

    def _put(self, ctx: JobContext, tell: Tell, port: str) -> Clicked:
        from ide.board.flash.one_click import put_micropython

        box, project = self._ctx.engine.toolbox(), self._ctx.project.project
        release = project.pin_micropython if project is not None else None
        with toolchain_facts.sources_of(ctx, self._ctx.toolchains.pack) as sources:
            return put_micropython(
                ctx, box, port, release=release or "", sources=sources, helper=_Pictures(tell, box),
                on_plan=lambda plan: ctx.note(plan.said),
            )  # fmt: skip


@dataclass
class _Pictures:
    """The coach of the panel."""

    tell: Tell
    toolbox: Toolbox

    def to_download(self, ctx: JobContext, port: str, error: NotInDownloadMode) -> str:
        """Pictures, until it is there."""
        return teach(ctx, self.tell, self.toolbox, port, error.chip, error)

    def to_start(self, ctx: JobContext, todo: Text) -> None:
        """The last button."""
        start(ctx, self.tell, todo, "")


def _result(found: Clicked, *, run: bool) -> Text | None:
    _port, report = found
    running = report.flashed.running if report is not None else None
    if report is None or running is None:
        return None if run else _("✓ MicroPython was on the board already, and answers.")
    firmware = report.plan.pick.title
    if run:
        return _("✓ {firmware} is on the board and answers; now the project runs.", firmware=firmware)
    return _("✓ {firmware} is on the board and answers.", firmware=firmware)
