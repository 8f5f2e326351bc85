"""Build, put, run at each save: the one click, again and again, until somebody cancels.

Nothing asks the board anything between two rounds. A save during a round ends it, by Ctrl-C to the board where a
program runs, and begins the next.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Protocol

from ide.board.boards import Boards
from ide.board.pipeline import Made, RunReport, RunRequest, build_put_run
from toolchains import scripts
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import JobContext
from toolchains.saves import Saves


@dataclass
class Round:
    """One time through: which saves led to it, and how it ended.

    ``saved`` are paths relative to the project, none for the first round. ``answered``: seconds from the save to the
    program's first output. ``report`` is None when the round failed (``error``) or was ended by another save.
    """

    number: int
    saved: tuple[str, ...] = ()
    saved_at: float | None = None
    answered: float | None = None
    report: RunReport | None = None
    error: StudioError | None = None
    _silent: bool = field(default=True, repr=False)

    def heard(self) -> bool:
        """The program says something; whether that is the first answer to a save."""
        if not self._silent:
            return False
        self._silent = False
        if self.saved_at is not None:
            self.answered = max(0.0, time.time() - self.saved_at)
        return self.answered is not None


class Watcher(Protocol):
    """Who looks on. All are called in the thread of :func:`run_rounds`."""

    def began(self, this: Round) -> None:
        """A round begins."""

    def made(self, this: Round, made: Made) -> None:
        """The module is built, and the program is about to run."""

    def output(self, this: Round, data: bytes) -> None:
        """The program prints."""

    def ended(self, this: Round) -> None:
        """A round ended: by itself, by an error, or by another save."""


def run_rounds(ctx: JobContext, boards: Boards, request: RunRequest, watcher: Watcher) -> None:
    """Go on until ``ctx`` is cancelled, which raises Cancelled.

    What fails in a round is told to the ``watcher``; raised is only what the folder itself has wrong at the beginning.
    """
    # The folder that this process is in may be removed, and with it the way to a relative path.
    request = replace(request, project=request.project.absolute())
    root = scripts.target_at(request.project, request.script).project.root
    with Saves(root) as saves:
        this = Round(1)
        while True:
            _round(ctx, boards, request, watcher, saves, this)
            saved, moment = saves.wait(ctx)
            this = Round(this.number + 1, saved, moment)


def _round(ctx: JobContext, boards: Boards, request: RunRequest, watcher: Watcher, saves: Saves, this: Round) -> None:
    watcher.began(this)
    try:
        with ctx.part() as inner, saves.calling(inner.cancel):
            this.report = build_put_run(
                inner,
                boards,
                request,
                on_output=lambda data: watcher.output(this, data),
                on_made=lambda made: watcher.made(this, made),
            )
    except Cancelled:
        ctx.check()  # else a save ended it
    except StudioError as error:
        this.error = error
    watcher.ended(this)
