"""What a rule is, and what it finds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from toolchains.edits import Fix, TextEdit
from toolchains.paths import resources
from toolchains.text import Text, _, _n


@dataclass(frozen=True)
class Rule:
    """One row of ``resources/mend.json``. ``kind`` says who applies it; ``since`` is the release in which the new form
    came, ``gone`` the first one where the old form does not work any more ("" as long as it does). ``old`` and ``new``
    are shown to people; ``data`` is the rest of the row."""

    id: str
    kind: str
    since: str
    gone: str
    old: str
    new: str
    data: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class OldCode:
    """What one rule finds in one file: ``line`` (from 1) is its first place, ``count`` how many there are. ``edits``
    mend all of them, in other files, too, where that is needed."""

    rule: Rule
    path: Path
    line: int
    count: int
    edits: tuple[TextEdit, ...]

    @property
    def breaks(self) -> bool:
        """Whether no supported release accepts the old form."""
        return bool(self.rule.gone)

    @property
    def title(self) -> Text:
        """What is old, and what is written today."""
        return _("{old} is of an older MicroPython; today it is {new}.", old=self.rule.old, new=self.rule.new)

    @property
    def explanation(self) -> Text:
        """Since when, and whether it has to be changed."""
        if self.rule.gone:
            return _("MicroPython {since} came with the new form; {gone} and later do not know the old one.",
                     since=self.rule.since, gone=self.rule.gone)  # fmt: skip
        return _("MicroPython {since} came with the new form. The old one still works.", since=self.rule.since)

    @property
    def fix(self) -> Fix:
        """One button, one step of undo."""
        title = _n("Write {new}", "Write {new} ({n} places)", self.count, new=self.rule.new)
        return Fix(title, self.edits)

    def to_json(self) -> dict[str, object]:
        """The record of ``--json``."""
        return {
            "rule": self.rule.id,
            "path": str(self.path),
            "line": self.line,
            "count": self.count,
            "since": self.rule.since,
            "gone": self.rule.gone or None,
            "title": str(self.title),
            "fix": str(self.fix.title),
        }


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order in which they are applied."""
    rows = json.loads((resources() / "mend.json").read_text("utf-8"))["rules"]
    return tuple(
        Rule(row["id"], row["kind"], row["since"], row.get("gone", ""), row["old"], row["new"], row) for row in rows
    )
