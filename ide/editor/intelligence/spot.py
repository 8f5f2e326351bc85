"""Where the caret is, in the words of sources: line, what is before it, whether that is code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ide.editor.editor import CodeEditor
from ide.editor.intelligence.typing_watch import word_before
from ide.editor.lsp.records import At
from ide.editor.scintilla import M, Sci

if TYPE_CHECKING:
    from pathlib import Path

    from ide.context import IdeContext
    from ide.editor.intelligence.source import Source

#: In a longer line nobody is helped: it is data.
_LONGEST_LINE = 5000


@dataclass(frozen=True)
class Spot:
    """The caret's place: ``start`` is the position at which ``word`` begins, which ends at the caret."""

    caret: int
    at: At
    before: str
    word: str
    start: int


def at_of(sci: Sci, position: int) -> At:
    """Line and byte of a position."""
    line = sci.line_of(position)
    return line, position - sci.line_start(line)


def spot_of(view: CodeEditor) -> Spot | None:
    """Where somebody types; None with several carets, a selection, a locked text or a line of data."""
    sci = view.sci
    if sci.send(M.GetSelections) != 1 or not sci.send(M.GetSelectionEmpty) or sci.send(M.GetReadOnly):
        return None
    caret = sci.caret()
    at = at_of(sci, caret)
    if at[1] > _LONGEST_LINE:
        return None
    before = sci.slice(caret - at[1], caret)
    word = word_before(before)
    return Spot(caret, at, before, word, caret - len(word.encode()))


def is_code(view: CodeEditor, position: int) -> bool:
    """Whether what is before a position is neither in a comment nor in a string."""
    sci, styles = view.sci, view.document.language.styles
    if position <= 0:
        return True
    sci.send(M.Colourise, sci.line_start(sci.line_of(position)), position)
    style = sci.send(M.GetStyleAt, position - 1) & 0xFF
    return style not in styles.get("comment", ()) and style not in styles.get("string", ())


def source_of(view: CodeEditor, ctx: IdeContext) -> tuple[Source, Path] | None:
    """Who answers for a text, and its file; None for nobody."""
    path = view.document.path
    source = ctx.intelligence.source_for(view.document) if path is not None else None
    return (source, path) if source is not None and path is not None else None
