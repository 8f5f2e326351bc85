"""What a race is called and how it ended, in words. No Qt."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from toolchains.text import Text, _
from toolchains.units import number_text, size_text, time_text

if TYPE_CHECKING:
    from ide.board.race_lines import Out
    from ide.board.race_report import Entry, RaceReport

#: The ways of examples/mandelbrot, in the order of its race.
WAYS = ("in_python", "in_native", "in_viper", "in_c")
_C = "in_c"
_NAMES = {"python": "Python", "native": "native", "viper": "viper", "c": "C"}


def name_of(way: str) -> str:
    """What a way is called: names of MicroPython's own, the same in every language."""
    return _NAMES.get(way.removeprefix("in_"), way)


def times_text(times: float) -> str:
    """``47`` or ``2.3``."""
    return number_text(times, 0 if times >= 9.95 else 1)


def milliseconds(seconds: float) -> Text:
    """``34 ms``, ``0.08 ms``, ``2.3 µs``: two figures that count."""
    value = seconds * 1000
    if 0 < value < 0.01:
        return _("{number} µs", number=number_text(value * 1000, 1))
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
    if out.why == "chip only":
        return _("this race needs a real chip: {reason}", reason=out.reason)
    if out.why == "failed" and out.reason.startswith("MemoryError"):
        return _("stopped: the board's memory ran out. It may keep something at each call.")
    if out.why == "failed":
        return _("stopped: {reason}", reason=out.reason)
    if out.reason.startswith("SyntaxError"):
        return _("left out: the firmware of this board makes no machine code")
    if out.reason.startswith("ViperTypeError"):
        return _("left out: viper cannot translate it: {reason}", reason=out.reason.partition("(")[2].strip("()\"'"))
    return _("left out: {reason}", reason=out.reason)


def verdict(report: RaceReport) -> list[Text]:
    """The last lines of a race: who won, who keeps memory; on a simulator, that a chip has other ratios."""
    if not any(one.laps for one in report.entries):
        return [_("Nobody finished this race.")]
    c_way = _way_of_c(report)
    said = [_verdict_of_c(report, c_way) if c_way else _fastest(report)]
    said += [_leak(one) for one in report.entries if one.heap is not None and one.heap.leaks]
    if report.simulated:
        said.append(_("These are a simulator's times: on a chip the ratios differ."))
    return said


def _leak(entry: Entry) -> Text:
    heap = entry.heap
    assert heap is not None
    size = size_text(heap.kept // max(1, heap.calls))
    return _("{way} keeps {size} of memory at each call: that is a leak.", way=label_of(entry), size=size)


def label_of(entry: Entry) -> str:
    """What people call a way."""
    return entry.label or name_of(entry.way)


def _fastest(report: RaceReport) -> Text:
    raced = [one for one in report.entries if one.best is not None]
    first = min(raced, key=lambda one: one.best or 0.0)
    times = report.times(first.way)
    if times is None or first is report.entries[0]:
        return _("{way} is the fastest.", way=label_of(first))
    return _("{way} is the fastest: {times} times Python.", way=label_of(first), times=times_text(times))


def _way_of_c(report: RaceReport) -> str:
    """The way that the project's C was built for, empty where it did not race in a race of other ways."""
    built = report.entry(report.build.name) if report.build is not None else None
    if built is not None and built.laps:
        return built.way
    return _C if report.entry(_C) is not None else ""


def _verdict_of_c(report: RaceReport, way: str) -> Text:
    times, build, seconds = report.times(way), report.build, report.build_seconds
    if times is None or build is None or seconds is None:
        return _("C did not race on this board.")
    fields = {"times": times_text(times), "size": size_text(build.file_size), "time": time_text(seconds)}
    if build.compiler.origin == "ziglang":
        return _("C: {times} times Python, {size}, built in {time}, no compiler installed by you", **fields)
    return _("C: {times} times Python, {size}, built in {time}", **fields)


#: The columns of a race's table.
HEADS = (_("way"), _("median"), _("shortest"), _("times Python"), _("cycles"), _("code"), _("RAM"), _("RAM of a call"),
         _("load"))  # fmt: skip


def cells(report: RaceReport, entry: Entry) -> tuple[str, ...]:
    """A way's row under :data:`HEADS`; empty where there is no number."""
    times, cycles, heap = report.times(entry.way), entry.median_cycles, entry.heap
    return (
        label_of(entry),
        str(milliseconds(entry.median)) if entry.median is not None else "",
        str(milliseconds(entry.best)) if entry.best is not None else "",
        times_text(times) if times is not None else "",
        number_text(cycles, 0) if cycles is not None else "",
        size_text(entry.size.code) if entry.size else "",
        size_text(entry.loaded.ram) if entry.loaded else "",
        size_text(heap.a_call) if heap is not None and heap.a_call is not None else "",
        str(milliseconds(entry.loaded.seconds)) if entry.loaded else "",
    )


#: A way's name, how many times as fast as Python, and its words.
PictureRow = tuple[str, float | None, str]


def title_of(report: RaceReport) -> str:
    """What raced: the call, or the project."""
    return report.call or report.title


def picture_rows(report: RaceReport) -> list[PictureRow]:
    """The rows of a picture of the race."""
    rows: list[PictureRow] = []
    for place, one in enumerate(report.entries):
        times = report.times(one.way)
        said = why_out(one.out) if one.out is not None else None
        if said is None and one.best is not None:
            said = standing(one.best, times if place else None)
        rows.append((label_of(one), times if one.out is None else None, str(said or "")))
    return rows


def where(report: RaceReport) -> Text:
    """On which board, and that a simulator is none."""
    if report.simulated:
        return _("on a simulated board: {board}", board=report.board.machine)
    return _("on {board}", board=report.board.machine)
