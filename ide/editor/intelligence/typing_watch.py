"""When a typed letter is worth a question: decided from the line before the caret. No Qt."""

from __future__ import annotations

import re

#: So many letters of a word, and its list opens by itself.
ENOUGH = 2
_WORD = re.compile(r"(?<!\w)[^\W\d]\w*$")
_NUMBER = re.compile(r"(?<![\w.])\d[\w.]*\.$")
_AFTER_NAME = re.compile(r"[\w)\]]\s*(?:\.|->)$")
_AFTER_TEXT = re.compile(r"[\"']\.$")
_IMPORT = re.compile(r"\s*(?:from\s+[\w.]+\s+import|import|from)\s+(?:.*,\s*)?$")
#: In C: a part of a structure that gets its value, a header.
_FIRST_PART = re.compile(r"[{,(]\s*\.$")
_INCLUDE = re.compile(r"\s*#\s*include\s*[\"<](?:[\w.-]+/)*$")
_NO_ARGUMENTS = frozenset(
    {"if", "while", "for", "switch", "return", "sizeof", "def", "class", "elif", "not", "and", "or", "in"}
)


def word_before(before: str) -> str:
    """The name that is being typed at the end of a line's beginning; empty for none, or for a number."""
    found = _WORD.search(before)
    return found[0] if found else ""


def wants_list(before: str, language: str) -> bool:
    """Whether a list of names opens by itself, now that the line's last letter was typed."""
    if word := word_before(before):
        return len(word) >= ENOUGH
    if before.endswith((".", "->")) and not _NUMBER.search(before):
        also = _AFTER_TEXT if language == "python" else _FIRST_PART
        return bool(_AFTER_NAME.search(before) or also.search(before))
    if language == "python":
        return before.endswith(" ") and bool(_IMPORT.fullmatch(before))
    return before.endswith(('"', "<", "/")) and bool(_INCLUDE.fullmatch(before))


def wants_arguments(before: str) -> bool:
    """Whether the form of a call is shown now: a bracket was opened behind a name, or a comma typed."""
    if before.endswith("("):
        name = word_before(before[:-1].rstrip())
        return bool(name) and name not in _NO_ARGUMENTS
    return before.endswith(",")


def callee(before: str) -> str:
    """The name of the call that is open at the end of a line's beginning; empty when it is not in this line."""
    depth = 0
    for index in range(len(before) - 1, -1, -1):
        if before[index] == ")":
            depth += 1
        elif before[index] == "(":
            if depth == 0:
                return word_before(before[:index].rstrip())
            depth -= 1
    return ""
