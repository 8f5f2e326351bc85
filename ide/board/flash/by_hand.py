"""Work on a chip that a person may have to bring to download mode, and out of it, with its buttons."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Protocol, TypeVar

from ide.board.flash import coach, reconnect
from ide.board.flash import write as writing
from ide.board.flash.commands import Before
from ide.board.flash.errors import NotInDownloadMode
from ide.board.flash.records import BoardFacts, ChipFacts, Flashed, FlashJob
from ide.board.flash.usb import Track
from toolchains.jobs import JobContext
from toolchains.text import Text
from toolchains.toolbox import Toolbox

T = TypeVar("T")
#: What is to be done at a port, and how the chip there is reached: one that waits for us must not be reset.
Work = Callable[[str, Before], T]
#: How often somebody is asked for the same thing.
_LESSONS = 3


class Helper(Protocol):
    """Who speaks with the person at the buttons."""

    def to_download(self, ctx: JobContext, port: str, error: NotInDownloadMode) -> str:
        """Wait until the chip is in download mode; its port then. Raises ``error`` when nobody presses."""

    def to_start(self, ctx: JobContext, todo: Text) -> None:
        """Say what to do so that the board starts what was written."""


def waits(facts: BoardFacts | None) -> bool:
    """Whether a chip was in its loader when somebody looked at it: perhaps a person brought it there."""
    return facts is not None and facts.silence == "bootloader"


def helped(
    ctx: JobContext, port: str, work: Work[T], helper: Helper | None, *, waiting: bool = False
) -> tuple[T, bool]:
    """``work`` at ``port``, and again when a person helped; its result, and whether somebody had to press a button.

    ``waiting``: the chip may be in its loader already, so it is tried without a reset first.
    """
    before: Before = "default-reset"
    if waiting:
        with suppress(NotInDownloadMode):  # it left
            return work(port, "no-reset"), False
    for lesson in range(_LESSONS + 1):
        try:
            return work(port, before), lesson > 0
        except NotInDownloadMode as error:
            if helper is None or lesson == _LESSONS:
                raise
            port, before = helper.to_download(ctx, port, error), "no-reset"
    raise AssertionError  # the last lesson returns or raises


def done(ctx: JobContext, port: str, work: Work[T], helper: Helper | None, *, waiting: bool = False) -> T:
    """The same for work that writes nothing: who brought the chip to its loader is told how to start it again."""
    result, pressed = helped(ctx, port, work, helper, waiting=waiting)
    if pressed and helper is not None:
        helper.to_start(ctx, coach.step("only-reset").text)
    return result


def write(
    ctx: JobContext,
    toolbox: Toolbox,
    job: FlashJob,
    *,
    facts: ChipFacts | None = None,
    helper: Helper | None = None,
    pressed: bool = False,
    waiting: bool = False,
) -> Flashed:
    """As :func:`ide.board.flash.write.write`. ``pressed``: it was brought to download mode by hand, and so it needs
    a hand to be started, too: that is told, and waited for. ``waiting``: as for :func:`helped`."""
    track = Track.at(job.port)
    was_reset = False

    def once(at: str, before: Before) -> Flashed:
        nonlocal was_reset
        asks = not pressed and (before == "default-reset" or not was_reset)  # after a reset, somebody has helped
        was_reset |= before == "default-reset"
        return writing.write(ctx, toolbox, replace(job, port=at), facts=facts, reconnect=asks, before=before)

    flashed, now_pressed = helped(ctx, job.port, once, helper, waiting=pressed or waiting)
    if flashed.running is not None or helper is None or not (pressed or now_pressed):
        return flashed
    helper.to_start(ctx, coach.step("only-reset").text)
    mac = facts.mac if facts is not None else ""
    running, port = reconnect.prove(ctx, toolbox.host, track, job.chip, mac, patience=math.inf)
    return replace(flashed, running=running, port=port)
