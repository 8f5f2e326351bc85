"""What the window does by itself when a build or a run begins, says something, and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.compiler_notice import NO_COMPILER, CompilerNotice
from ide.notify import Action
from ide.run_words import CRASHED, summary
from ide.runs import Ended
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import Note, Progress, StepStarted
from toolchains.text import _

if TYPE_CHECKING:
    from ide.board_notice import BoardNotice
    from ide.context import IdeContext
    from ide.crash_notice import CrashNotice
    from ide.status import Status
    from ide.toolchain_tasks import Task

#: The code of :class:`toolchains.makefile.errors.NeedsConsent`, whose module is not loaded for the first picture.
CONSENT = "project.makefile.consent"


class RunFollower:
    """Follows the window's runs: panels that belong to them, the line at the bottom, what is offered when one fails."""

    def __init__(
        self,
        ctx: IdeContext,
        status: Status,
        compiler_notice: CompilerNotice,
        board_notice: BoardNotice,
        crash_notice: CrashNotice,
    ) -> None:
        self._ctx, self._status = ctx, status
        self._compiler_notice, self._board_notice, self._crash_notice = compiler_notice, board_notice, crash_notice
        self._closed = False
        ctx.runs.started.connect(self._started)
        ctx.runs.event.connect(self._event)
        ctx.runs.ended.connect(self._ended)
        ctx.toolchains.progressed.connect(self._toolchain_progressed)

    def close(self) -> None:
        """The window goes: what ends from now on is not its affair."""
        self._closed = True

    def _started(self, kind: str) -> None:
        self._ctx.notices.clear()
        self._ctx.commands.refresh()
        if kind == "run":
            self._ctx.layout.show_panel("console")
            self._ctx.layout.show_panel("run")
        elif kind == "build":
            self._ctx.layout.show_panel("build")

    def _event(self, event: object) -> None:
        if isinstance(event, Progress):
            self._status.progress(event)
        elif isinstance(event, Note):
            self._status.tell(event.text.__str__)
        elif isinstance(event, StepStarted):
            self._status.tell(event.title.__str__)

    def _toolchain_progressed(self, task: Task) -> None:
        if task.progress is not None and not self._ctx.runs.busy:
            self._status.progress(task.progress)

    def _ended(self, ended: Ended) -> None:
        if self._closed:
            return
        self._ctx.commands.refresh()
        self._status.tell(lambda: summary(ended))
        if ended.error is not None and ended.error.code == CONSENT:
            self._ask_consent(ended.error)
        elif ended.error is not None and ended.error.code == NO_COMPILER:
            self._compiler_notice.tell(ended.error)
        elif ended.error is not None and ended.error.code == CRASHED:
            self._crash_notice.tell(ended.error)
        elif ended.error is not None:
            self._board_notice.tell(ended.error, self._ctx.runs.repeat)
        if not ended.good and not isinstance(ended.error, Cancelled):
            self._go_to_first_problem(at_console=ended.error is not None and ended.error.code == CRASHED)

    def _ask_consent(self, error: StudioError) -> None:
        from toolchains.recipe import Wishes

        def allow() -> None:
            self._ctx.runs.wishes = Wishes({}, allow_run=True)
            self._ctx.notices.dismiss()
            self._ctx.runs.repeat()

        self._ctx.notices.error(error, (Action(_("Allow it and go on"), allow),))

    def _go_to_first_problem(self, *, at_console: bool) -> None:
        """To the line that has to be mended. What is told at the console (a traceback, calls) stays in front."""
        problems = self._ctx.problems
        found = [*problems.of("build"), *problems.of("run")]
        first = next((one for one in found if one.severity == "error" and one.path is not None), None)
        if first is None or first.path is None:
            return
        if first not in problems.of("run") and not at_console:
            self._ctx.layout.show_panel("problems")
        self._ctx.editors.open(first.path, first.line, first.column)
