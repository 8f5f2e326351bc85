"""What a run cost, as rows of words and numbers. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from toolchains.text import Text, _
from toolchains.units import signed_size_text, size_text, time_text

if TYPE_CHECKING:
    from ide.board.deploy import RunOutcome
    from ide.board.pipeline import RunReport
    from ide.runs import Ended
    from toolchains.build_records import BuildResult

#: The step in which each stage's time is spent, as a person calls it.
STAGES: dict[str, Text] = {
    "board": _("Talk to the board"),
    "sdk": _("Find MicroPython's sources"),
    "compiler": _("Choose a compiler"),
    "build": _("Build the module"),
    "check": _("Check that it will load"),
    "put": _("Put it on the board"),
    "run": _("Run the program"),
    "report": _("Measure what it cost"),
}
Mood = Literal["", "good", "bad", "look"]


@dataclass(frozen=True)
class Row:
    """One line of the report: what, how much, and whether that is good (``look``: worth a look)."""

    title: Text
    value: Text | str
    mood: Mood = ""


def rows(ended: Ended) -> list[Row]:
    """The report of a run that came to its end; empty for one that did not."""
    report = ended.report
    if report is None:
        return []
    found = [*_build(report.build), *_memory(report), *_how(report)]
    return [*found, Row(_("time in all"), time_text(ended.seconds))]


def _build(build: BuildResult | None) -> list[Row]:
    if build is None:
        return []
    sizes, change = build.sizes, build.change
    rows = [
        Row(_("module"), size_text(build.file_size)),
        Row(_("code"), size_text(sizes.text)),
        Row(_("constants"), size_text(sizes.rodata)),
        Row(_("variables"), size_text(sizes.bss)),
    ]
    if change is not None:
        total = change.text + change.rodata + change.bss + change.got
        rows.append(Row(_("change"), signed_size_text(total), "good" if total < 0 else "look" if total > 0 else ""))
    return rows


def _memory(report: RunReport) -> list[Row]:
    rows = _heap(report.outcome) if report.outcome is not None else []
    if report.board.exec_free is not None:
        rows.append(Row(_("room for code"), _("{size} free", size=size_text(report.board.exec_free))))
    return rows


def _heap(outcome: RunOutcome) -> list[Row]:
    before, after = outcome.heap_before, outcome.heap_after
    if before is None or after is None:
        return []
    return [
        Row(_("memory before"), size_text(before)),
        Row(_("memory after"), size_text(after)),
        Row(_("it took"), signed_size_text(after - before)),
    ]


def _how(report: RunReport) -> list[Row]:
    rows = []
    if report.build is not None and report.choice is not None:
        compiler = report.build.compiler
        rows.append(Row(_("compiler"), f"{compiler.kind} {compiler.version}"))
        rows.append(Row(_("why this one"), report.choice.reason))
        rows.append(Row(_("MicroPython"), report.build.sdk_version))
    if report.installed:
        rows.append(Row(_("on the board to stay"), ", ".join(report.installed)))
    if report.outcome is not None:
        rows.append(Row(_("the program ran"), time_text(report.outcome.seconds)))
    return rows
