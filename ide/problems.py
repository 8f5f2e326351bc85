"""Problems: what compilers, linkers and boards complain about, with the place where it can be mended. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Problem:
    """One complaint. ``line`` and ``column`` count from 1; ``path`` is absolute; None where no place is known.

    ``detail``: a tool's own words, shown on demand. ``live``: found while somebody types; the text shows it quietly.
    ``end``: line and column behind its last character, if known.
    """

    severity: Severity
    message: str
    path: Path | None = None
    line: int | None = None
    column: int | None = None
    detail: str = ""
    live: bool = False
    end: tuple[int, int] | None = None


@dataclass
class Problems:
    """All problems, by who found them (``build``, ``run``, ``test``)."""

    _found: dict[str, tuple[Problem, ...]] = field(default_factory=dict)
    listeners: list[Callable[[], None]] = field(default_factory=list)

    def put(self, source: str, problems: Sequence[Problem]) -> None:
        """Replace what ``source`` had found."""
        if self._found.get(source, ()) == tuple(problems):
            return
        self._found[source] = tuple(problems)
        for listener in list(self.listeners):
            listener()

    def of(self, source: str) -> list[Problem]:
        """What one source had found."""
        return list(self._found.get(source, ()))

    def all(self) -> list[Problem]:
        """Every problem: errors first, in the order they were found in. What a build says of a line is said once."""
        order = ("error", "warning", "note")
        every = [problem for problems in self._found.values() for problem in problems]
        built = {(one.path, one.line) for one in every if not one.live and one.line is not None}
        found = [one for one in every if not one.live or (one.path, one.line) not in built]
        return sorted(found, key=lambda problem: order.index(problem.severity))

    def count(self, severity: Severity) -> int:
        """How many of one kind there are."""
        return sum(problem.severity == severity for problem in self.all())
