"""How long, and how often, a lost board is looked for: what the worker of a port needs to bring it back by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from ide.board.errors import BoardBusy, BoardGone, OtherBoard
from toolchains.errors import StudioError

#: A board that restarts is back within a second or two, one that is plugged in again within a minute; udev and
#: ModemManager may keep it from us for half a minute. Whatever comes later is told by :mod:`ide.board.port_watch`.
SEARCH_S = 60.0
_SOON_S = 5.0
_FIRST_LOOKS_S = 0.25
_LATER_LOOKS_S = 1.0
#: A board with USB of its own may be away for so long without a word: each reset of it does that.
_EXCUSED_S = 3.0
#: It looks at each new port for about half a minute.
_PASSES = ("ModemManager",)


class Search:
    """When to look next. Called with the worker's lock held."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = self._next = self._found = 0.0
        self._on = False
        self._excused: StudioError | None = None
        self._told: type[StudioError] | None = None

    def begin(self) -> None:
        """Look now, and then again and again for a while."""
        self._began = self._next = self._clock()
        self._on = True

    def end(self) -> None:
        """No more: it is here, or there is no use."""
        if self._on:
            self._found = self._clock()
        self._on, self._excused, self._told = False, None, None

    @property
    def due(self) -> bool:
        """Whether to look now."""
        return self._on and self._clock() >= self._next

    @property
    def pause(self) -> float | None:
        """Seconds until the next look; None: nobody looks."""
        return max(0.0, self._next - self._clock()) if self._on else None

    def looked(self) -> StudioError | None:
        """Somebody did; the loss that can be passed over no longer."""
        now = self._clock()
        since = now - self._began
        self._next = now + (_FIRST_LOOKS_S if since < _SOON_S else _LATER_LOOKS_S)
        self._on = since < SEARCH_S
        if since < _EXCUSED_S:
            return None
        excused, self._excused = self._excused, None
        return excused

    def lost(self, error: StudioError, *, connected: bool, goes_away: bool) -> Literal["lost", "connecting"] | None:
        """A board was lost (it was ``connected``), or could not be opened; how to call that. None: it is no news.

        ``goes_away``: it does so at each reset.
        """
        news, self._told = type(error) is not self._told, type(error)
        if connected and isinstance(error, BoardGone):
            self._begin_after_loss()
            self._excused = error if goes_away else None
            return "connecting" if goes_away else "lost"
        self._excused = None
        if isinstance(error, BoardBusy) and error.holder in _PASSES:
            if connected:
                self.begin()
        elif isinstance(error, OtherBoard | BoardBusy):
            self._on = False
        return "lost" if news else None

    def _begin_after_loss(self) -> None:
        """A port that breaks again each time that it is opened is not tried for ever, nor without a pause."""
        began, now = self._began, self._clock()
        self.begin()
        self._next = now + _FIRST_LOOKS_S
        if self._found and now - self._found < _SOON_S:
            self._began, self._next = began, now + _LATER_LOOKS_S
            self._on = now - began < SEARCH_S

    @property
    def refused(self) -> bool:
        """Whether another board was found in its place."""
        return self._told is OtherBoard

    @property
    def quiet(self) -> bool:
        """Whether the next try is one of many that nobody need hear of."""
        return self._on and self._told not in (None, BoardGone)
