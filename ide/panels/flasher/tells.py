"""What work of the flasher tells the panel on its way, besides steps, progress and notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ide.board.flash.coach import Lesson
    from ide.board.flash.records import BoardFacts
    from toolchains.text import Text

State = Literal["idle", "working", "good", "bad", "stopped"]


@dataclass(frozen=True)
class Teach:
    """The chip is not in download mode: show how it gets there, and wait so many seconds."""

    lesson: Lesson
    seconds: float


@dataclass(frozen=True)
class Watching:
    """What is seen meanwhile; ``over``: the chip is there."""

    text: Text
    over: bool = False


@dataclass(frozen=True)
class RowTold:
    """Of many boards one got further. ``percent`` 0 to 100, or None."""

    port: str
    state: State
    step: Text | str = ""
    percent: int | None = None
    result: Text | str = ""
    detail: str = ""
    mac: str = ""
    label: str = ""
    facts: BoardFacts | None = None
