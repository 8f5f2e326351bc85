"""All fixes of some findings as one: applied together, taken back together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from toolchains.doctor.records import Finding
from toolchains.edits import Fix, TextEdit, Undo, apply
from toolchains.host import Host
from toolchains.text import Text, _n


def together(fixes: Iterable[Fix]) -> tuple[Fix, ...]:
    """Those of the fixes that can be made at the same time; what overlaps with an earlier one waits for the next look.

    The same edit, wanted by two, is made once.
    """
    taken: list[TextEdit] = []
    chosen: list[Fix] = []
    for fix in fixes:
        new = [edit for edit in fix.edits if edit not in taken]
        if not any(_clash(edit, other) for edit in new for other in taken):
            taken += new
            chosen.append(fix)
    return tuple(chosen)


def _clash(one: TextEdit, other: TextEdit) -> bool:
    if one.path != other.path or (one.start == one.end and other.start == other.end):
        return False
    return one.start < other.end and other.start < one.end


@dataclass(frozen=True)
class Treated:
    """What was done: the titles of the fixes, and what takes all of them back."""

    titles: tuple[Text, ...]
    undo: Undo


def treat(findings: Iterable[Finding], host: Host | None = None, *, chosen_cause: str = "") -> Treated | None:
    """Apply the fixes of these findings that go together; None where there is none.

    Those that are a person's choice are left alone, unless their cause is the one that was chosen; then only those are
    applied. Raises :class:`~toolchains.edits.EditRefused` and ``DiskError``; then nothing was changed.
    """
    wanted = (
        finding.fix
        for finding in findings
        if (finding.cause_id == chosen_cause if chosen_cause else not finding.choice)
    )
    chosen = together(fix for fix in wanted if fix is not None)
    if not chosen:
        return None
    edits = dict.fromkeys(edit for fix in chosen for edit in fix.edits)
    title = _n("{n} fix", "{n} fixes", len(chosen))
    return Treated(tuple(fix.title for fix in chosen), apply(title, edits, host))
