"""The command that opens the dialog of signatures, once; what was typed there is kept while the window lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.commands import Command
from toolchains.text import _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from ide.stub_dialog import Draft, StubDialog


def register(ctx: IdeContext) -> StubCommands:
    """Add it."""
    doing = StubCommands(ctx)
    ctx.commands.register(
        Command(
            "project.stubs", _("Write the C frame from Python signatures…"), doing.show, "", "project/62",
            hint=_("Say what Python sees: functions, classes, constants; a C file that compiles is made of it"),
        )
    )  # fmt: skip
    return doing


class StubCommands:
    """What it does."""

    def __init__(self, ctx: IdeContext) -> None:
        self._ctx = ctx
        self._draft: Draft | None = None
        self._dialog: StubDialog | None = None

    def show(self) -> None:
        """The dialog, in front."""
        from ide.stub_dialog import StubDialog

        if self._dialog is None:
            self._dialog = StubDialog(self._ctx, self._ctx.window, self._draft, self._keep)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def _keep(self, draft: Draft) -> None:
        self._draft = draft if draft.sheet.texts else None
        self._dialog = None
