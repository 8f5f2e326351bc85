"""From what failed to problems with a place: compiler and linker messages, tracebacks of the board. No Qt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ide.problems import Problem, Severity
from toolchains.errors import StudioError
from toolchains.text import _n

if TYPE_CHECKING:
    from toolchains.diagnostics import Diagnostic

#: More than anybody reads; a build may have tens of thousands.
MOST = 200

_FRAME = re.compile(r'^  File "(?P<file>[^"]+)", line (?P<line>\d+)', re.MULTILINE)


def of_error(error: StudioError, root: Path) -> list[Problem]:
    """The places an error names; the error itself, without a place, when it names none."""
    diagnostics = error.fields.get("diagnostics")
    found = of_diagnostics(diagnostics, root) if isinstance(diagnostics, tuple | list) else []
    if any(problem.severity == "error" for problem in found):
        return found
    path, line = error.fields.get("path"), error.fields.get("line")
    where = root / path if isinstance(path, str) else None
    known = where is not None and where.is_file()
    at = line if isinstance(line, int) else None
    return [*found, Problem("error", str(error), where if known else None, at if known else None, None, error.detail)]


def of_diagnostics(diagnostics: Iterable[Diagnostic], root: Path) -> list[Problem]:
    """Messages of tools; their paths are relative to the project's folder. Of very many, the first :data:`MOST`."""
    from toolchains.diagnostics import Diagnostic  # here, because the window opens before anything fails

    every = [one for one in diagnostics if isinstance(one, Diagnostic)]
    if len(every) > MOST:
        every.sort(key=lambda one: one.severity != "error")
    found = [_of_diagnostic(one, root) for one in every[:MOST]]
    left = len(every) - MOST
    if left > 0:
        found.append(Problem("note", str(_n("{n} more message", "{n} more messages", left))))
    return found


def _of_diagnostic(one: Diagnostic, root: Path) -> Problem:
    severity: Severity = one.severity if one.severity in ("error", "warning", "note") else "error"
    return Problem(severity, one.message, root / one.path if one.path else None, one.line, one.column)


def of_traceback(traceback: str, root: Path) -> list[Problem]:
    """An exception of a program on the board: its last line, at the innermost place that is a file of the project."""
    lines = traceback.strip().splitlines()
    if not lines:
        return []
    places = [(root / match["file"].lstrip("/"), int(match["line"])) for match in _FRAME.finditer(traceback)]
    ours = [(path, line) for path, line in places if path.is_file()]
    path, line = ours[-1] if ours else (None, None)
    return [Problem("error", lines[-1], path, line, None, traceback)]
