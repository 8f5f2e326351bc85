"""What happens while somebody types: the next line's indent, closing brackets, the matching brace."""

from __future__ import annotations

import re

from ide.editor.languages import Language
from ide.editor.look import CLOSER
from ide.editor.scintilla import M, Sci

_PAIRS = {"(": ")", "[": "]", "{": "}", '"': '"', "'": "'"}
_CLOSERS = frozenset(_PAIRS.values())
_BRACES = frozenset(b"()[]{}")
_ENDS_BLOCK = re.compile(r"\s*(return|pass|break|continue|raise)\b")
_JOINS = re.compile(r"\s*(else|elif\b.*|except\b.*|finally)\s*:\s*$")
_OPENS = {
    "else": ("if", "elif", "for", "while", "except", "try"), "elif": ("if", "elif"),
    "except": ("try", "except"), "finally": ("try", "except", "else"),
}  # fmt: skip
_COMMENT = re.compile(r"\s*(#|//).*$")


def char_added(sci: Sci, language: Language, code: int, *, close: bool) -> None:
    """Help after a typed character; ``close``: whether brackets are closed."""
    if sci.send(M.GetSelections) != 1:
        return
    char = chr(code)
    if char in "\r\n":
        _indent_new_line(sci, language)
    elif char == "}" and language.indent == "braces":
        _align_closing_brace(sci)
    elif char == ":" and language.indent == "colons":
        _align_joined_block(sci)
    if close and (char in _PAIRS or char in _CLOSERS) and language.lexer:
        _pair(sci, char, language)


def _width(sci: Sci) -> int:
    return sci.send(M.GetIndent) or sci.send(M.GetTabWidth)


def _set_indent(sci: Sci, line: int, columns: int) -> None:
    sci.send(M.SetLineIndentation, line, max(0, columns))


def _indent_new_line(sci: Sci, language: Language) -> None:
    line = sci.line_of(sci.caret())
    if line == 0 or sci.send(M.GetLineEndPosition, line) < sci.caret():
        return
    before = _COMMENT.sub("", sci.line_text(line - 1)).rstrip()
    columns = sci.send(M.GetLineIndentation, line - 1)
    if not before and not sci.line_text(line - 1).strip():
        columns = max(columns, 0)
    deeper = columns + _change(before, language) * _width(sci)
    rest = sci.line_text(line)
    if language.indent == "braces" and before.endswith("{") and rest.lstrip().startswith("}"):
        _open_block(sci, line, columns, deeper)
        return
    _set_indent(sci, line, deeper)
    sci.send(M.GotoPos, sci.send(M.GetLineIndentPosition, line))


def _change(before: str, language: Language) -> int:
    """By how many levels the line after ``before`` is deeper."""
    if language.indent == "braces":
        label = before.endswith(":") and re.match(r"\s*(case\b|default\b)", before)
        return 1 if before.endswith(("{", "(", "[")) or label else 0
    if language.indent == "colons":
        if before.endswith((":", "(", "[", "{")):
            return 1
        return -1 if _ENDS_BLOCK.match(before) else 0
    return 0


def _open_block(sci: Sci, line: int, columns: int, deeper: int) -> None:
    """Enter between two braces: the closing one goes to a line of its own."""
    eol = "\r\n" if sci.send(M.GetEOLMode) == 0 else "\r" if sci.send(M.GetEOLMode) == 1 else "\n"
    sci.insert(sci.line_start(line), eol)
    _set_indent(sci, line + 1, columns)
    _set_indent(sci, line, deeper)
    sci.send(M.GotoPos, sci.line_end(line))


def _align_closing_brace(sci: Sci) -> None:
    position = sci.caret() - 1
    line = sci.line_of(position)
    if sci.slice(sci.line_start(line), position).strip():
        return
    sci.send(M.Colourise, max(0, sci.line_start(max(0, line - 200))), position + 1)
    match = sci.send(M.BraceMatch, position, 0)
    if match >= 0:
        _set_indent(sci, line, sci.send(M.GetLineIndentation, sci.line_of(match)))


def _align_joined_block(sci: Sci) -> None:
    """``else:`` goes below its ``if``."""
    line = sci.line_of(sci.caret())
    joins = _JOINS.match(sci.line_text(line))
    if not joins:
        return
    openers = _OPENS[joins[1].split()[0].rstrip(":")]
    columns = sci.send(M.GetLineIndentation, line)
    for above in range(line - 1, max(-1, line - 500), -1):
        words = sci.line_text(above).split(maxsplit=1)
        if not words or sci.send(M.GetLineIndentation, above) > columns:
            continue
        columns = sci.send(M.GetLineIndentation, above)
        if words[0].rstrip(":(") in openers:
            _set_indent(sci, line, columns)
            return


def _pair(sci: Sci, char: str, language: Language) -> None:
    caret = sci.caret()
    after = sci.slice(caret, min(caret + 4, sci.send(M.GetLength)))[:1]
    if char in _CLOSERS and after == char and sci.send(M.IndicatorValueAt, CLOSER, caret):
        sci.replace(caret, caret + 1, "")  # it was closed already
        return
    if char not in _PAIRS or not (after == "" or after in " \t\r\n)]},;"):
        return
    if char in "\"'" and not _may_open_string(sci, caret, char, language):
        return
    sci.insert(caret, _PAIRS[char])
    sci.send(M.SetIndicatorCurrent, CLOSER)
    sci.send(M.IndicatorFillRange, caret, 1)
    sci.send(M.SetEmptySelection, caret)


def _may_open_string(sci: Sci, caret: int, char: str, language: Language) -> bool:
    """Not after a word (``don't``), and not where the line's quotes are odd already."""
    before = sci.slice(sci.line_start(sci.line_of(caret)), caret - 1)
    if language.indent == "keep" or _COMMENT.search(before):
        return False
    return before.count(char) % 2 == 0 and not (before[-1:].isalnum() and before[-1:] not in "bfruBFRU")


def match_braces(sci: Sci) -> None:
    """Light the brace at the caret and its partner; a brace without one is shown as wrong."""
    caret, send = sci.caret(), sci.send
    at = -1
    if caret > 0 and send(M.GetCharAt, caret - 1) & 0xFF in _BRACES:
        at = caret - 1
    elif send(M.GetCharAt, caret) & 0xFF in _BRACES:
        at = caret
    if at < 0:
        sci.braceHighlight(-1, -1)  # ``send`` takes no negative number first
        return
    match = send(M.BraceMatch, at, 0)
    if match < 0:
        send(M.BraceBadLight, at)
    else:
        send(M.BraceHighlight, at, match)
