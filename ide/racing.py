"""A race on the window's board: started, followed, stopped. Start page and race panel are views of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ide.board.race_lines import Field, Heap, Lap, Loaded, Loop, Out, Unsaid
from ide.context import IdeContext
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import JobContext, StepStarted
from toolchains.text import _

if TYPE_CHECKING:
    from ide.board.boards import Boards
    from ide.board.race import Race, RaceReport
    from toolchains.paths import Paths


@contextmanager
def _example(own: Paths) -> Iterator[Race]:
    from ide.board import race

    with race.example(own) as folder:
        yield race.Race(folder)


class Racing(QObject):
    """One race at a time.

    ``changed``: it began or ended, or could begin now, or no longer. ``step(Text)``: what is done before the board
    runs. ``said``: a record of :mod:`ide.board.race_lines`. ``ended(RaceReport | None)``: None after a stop or error.
    """

    changed = Signal()
    step = Signal(object)
    said = Signal(object)
    ended = Signal(object)

    def __init__(self, ctx: IdeContext, parent: QObject) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._cancel: Callable[[], None] | None = None
        ctx.board.changed.connect(self.changed)
        ctx.runs.started.connect(lambda _kind: self.changed.emit())
        ctx.runs.ended.connect(lambda _ended: self.changed.emit())

    @property
    def running(self) -> bool:
        """Whether there is a race."""
        return self._cancel is not None

    @property
    def possible(self) -> bool:
        """Whether one can begin: a board answers, and nothing else is being done."""
        return not self.running and not self._ctx.runs.busy and self._ctx.board.state in ("prompt", "running")

    def start(self, what: Callable[[Paths], AbstractContextManager[Race]] | None = None) -> None:
        """Build, and race on the board; nothing where it is not possible.

        ``what(paths)`` makes the race, in the board's thread; without it our example races.
        """
        if not self.possible:
            return
        board, address, own = self._ctx.board, self._ctx.board.address, self._ctx.engine.paths
        assert address is not None
        output = board.printer()

        def work(ctx: JobContext, boards: Boards) -> RaceReport:
            from ide.board import race, race_kept

            sink: Any = ctx.sink
            heard = race.Heard(sink, output=Unsaid(output))
            with (what or _example)(own) as asked:
                report = race.race(ctx, boards, address, asked, heard)
            race_kept.keep(own, report)
            return report

        title = _("Race")
        board.announce(title)
        task = board.submit(title, work, on_done=self._end, on_error=self._failed, on_event=self._told)
        if task is not None:
            self._cancel = task.cancel
            self._tell()

    def stop(self) -> None:
        """End it as soon as the board can be stopped."""
        if self._cancel is not None:
            self._cancel()

    def _told(self, event: object) -> None:
        if isinstance(event, StepStarted):
            self.step.emit(event.title)
        elif isinstance(event, Field | Loop | Loaded | Lap | Heap | Out):
            self.said.emit(event)

    def _failed(self, error: StudioError) -> None:
        self._end(None)
        if not isinstance(error, Cancelled):
            self._ctx.notices.error(error)

    def _end(self, report: RaceReport | None) -> None:
        self._cancel = None
        self.ended.emit(report)
        self._tell()

    def _tell(self) -> None:
        self._ctx.commands.refresh()
        self.changed.emit()
