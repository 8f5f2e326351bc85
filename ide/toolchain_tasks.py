"""Work on toolchains (get, verify, remove …) as the window sees it: how far, how fast, how it ended. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from toolchains.text import Text, _
from toolchains.units import percent_text, size_text

if TYPE_CHECKING:
    from toolchains.errors import StudioError
    from toolchains.fetch_control import Control
    from toolchains.jobs import JobContext, Progress
    from toolchains.rates import Rate

State = Literal["waiting", "working", "paused", "done", "failed"]
#: Work that is done, with the control of its downloads; what it returns goes to ``then``.
Work = Callable[["JobContext", "Control"], Any]


def _nobody(_value: object) -> None:
    """Whoever does not want to know."""


@dataclass(eq=False)
class Task:
    """``downloads``: it can be paused, and waits for its turn. ``result``: a sentence for when it is done.

    ``doubtful``: whether what it found has to be looked at. ``about``: the ids of the toolchains that it gets.
    """

    title: Text
    work: Work
    downloads: bool = False
    result: Callable[[Any], Text | None] = lambda _value: None
    doubtful: Callable[[Any], bool] = lambda _value: False
    then: Callable[[Any], object] = _nobody
    failed: Callable[[StudioError], object] = _nobody
    about: tuple[str, ...] = ()
    state: State = "waiting"
    step: Text | None = None
    progress: Progress | None = None
    rate: Rate | None = None
    error: StudioError | None = None
    doubts: bool = False
    said: list[Text] = field(default_factory=list)
    control: Control | None = None
    cancel: Callable[[], None] = lambda: None

    @property
    def over(self) -> bool:
        """Whether it ended, well or not."""
        return self.state in ("done", "failed")

    @property
    def pausable(self) -> bool:
        """Whether a pause would be heeded now: packages of the system and unpacking know none."""
        return self.control is not None and self.control.heeded

    @property
    def percent(self) -> int | None:
        """How far it is, 0 to 100; None where that is not known."""
        if self.progress is None or not self.progress.total:
            return None
        return min(100, 100 * self.progress.done // self.progress.total)

    def measure(self, progress: Progress) -> None:
        """It got further."""
        from toolchains.rates import Rate

        if self.rate is None or (self.progress is not None and self.progress.total != progress.total):
            self.rate = Rate()
        self.progress = progress
        if progress.unit == "B":
            self.rate.add(progress.done, progress.total)

    def begin_step(self, title: Text) -> None:
        """Another part of it began: its progress counts from nothing."""
        self.step, self.progress, self.rate = title, None, None

    def figures(self) -> str:
        """``34 MB of 135 MB · 3.1 MB/s · 32 s left``, or what is known of it."""
        progress = self.progress
        if progress is None:
            return ""
        if progress.unit != "B":
            return percent_text(progress.done, progress.total) if progress.total else f"{progress.done} {progress.unit}"
        parts: list[object] = [
            _("{done} of {total}", done=size_text(progress.done), total=size_text(progress.total))
            if progress.total
            else size_text(progress.done)
        ]
        if self.rate is not None and self.state == "working":
            parts.append(self.rate)
        return " · ".join(filter(None, map(str, parts)))
