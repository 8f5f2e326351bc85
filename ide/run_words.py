"""How a build or run ended, in one line. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolchains.errors import Cancelled
from toolchains.text import Text, _
from toolchains.units import size_text, time_text

if TYPE_CHECKING:
    from ide.runs import Ended

#: The code of :class:`ide.board.crash_watch.BoardCrashed`, whose module is not loaded for the first picture.
CRASHED = "board.crashed"


def summary(ended: Ended) -> Text:
    """``built 374 B in 0.04 s · on the board in 0.11 s · ran in 0.02 s``, or what went wrong."""
    if isinstance(ended.error, Cancelled):
        return _("stopped after {time}", time=time_text(ended.seconds))
    if ended.error is not None:
        return _("failed after {time}", time=time_text(ended.seconds))
    if ended.report is not None:
        return _run(ended)
    if ended.kind == "clean":
        return _("built files removed")
    built = [outcome for outcome in ended.outcomes if outcome.result is not None]
    if len(built) == 1 and built[0].result is not None:
        size = size_text(built[0].result.file_size)
        return _("built {size} in {time}", size=size, time=time_text(ended.seconds))
    return _("{n} built in {time}", n=len(built), time=time_text(ended.seconds))


def _run(ended: Ended) -> Text:
    assert ended.report is not None
    times = dict(ended.stages)
    outcome, build = ended.report.outcome, ended.report.build
    ran = time_text(outcome.seconds) if outcome is not None else time_text(0)
    put = time_text(times.get("put", 0.0))
    if outcome is not None and not outcome.good and not outcome.interrupted:
        return _("the program ended with an error after {time}", time=ran)
    if build is None:
        return _("on the board in {put} · ran in {ran}", put=put, ran=ran)
    return _(
        "built {size} in {built} · on the board in {put} · ran in {ran}",
        size=size_text(build.file_size), built=time_text(times.get("build", 0.0)), put=put, ran=ran,
    )  # fmt: skip
