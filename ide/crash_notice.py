"""A board that crashed: what it was, and the way to the line of C; in a run, and when it crashes by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ide.notify import Action
from ide.places import inside
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import _

if TYPE_CHECKING:
    from ide.board.pipeline import Made
    from ide.context import IdeContext
    from toolchains.crash.records import Crash, Dump


class CrashNotice(QObject):
    """Says it; a run says what it found out by itself (:mod:`ide.board.pipeline`)."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__(ctx.window)
        self._ctx = ctx
        self._made: Made | None = None
        ctx.board.crashed.connect(self._crashed)
        ctx.runs.made.connect(self._built)

    def tell(self, error: StudioError) -> None:
        """A run ended with a crash: the sentence, and the way to the line."""
        crash = error.fields.get("crash")
        file, line = (crash.get("file"), crash.get("line")) if isinstance(crash, dict) else (None, None)
        actions = self._way(file, line) if isinstance(file, str) and isinstance(line, int) else ()
        self._ctx.notices.error(error, actions)

    def _way(self, file: str, line: int) -> tuple[Action, ...]:
        path = inside(self._ctx.project.folder, file)
        if path is None:
            return ()
        go = Action(
            _("Go to {file}, line {line}", file=file, line=line), lambda: self._ctx.editors.open(path, line, None)
        )
        return (go,)

    def _built(self, made: Made) -> None:
        self._made = made

    def _crashed(self, dump: Dump) -> None:
        """Outside of a run: a line at the prompt, a program of the board's own."""
        if self._ctx.runs.busy:
            return
        made, box = self._made, self._ctx.engine.toolbox

        def work(ctx: JobContext) -> Crash:
            from ide.board import crash_watch

            asked = made.asked if made is not None else None
            here = asked is not None and crash_watch.arch_of(dump) == asked.arch.name
            request = asked if here else None
            place = crash_watch.kept_place(request) if request is not None else None
            ours = request.sdk if request is not None and dump.kind == "sim" else None
            return crash_watch.explained(ctx, box(), dump, request, address=place, read=False, simulated=ours)

        self._ctx.jobs.start(_("Find the line of the crash"), work, on_done=self._found)

    def _found(self, crash: Crash) -> None:
        from ide import run_console
        from ide.board.crash_watch import BoardCrashed

        error = BoardCrashed(crash)
        run_console.print_crash(self._ctx.board.printer(), error)
        self.tell(error)
