"""What a race is called and how it ended, in words. No Qt."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from toolchains.text import Text, _
from toolchains.units import number_text, size_text, time_text

if TYPE_CHECKING:
    from ide.board.race import RaceReport
    from ide.board.race_lines import Out

#: The ways of examples/mandelbrot, in the order of its race.
WAYS = ("in_python", "in_native", "in_viper", "in_c")
_C = "in_c"
_NAMES = {"in_python": "Python", "in_native": "native", "in_viper": "viper", _C: "C"}


def name_of(way: str) -> str:
    """What a way is called: names of MicroPython's own, the same in every language."""
    return _NAMES.get(way, way)


def times_text(times: float) -> str:
    """``47`` or ``2.3``."""
    return number_text(times, 0 if times >= 9.95 else 1)


def milliseconds(seconds: float) -> Text:
    """``34 ms``, ``0.08 ms``: two figures that count."""
    value = seconds * 1000
    decimals = 0 if value >= 9.95 else min(4, 1 - math.floor(math.log10(max(value, 1e-4))))
    return _("{number} ms", number=number_text(value, decimals))


def standing(seconds: float, times: float | None) -> Text:
    """A way's time, and how it compares with the first one."""
    if times is None:
        return milliseconds(seconds)
    return _("{time} · {times} times Python", time=milliseconds(seconds), times=times_text(times))


def why_out(out: Out) -> Text:
    """Why a way has no time."""
    if out.why == "differs":
        return _("another result than Python: {difference}", difference=out.reason)
    if out.why == "failed":
        return _("stopped: {reason}", reason=out.reason)
    if out.reason.startswith("SyntaxError"):
        return _("left out: the firmware of this board makes no machine code")
    return _("left out: {reason}", reason=out.reason)


def verdict(report: RaceReport) -> list[Text]:
    """The last line of a race; on a simulator, that a chip has other ratios; who was left out."""
    said = [_verdict_of_c(report)]
    if report.simulated:
        said.append(_("These are a simulator's times: on a chip the ratios differ."))
    return said


def _verdict_of_c(report: RaceReport) -> Text:
    times, build, seconds = report.times(_C), report.build, report.build_seconds
    if times is None or build is None or seconds is None:
        return _("C did not race on this board.")
    fields = {"times": times_text(times), "size": size_text(build.file_size), "time": time_text(seconds)}
    if build.compiler.origin == "ziglang":
        return _("C: {times} times Python, {size}, built in {time}, no compiler installed by you", **fields)
    return _("C: {times} times Python, {size}, built in {time}", **fields)
