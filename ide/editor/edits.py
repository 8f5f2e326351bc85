"""Changes of the text that have a command: comments, lines, carets, blanks. Each is one step of undo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from ide.editor.languages import Language
from ide.editor.scintilla import M, S, Sci
from ide.editor.textfile import blanks_at_ends

_WORD = re.compile(r"\w+")
_MOST_CARETS = 1000


@contextmanager
def one_step(sci: Sci) -> Iterator[None]:
    """What the body changes is undone at once."""
    sci.send(M.BeginUndoAction)
    try:
        yield
    finally:
        sci.send(M.EndUndoAction)


def _lines(sci: Sci) -> range:
    """The lines of the selection; one that ends at a line's start does not count."""
    start, end = sci.send(M.GetSelectionStart), sci.send(M.GetSelectionEnd)
    first, last = sci.line_of(start), sci.line_of(end)
    if last > first and end == sci.line_start(last):
        last -= 1
    return range(first, last + 1)


def toggle_comment(sci: Sci, language: Language) -> None:
    """Make the selected lines comments, or, when all of them are, take that back."""
    mark = language.line_comment
    if not mark:
        return
    lines = [line for line in _lines(sci) if sci.line_text(line).strip()] or list(_lines(sci))
    if all(sci.line_text(line).lstrip().startswith(mark) for line in lines):
        change = _uncomment
    else:
        column = min(sci.send(M.GetLineIndentation, line) for line in lines)

        def change(sci: Sci, line: int, mark: str) -> None:
            sci.insert(sci.send(M.FindColumn, line, column), f"{mark} ")

    with one_step(sci):
        for line in reversed(lines):
            change(sci, line, mark)


def _uncomment(sci: Sci, line: int, mark: str) -> None:
    start = sci.send(M.GetLineIndentPosition, line)
    blank = sci.slice(start + len(mark), start + len(mark) + 1) == " "
    sci.replace(start, start + len(mark) + blank, "")


def duplicate(sci: Sci) -> None:
    """A second copy of the selection, or of the line."""
    sci.send(M.SelectionDuplicate)


def move_lines(sci: Sci, *, up: bool) -> None:
    """Swap the selected lines with the one above or below."""
    sci.send(M.MoveSelectedLinesUp if up else M.MoveSelectedLinesDown)


def indent(sci: Sci, *, deeper: bool) -> None:
    """Move the selected lines by a level."""
    lines, width = _lines(sci), sci.send(M.GetIndent) or sci.send(M.GetTabWidth)
    with one_step(sci):
        for line in lines:
            columns = sci.send(M.GetLineIndentation, line)
            if sci.line_text(line).strip() or not deeper:
                columns = columns + width - columns % width if deeper else (columns - 1) // width * width
                sci.send(M.SetLineIndentation, line, max(0, columns))


def add_caret(sci: Sci, *, above: bool) -> None:
    """One more caret in the line above (below) the topmost (lowest), in the same column."""
    carets = [sci.send(M.GetSelectionNCaret, n) for n in range(sci.send(M.GetSelections))]
    line = sci.line_of(min(carets) if above else max(carets)) + (-1 if above else 1)
    if not 0 <= line < sci.send(M.GetLineCount) or len(carets) >= _MOST_CARETS:
        return
    position = sci.send(M.FindColumn, line, sci.send(M.GetColumn, sci.caret()))
    main = sci.send(M.GetMainSelection)
    sci.send(M.AddSelection, position, position)
    sci.send(M.SetMainSelection, main)


def select_next(sci: Sci) -> None:
    """Select the word at the caret; then, each time, also the next place where the selected text is."""
    send = sci.send
    if send(M.GetSelectionEmpty):
        start = send(M.WordStartPosition, sci.caret(), 1)
        send(M.SetSel, start, send(M.WordEndPosition, sci.caret(), 1))
        return
    text = sci.slice(send(M.GetSelectionStart), send(M.GetSelectionEnd))
    whole = S.FindOption.WholeWord if _WORD.fullmatch(text) else 0
    last = max(send(M.GetSelectionNEnd, n) for n in range(send(M.GetSelections)))
    taken = {send(M.GetSelectionNStart, n) for n in range(send(M.GetSelections))}
    for start, end in ((last, send(M.GetLength)), (0, last)):
        while found := sci.find(text, start, end, S.FindOption.MatchCase | whole):
            if found[0] not in taken:
                send(M.AddSelection, found[1], found[0])
                send(M.ScrollRange, found[0], found[1])
                return
            start = found[1]


def trim(sci: Sci, *, blanks: bool, final_newline: bool, eol: str) -> None:
    """Take the blanks at the ends of lines away, and end the last line, as wished; not in lines with a caret."""
    carets = {sci.line_of(sci.send(M.GetSelectionNCaret, n)) for n in range(sci.send(M.GetSelections))}
    data = bytes(sci.get_text_range(0, sci.send(M.GetLength)).data())
    spans = blanks_at_ends(data) if blanks else []
    ends_open = final_newline and data and not data.endswith((b"\n", b"\r"))
    if not spans and not ends_open:
        return
    with one_step(sci):
        if ends_open:
            sci.append(eol)
        for start, end in reversed(spans):
            if sci.line_of(start) in carets and sci.caret() > start:
                continue
            sci.replace(start, end, "")


def convert_eol(sci: Sci, eol: str) -> None:
    """Give every line this end."""
    mode = EOL_MODES[eol]
    with one_step(sci):
        sci.send(M.ConvertEOLs, mode)
    sci.send(M.SetEOLMode, mode)


EOL_MODES = {"\r\n": int(S.EndOfLine.CrLf), "\r": int(S.EndOfLine.Cr), "\n": int(S.EndOfLine.Lf)}


def replace_all_text(sci: Sci, text: str) -> None:
    """Make the text another one, touching only what differs: caret, folds and marks elsewhere stay."""
    old = bytes(sci.get_text_range(0, sci.send(M.GetLength)).data())
    new = text.encode("utf-8", "replace")
    if old == new:
        return
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    while start and (new[start : start + 1] or b"a")[0] & 0xC0 == 0x80:  # not within a character
        start -= 1
    while end and new[len(new) - end] & 0xC0 == 0x80:
        end -= 1
    with one_step(sci):
        sci.replace(start, len(old) - end, new[start : len(new) - end].decode("utf-8", "replace"))


def _common(one: bytes, other: bytes) -> int:
    """How many bytes both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
