"""The start page as a plugin: its commands, and what its two buttons do."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from ide.commands import Command
from ide.context import IdeContext
from ide.panels.start.page import StartPage, is_factorial
from ide.racing import Racing
from toolchains.jobs import JobContext
from toolchains.text import _


def make(ctx: IdeContext) -> QWidget:
    """The page, and its commands."""

    def run_factorial() -> None:
        if is_factorial(ctx):
            ctx.commands.run("project.run")
        else:
            open_factorial(ctx)

    racing = Racing(ctx, ctx.board)
    page = StartPage(ctx, racing, run_factorial)
    racing.setParent(page)

    def show_and_race() -> None:
        ctx.layout.show_panel("start")
        page.race.click()

    ctx.commands.register(
        Command("start.factorial", _("Example: factorial"), run_factorial, "", "help/1",
                enabled=lambda: not ctx.runs.busy, hint=_("Run the smallest example on the board")),
        Command("start.race", _("Race Python against C"), show_and_race, "", "help/2",
                enabled=lambda: racing.possible, hint=_("Draw one picture in four ways on the board, and compare")),
        Command("start.stop_race", _("Stop the race"), racing.stop, "", "help/3", enabled=lambda: racing.running),
    )  # fmt: skip
    return page


def open_factorial(ctx: IdeContext) -> None:
    """The person's copy of the example, in a window of its own."""
    from ide import gallery

    def work(_ctx: JobContext) -> Path:
        return gallery.open_example(ctx.engine.host, gallery.FIRST)

    ctx.jobs.start(_("Open an example"), work, on_done=ctx.open_project)
