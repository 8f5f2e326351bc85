"""The results of several builds: a table of them, and what changed in size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ide.cli.output import Output, error_record
from ide.cli.report import show_build
from toolchains.matrix import Outcome, Status
from toolchains.size_diff import Change, Snapshot, changes
from toolchains.text import Text, _
from toolchains.units import signed_size_text, size_text, time_text

_REMARKS: dict[Status, Text] = {
    "built": _("built"),
    "no-compiler": _("no compiler"),
    "too-new": _("not in this MicroPython"),
    "failed": _("FAILED"),
}
_KINDS = {
    "text": _("code"),
    "rodata": _("constants"),
    "bss": _("variables"),
    "got": _("address table"),
    "file": _(".mpy file"),
}


@dataclass(frozen=True)
class Shown:
    """One build to be shown; with ``diff``, the sizes before and after it. ``copy``: the file to be published."""

    outcome: Outcome
    copy: Path | None = None
    diff: bool = False
    before: Snapshot | None = None
    now: Snapshot | None = None

    @property
    def changes(self) -> list[Change] | None:
        """What changed in size; None where there is nothing to compare with."""
        return changes(self.before, self.now) if self.before and self.now else None


def show_outcome(out: Output, shown: Shown, *, alone: bool) -> None:
    """One build: its record, its error; its lines too if it is the only one."""
    outcome = shown.outcome
    out.record(_record(shown))
    if outcome.error is not None and outcome.status == "failed":
        out.text(_("{arch}: the build failed.", arch=outcome.cell.folder))
        if not out.as_json:
            out.error(outcome.error)
    if outcome.result is not None and outcome.choice is not None and alone:
        show_build(out, outcome.result, outcome.choice.reason)
        if shown.copy is not None:
            out.text(_("copied to {path}", path=shown.copy))
    if shown.diff and outcome.result is not None:
        _show_diff(out, shown)


def _record(shown: Shown) -> dict[str, object]:
    outcome = shown.outcome
    record: dict[str, object] = {
        "kind": "build",
        "status": outcome.status,
        "arch": outcome.cell.arch.name,
        "abi": outcome.cell.abi,
        "seconds": round(outcome.seconds, 4),
        **(outcome.result.to_json() if outcome.result else {}),
    }
    if outcome.error is not None:
        record["error"] = error_record(outcome.error)
    if shown.copy is not None:
        record["dist"] = str(shown.copy)
    if shown.diff and outcome.result is not None:
        found = shown.changes
        record["diff"] = None if found is None else [one.to_json() for one in found]
    return record


def show_table(out: Output, every: Sequence[Shown], *, with_abi: bool) -> None:
    """All builds, one in a line, and where their files are."""
    head: list[object] = [_("architecture"), _(".mpy"), _("compiler"), _("file"), _("code"), _("constants")]
    head += [_("variables"), _("time"), _("result")]
    rows = [_row(shown.outcome) for shown in every]
    if not with_abi:
        head, rows = _without(head, 1), [_without(row, 1) for row in rows]
    numbers = range(len(head) - 6, len(head) - 1)
    out.table(head, rows, right=numbers)
    for shown in every:
        error = shown.outcome.error
        if error is not None and shown.outcome.status != "failed" and error.next_step is not None:
            out.text(f"{shown.outcome.cell.folder}: {error.next_step}")
    built = [shown for shown in every if shown.outcome.result is not None]
    if built and built[0].outcome.result is not None:
        path = built[0].copy or built[0].outcome.result.path
        out.text(_("The files are in {folder}.", folder=path.parent.parent))


def _row(outcome: Outcome) -> list[object]:
    cell, result = outcome.cell, outcome.result
    row: list[object] = [cell.arch.name, cell.abi]
    if result is None:
        return [*row, *["-"] * 5, time_text(outcome.seconds), _REMARKS[outcome.status]]
    sizes = (result.file_size, result.sizes.text, result.sizes.rodata, result.sizes.bss)
    compiler = f"{result.compiler.kind} {result.compiler.version}"
    return [*row, compiler, *map(size_text, sizes), time_text(outcome.seconds), _REMARKS[outcome.status]]


def _without(row: Sequence[object], index: int) -> list[object]:
    return [*row[:index], *row[index + 1 :]]


def _show_diff(out: Output, shown: Shown) -> None:
    folder, found = shown.outcome.cell.folder, shown.changes
    if shown.before is None or shown.now is None or found is None:
        out.text(_("{arch}: there is no earlier build to compare with.", arch=folder))
        return
    if not found:
        out.text(_("{arch}: no size changed since the last build.", arch=folder))
    else:
        rows = [
            (_title(one), *map(size_text, (one.before, one.now)), signed_size_text(one.now - one.before))
            for one in found
        ]
        out.table((_("{arch}, change", arch=folder), _("before"), _("now"), ""), rows, right=(1, 2, 3))
    if shown.before.symbols is None:
        out.text(_("Which functions changed is not known: the last build failed or was an older version's."))


def _title(change: Change) -> object:
    if change.kind == "section":
        return _KINDS.get(change.name, change.name)
    return f"  {change.name} ({_KINDS[change.kind]})"
