"""How the board is, over the last minutes: asked in passing at a free prompt, as long as somebody sees it.

Nothing is asked while a program runs, while a statement goes on, or while nobody looks; then no timer runs either.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from ide.board_session import BoardSession
from ide.settings import Settings
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import JobContext
from toolchains.text import _

if TYPE_CHECKING:
    from ide.board.boards import Boards
    from ide.board.memory.vitals import Vitals

#: How far back the history goes, in s.
MINUTES_S = 300.0
#: Whatever is set: so many answers at most.
_MOST = 4096
#: A prompt that came back is left alone for so long: lines that were typed ahead may follow it.
_SETTLE_MS = 300
#: The board may spend at most this share of its time on us. A round trip is never shorter than the board's own part.
_SHARE = 0.02
#: After a failure the next ask waits so many times longer, up to this.
_SLOWER, _SLOWEST = 2.0, 16.0
#: While nothing happens at the prompt there is ever less to see, and each ask leaves some garbage behind: so too.
_CALMER, _CALMEST = 1.25, 6.0

ON, EVERY = "board.vitals", "board.vitals_s"


@dataclass(frozen=True)
class Sample:
    """One answer. ``joined``: nothing but the prompt was between it and the one before; ``collected``: garbage was."""

    vitals: Vitals
    joined: bool
    collected: bool


class BoardVitals(QObject):
    """The answers of the board that we have, the newest last. ``changed``: there is a new one, or none, or a pause."""

    changed = Signal()

    def __init__(self, board: BoardSession, settings: Settings) -> None:
        super().__init__()
        self._board, self._settings = board, settings
        self.history: deque[Sample] = deque(maxlen=_MOST)
        #: The most that the heap held since the board is here, in bytes.
        self.peak: int | None = None
        #: Why the last ask brought nothing.
        self.error: StudioError | None = None
        self._viewers: list[QWidget] = []
        self._address: str | None = None
        self._board_number = 0
        self._state = ""
        self._asking = self._joined = False
        self._files_wanted = True
        self._slower = 1.0
        self._due = self._earliest = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)
        board.changed.connect(self._board_changed)
        settings.listeners.append(self._setting_changed)

    # --- for those who show it ------------------------------------------------------------------------------------

    @property
    def latest(self) -> Vitals | None:
        """The newest answer; what is rarely asked (files) is in it as of the last time."""
        return self.history[-1].vitals if self.history else None

    @property
    def paused(self) -> bool:
        """Whether the person wants nothing to be asked."""
        return not self._settings.on(ON)

    def pause(self, on: bool) -> None:
        """Ask nothing from now on, or go on; it is remembered."""
        self._settings.set(ON, not on)

    def seen_in(self, viewer: QWidget) -> None:
        """``viewer`` shows the answers: they are asked while it can be seen."""
        self._viewers.append(viewer)
        viewer.installEventFilter(self)
        self._plan()

    def ask_again(self) -> None:
        """Ask soon, files too: something has changed on the board."""
        self._files_wanted = True
        self._due = 0.0
        self._plan()

    def close(self) -> None:
        """The window goes."""
        self._viewers.clear()
        self._timer.stop()

    # --- when -----------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A viewer that is painted is seen, wherever its dock and its window are."""
        if event.type() == QEvent.Type.Paint and not self._timer.isActive():
            self._plan()
        return False

    def _looked_at(self) -> bool:
        self._viewers = [viewer for viewer in self._viewers if isValid(viewer)]
        return any(
            viewer.isVisible() and not viewer.window().isMinimized() and not viewer.visibleRegion().isEmpty()
            for viewer in self._viewers
        )

    @property
    def _free(self) -> bool:
        return self._board.state == "prompt" and not self._board.continued

    def _plan(self) -> None:
        """Set the timer for the next ask, or none."""
        if self._asking or self.paused or not self._free or not self._looked_at():
            self._timer.stop()
            return
        wait = max(_SETTLE_MS, round(1000 * (max(self._due, self._earliest) - time.monotonic())))
        self._timer.start(wait)

    def _board_changed(self) -> None:
        board, before = self._board, self._state
        if board.address != self._address:
            moved = self._address is not None and board.identity is not None  # it came back at another port
            self._address = board.address
            if not moved:
                self._forget()
        if board.state != before:
            self._state = board.state
            if board.state == "prompt":  # a program may have written files, and taken memory
                self._files_wanted, self._due, self._slower = True, 0.0, 1.0
            elif board.state != "running":
                self._joined = False
        self._plan()

    def _setting_changed(self, key: str) -> None:
        if key in (ON, EVERY):
            self._due, self._joined = 0.0, self._joined and not self.paused
            self._plan()
            self.changed.emit()

    def _forget(self) -> None:
        self.history.clear()
        self.peak, self.error, self._joined, self._asking = None, None, False, False
        self._board_number += 1
        self.changed.emit()

    # --- what -----------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        if not self._free or not self._looked_at():
            return
        address, files, board_number = self._board.address, self._files_wanted, self._board_number
        assert address is not None

        def work(ctx: JobContext, boards: Boards) -> Vitals:
            from ide.board.memory.vitals import ask  # here, because the window opens before it

            return ask(ctx, boards.open(ctx, address), filesystem=files)

        def done(vitals: Vitals) -> None:
            if board_number == self._board_number:
                self._files_wanted = self._files_wanted and not files
                self._take(vitals)

        def failed(error: StudioError) -> None:
            if board_number == self._board_number:
                self._failed(error)

        task = self._board.submit(_("Look at the memory"), work, on_done=done, on_error=failed, quiet=True)
        self._asking = task is not None

    def _take(self, vitals: Vitals) -> None:
        before = self.latest
        if before is not None and vitals.fs_total is None:
            vitals = replace(vitals, fs_free=before.fs_free, fs_total=before.fs_total)
        fell = (
            self._joined
            and before is not None
            and before.heap_used is not None
            and vitals.heap_used is not None
            and vitals.heap_used < before.heap_used
        )
        self.history.append(Sample(vitals, self._joined, fell))
        while self.history[0].vitals.at < vitals.at - MINUTES_S:
            self.history.popleft()
        if vitals.heap_used is not None:
            self.peak = max(self.peak or 0, vitals.heap_used)
        self._slower = min(_CALMEST, self._slower * _CALMER) if self._joined else 1.0
        self.error, self._joined, self._asking = None, True, False
        self._next(max(vitals.round_trip_s, vitals.board_s or 0.0))

    def _failed(self, error: StudioError) -> None:
        self._asking = False
        if not isinstance(error, Cancelled) and self._free:  # else a program has begun, which is no fault
            self.error, self._slower = error, min(_SLOWEST, self._slower * _SLOWER)
        self._next(0.0)

    def _next(self, took_s: float) -> None:
        now = time.monotonic()
        self._earliest = now + took_s / _SHARE
        self._due = now + self._settings.number(EVERY) * self._slower
        self._plan()
        self.changed.emit()
