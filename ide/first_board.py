"""Which board is used while nobody has chosen one, and the run that waits for it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from ide.board_picker import BoardPicker
from ide.board_session import BoardSession
from ide.job_queue import Jobs
from toolchains.jobs import JobContext
from toolchains.text import _


class FirstBoard(QObject):
    """The board of last time, else the only one that is plugged in, else the simulated one; of several the person's."""

    def __init__(self, jobs: Jobs, board: BoardSession, picker: BoardPicker) -> None:
        super().__init__(picker)
        self._jobs, self._board, self._picker = jobs, board, picker
        self._waiting: Callable[[], object] | None = None
        board.changed.connect(self._changed)
        picker.menu().aboutToHide.connect(lambda: QTimer.singleShot(0, self, self._forget))

    def connect_board(self, remembered: object = None) -> None:
        """Connect to ``remembered``, or look for one."""
        if isinstance(remembered, str) and remembered:
            self._board.use(remembered)
            return

        def choose(ctx: JobContext) -> str | None:
            from ide.board.boards import choose_address
            from ide.board.errors import BoardChoice

            try:
                return choose_address(ctx.host)
            except BoardChoice:
                return None

        self._jobs.start(_("Look for boards"), choose, on_done=self._chosen)

    def then(self, run: Callable[[], object]) -> None:
        """Find a board, then ``run``."""
        self._waiting = run
        self.connect_board()

    @property
    def waits(self) -> bool:
        """Whether something runs as soon as there is a board."""
        return self._waiting is not None

    def _chosen(self, address: str | None) -> None:
        if address is None:  # several: nobody else can decide
            if self.waits:
                self._picker.ask()
        elif self._board.address is None:
            self._board.use(address)

    def _changed(self) -> None:
        if self._waiting is not None and self._board.address is not None:
            run, self._waiting = self._waiting, None
            run()

    def _forget(self) -> None:
        """The list went away and nothing was chosen: a later choice is no wish to run."""
        if self._board.address is None:
            self._waiting = None
