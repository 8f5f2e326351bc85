"""Work on a chip that a person may have to bring to download mode, and out of it, with its buttons."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar

from ide.board.flash import coach, reconnect
from ide.board.flash import write as writing
from ide.board.flash.errors import NotInDownloadMode
from ide.board.flash.records import ChipFacts, Flashed, FlashJob
from toolchains.jobs import JobContext
from toolchains.text import Text
from toolchains.toolbox import Toolbox

T = TypeVar("T")
#: How often somebody is asked for the same thing.
_LESSONS = 3


class Helper(Protocol):
    """Who speaks with the person at the buttons."""

    def to_download(self, ctx: JobContext, port: str, error: NotInDownloadMode) -> str:
        """Wait until the chip is in download mode; its port then. Raises ``error`` when nobody presses."""

    def to_start(self, ctx: JobContext, todo: Text) -> None:
        """Say what to do so that the board starts what was written."""


def helped(ctx: JobContext, port: str, work: Callable[[str], T], helper: Helper | None) -> tuple[T, bool]:
    """``work(port)``, and again when a person helped; its result, and whether somebody had to press a button."""
    for lesson in range(_LESSONS + 1):
        try:
            return work(port), lesson > 0
        except NotInDownloadMode as error:
            if helper is None or lesson == _LESSONS:
                raise
            port = helper.to_download(ctx, port, error)
    raise AssertionError  # the last lesson returns or raises


def write(
    ctx: JobContext,
    toolbox: Toolbox,
    job: FlashJob,
    *,
    facts: ChipFacts | None = None,
    helper: Helper | None = None,
    pressed: bool = False,
) -> Flashed:
    """As :func:`ide.board.flash.write.write`. ``pressed``: it was brought to download mode by hand, and so it needs
    a hand to be started, too: that is told, and waited for."""
    before = reconnect.Seen.at(job.port)
    by_hand = pressed

    def once(at: str) -> Flashed:
        nonlocal by_hand
        asks = not by_hand
        by_hand = True  # at the next try, somebody has helped
        return writing.write(ctx, toolbox, replace(job, port=at), facts=facts, reconnect=asks)

    flashed, _helped = helped(ctx, job.port, once, helper)
    if flashed.running is not None or helper is None:
        return flashed
    helper.to_start(ctx, coach.step("only-reset").text)
    mac = facts.mac if facts is not None else ""
    running, port = reconnect.prove(ctx, toolbox.host, before, job.chip, mac, patience=math.inf)
    return replace(flashed, running=running, port=port)
