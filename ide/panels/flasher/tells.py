"""What work of the flasher tells the panel on its way, besides steps, progress and notes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ide.board.flash.coach import Lesson
    from ide.board.flash.records import BoardFacts
    from toolchains.errors import StudioError
    from toolchains.text import Text

State = Literal["idle", "working", "good", "bad", "stopped"]


@dataclass(frozen=True)
class Teach:
    """A person has to press a button: show which. It is waited for so many seconds; None: as long as it takes."""

    lesson: Lesson
    seconds: float | None


@dataclass(frozen=True)
class Watching:
    """What is seen meanwhile; ``over``: the chip is there."""

    text: Text
    over: bool = False


@dataclass(frozen=True)
class RowTold:
    """Of many boards one got further. ``percent`` 0 to 100, or None.

    ``result`` is a few words, ``more`` says all that is to be said of it, ``detail`` are the tool's own words.
    """

    port: str
    state: State
    step: Text | str = ""
    percent: int | None = None
    result: Text | str = ""
    more: tuple[Text | StudioError, ...] = ()
    detail: str = ""
    mac: str = ""
    label: str = ""
    facts: BoardFacts | None = None
    lesson: Lesson | None = None


class RowsTold:
    """The newest of each board that the window has not seen yet: twelve boards tell more than it has to paint.

    ``tell``: hands this on to the window, when there was nothing and now is.
    """

    def __init__(self, tell: Callable[[object], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._waiting: dict[str, RowTold] = {}

    def put(self, row: RowTold) -> None:
        """From any thread."""
        with self._lock:
            empty = not self._waiting
            self._waiting[row.port] = row
        if empty:
            self._tell(self)

    def take(self) -> list[RowTold]:
        """In the window's thread: what came since the last time."""
        with self._lock:
            taken, self._waiting = list(self._waiting.values()), {}
        return taken
