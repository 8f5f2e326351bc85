"""The lines of a makefile: what belongs together, what is a comment, what is an assignment."""

from __future__ import annotations

import re
from dataclasses import dataclass

from toolchains.makefile.expander import closing

_CONTINUED = re.compile(r"[ \t]*(\\+)\n[ \t]*")
_OPERATORS = (":::=", "::=", ":=", "+=", "?=", "!=", "=")
_MODIFIERS = ("export", "override", "private")
_NAME = re.compile(r"[^ \t$:=#+?!]+")
BLANK = " \t"


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line with its number in the file; continued lines are in it with their line ends."""

    number: int
    raw: str

    @property
    def joined(self) -> str:
        """One line: every continuation is one space."""
        return joined(self.raw)


def logical_lines(text: str) -> list[Line]:
    """The lines of a file. A line goes on behind an odd number of backslashes."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    found: list[Line] = []
    waiting: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        waiting.append(line)
        if line.endswith("\\") and (len(line) - len(line.rstrip("\\"))) % 2:
            continue
        found.append(Line(number - len(waiting) + 1, "\n".join(waiting)))
        waiting = []
    if waiting:
        found.append(Line(number - len(waiting) + 1, "\n".join(waiting)))
    return found


def joined(raw: str) -> str:
    """``raw`` with each continuation as one space."""
    if "\n" not in raw:
        return raw
    return _CONTINUED.sub(lambda match: "\\" * (len(match[1]) // 2) + " ", raw + "\n").removesuffix("\n")


def find_unquoted(text: str, marks: str, start: int = 0) -> int:
    """Where the first of ``marks`` is that no backslash and no reference hides; -1 for nowhere."""
    at = start
    while at < len(text):
        character = text[at]
        if character == "\\" and at + 1 < len(text):
            at += 2
            continue
        if character == "$" and text[at + 1 : at + 2] in ("(", "{"):
            end = closing(text, at + 2, text[at + 1])
            if end < 0:
                return -1
            at = end
        elif character in marks:
            return at
        at += 1
    return -1


def without_comment(text: str) -> str:
    """The line up to its comment; ``\\#`` is a number sign. One inside a reference is neither."""
    parts: list[str] = []
    start = at = 0
    while (mark := text.find("#", at)) >= 0:
        reference = re.search(r"\$[({]", text[at:mark])
        if reference is not None:
            inside = at + reference.end()
            end = closing(text, inside, text[inside - 1])
            at = len(text) if end < 0 else end + 1
            continue
        plain = text[start:mark].rstrip("\\")
        n_slashes = mark - start - len(plain)
        parts.append(plain + "\\" * (n_slashes // 2))
        if n_slashes % 2 == 0:
            return "".join(parts)
        start, at = mark, mark + 1
    return "".join(parts) + text[start:]


@dataclass(frozen=True, slots=True)
class Assignment:
    """``name operator value``, all as written. ``define`` and ``undefine`` have a name only."""

    name: str
    operator: str
    value: str
    override: bool = False
    export: bool = False
    private: bool = False


def assignment(text: str) -> Assignment | None:
    """The assignment that a line is, with the words before it; None when it is something else."""
    said: set[str] = set()
    rest = text.lstrip(BLANK)
    while True:
        plain = plain_assignment(rest)
        if plain is not None:
            return Assignment(*plain, "override" in said, "export" in said, "private" in said)
        word, _space, after = _first(rest)
        if word in ("define", "undefine") and after:
            return Assignment(after, word, "", "override" in said, "export" in said)
        if word not in _MODIFIERS:
            return None
        said.add(word)
        rest = after


def _first(text: str) -> tuple[str, str, str]:
    match = re.match(r"([^ \t]*)([ \t]*)", text)
    assert match is not None
    return match[1], match[2], text[match.end() :]


def plain_assignment(text: str) -> tuple[str, str, str] | None:
    """Name, operator and value of a line without words before it; None when it is no assignment."""
    at = 0
    while True:
        skipped = _NAME.match(text, at)
        at = skipped.end() if skipped else at
        if at >= len(text):
            return None
        character = text[at]
        if character == "$" and text[at + 1 : at + 2] in ("(", "{"):
            end = closing(text, at + 2, text[at + 1])
            if end < 0:
                return None
            at = end + 1
            continue
        end = at
        if character in BLANK:
            while end < len(text) and text[end] in BLANK:
                end += 1
        operator = next((one for one in _OPERATORS if text.startswith(one, end)), None)
        if operator is not None:
            return text[:at], operator, text[end + len(operator) :].lstrip(BLANK)
        if character in BLANK or character in ":#":
            return None
        at += 1
