"""Problems in words: the row of a table, the line that is copied. No Qt."""

from __future__ import annotations

from pathlib import Path

from ide.problems import Problem, Severity
from toolchains.text import Text, _

#: A mark and a word: never colour alone.
MARKS: dict[Severity, str] = {"error": "×", "warning": "!", "note": "·"}
NAMES: dict[Severity, Text] = {"error": _("error"), "warning": _("warning"), "note": _("note")}
#: The colour of each, as a token of the theme.
COLORS: dict[Severity, str] = {"error": "red", "warning": "amber", "note": "muted"}


def kind(problem: Problem) -> str:
    """``× error``."""
    return f"{MARKS[problem.severity]} {NAMES[problem.severity]}"


def file_name(problem: Problem, root: Path) -> str:
    """The file as a person of the project calls it; empty where no place is known."""
    path = problem.path
    if path is None:
        return ""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def line_of(problem: Problem, root: Path) -> str:
    """``factorial.c:5:12: error: expected ';'``, as compilers write it, and with the tool's own words below."""
    parts = (file_name(problem, root), problem.line, problem.column)
    place = ":".join(str(part) for part in parts if part)
    words = f"{NAMES[problem.severity]}: {problem.message}"
    return "\n".join(part for part in (f"{place}: {words}" if place else words, problem.detail.strip()) if part)
