"""Problems in the text: a wavy line at the place, a sign in the margin, the message below or behind the line."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from ide.editor.look import ERROR, MESSAGES, NOTE, PROBLEM_MASK, SQUIGGLES, WARNING
from ide.editor.scintilla import M, Sci
from ide.problems import Problem, Severity

_ORDER: tuple[Severity, ...] = ("error", "warning", "note")
_MARKERS = {"error": ERROR, "warning": WARNING, "note": NOTE}
_MOST = 500
_MOST_A_LINE = 3
_WIDEST, _NARROWEST = 100, 32


def show(sci: Sci, problems: Sequence[Problem]) -> None:
    """Show these problems, and no others, in the text of a view (and of all that share it)."""
    clear(sci)
    by_line: dict[int, list[Problem]] = {}
    for problem in problems[:_MOST]:
        if problem.line is not None:
            position = sci.position_of(problem.line, problem.column)
            by_line.setdefault(sci.line_of(position), []).append(problem)
            _squiggle(sci, problem)
    for line, some in by_line.items():
        some.sort(key=lambda problem: _ORDER.index(problem.severity))
        sci.send(M.MarkerAdd, line, _MARKERS[some[0].severity])
        loud = [problem for problem in some if not problem.live]
        if loud:
            _say(sci, line, loud)


def clear(sci: Sci) -> None:
    """Show no problem."""
    for number in SQUIGGLES.values():
        sci.send(M.SetIndicatorCurrent, number)
        sci.send(M.IndicatorClearRange, 0, sci.send(M.GetLength))
    for number in _MARKERS.values():
        sci.send(M.MarkerDeleteAll, number)
    sci.send(M.AnnotationClearAll)
    sci.send(M.EOLAnnotationClearAll)


def clear_line(sci: Sci, line: int) -> bool:
    """The line was changed: what was said of it may not hold any more. Whether something was."""
    if not sci.send(M.MarkerGet, line) & PROBLEM_MASK:
        return False
    start = sci.line_start(line)
    for number in SQUIGGLES.values():
        sci.send(M.SetIndicatorCurrent, number)
        sci.send(M.IndicatorClearRange, start, sci.line_end(line) - start)
    for number in _MARKERS.values():
        sci.send(M.MarkerDelete, line, number)
    sci.send(M.AnnotationSetText, line, 0)
    sci.send(M.EOLAnnotationSetText, line, 0)
    return True


def places(sci: Sci) -> list[tuple[int, Severity]]:
    """The lines (from 0) that have a problem now, edits included, and how bad the worst is."""
    found: list[tuple[int, Severity]] = []
    line = sci.send(M.MarkerNext, 0, PROBLEM_MASK)
    while line >= 0 and len(found) < _MOST:
        signs = sci.send(M.MarkerGet, line)
        found.append((line, next(one for one in _ORDER if signs & 1 << _MARKERS[one])))
        line = sci.send(M.MarkerNext, line + 1, PROBLEM_MASK)
    return found


def said(sci: Sci, line: int) -> str:
    """The message shown with a line (from 0)."""
    for length, message in (
        (sci.send(M.AnnotationGetText, line), sci.annotationText),
        (sci.send(M.EOLAnnotationGetText, line), sci.eOLAnnotationText),
    ):
        if length > 0:
            return bytes(message(line).data()).decode("utf-8", "replace").strip()
    return ""


def _squiggle(sci: Sci, problem: Problem) -> None:
    assert problem.line is not None
    line_end = sci.line_end(sci.line_of(sci.position_of(problem.line)))
    if problem.end is not None and problem.column is not None:
        start = sci.position_of(problem.line, problem.column)
        end = sci.position_of(*problem.end)
        end = max(end, sci.send(M.PositionAfter, start))
    elif problem.column is None:
        start, end = sci.send(M.GetLineIndentPosition, sci.line_of(line_end)), line_end
    else:
        start = sci.position_of(problem.line, problem.column)
        end = max(sci.send(M.WordEndPosition, start, 1), sci.send(M.PositionAfter, start))
    if start >= line_end:
        start, end = sci.send(M.PositionBefore, line_end), line_end
    sci.send(M.SetIndicatorCurrent, SQUIGGLES[problem.severity])
    sci.send(M.IndicatorFillRange, start, max(1, min(end, line_end) - start))


def _say(sci: Sci, line: int, problems: Sequence[Problem]) -> None:
    severity = problems[0].severity
    if severity == "error":
        columns = _columns(sci, line)
        messages = [problem.message for problem in problems[:_MOST_A_LINE]]
        text = "\n".join(f" {row} " for message in messages for row in textwrap.wrap(message, columns))
        sci.put(M.AnnotationSetText, line, text or " ")
        sci.send(M.AnnotationSetStyle, line, MESSAGES[severity])
    else:
        sci.put(M.EOLAnnotationSetText, line, f" {problems[0].message} ")
        sci.send(M.EOLAnnotationSetStyle, line, MESSAGES[severity])


def _columns(sci: Sci, line: int) -> int:
    """How wide a message below a line may be so that it is seen whole."""
    margins = sum(sci.send(M.GetMarginWidthN, margin) for margin in range(sci.send(M.GetMargins)))
    width = sci.viewport().width() - margins - sci.send(M.GetMarginLeft)
    fit = width // max(1, sci.put(M.TextWidth, MESSAGES["error"], "x")) - 4 - sci.send(M.GetLineIndentation, line)
    return min(max(fit, _NARROWEST), _WIDEST)
