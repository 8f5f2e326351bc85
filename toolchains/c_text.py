"""C as text: functions, statements and calls found by their brackets, without a preprocessor.

Enough for a change that a person looks at before it is made and that a compiler checks afterwards. Whoever finds
something else than was expected gives no change. Places are characters of the text (:mod:`toolchains.edits`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_HIDDEN = re.compile(
    r"//(?:\\\r?\n|[^\n])*|/\*.*?(?:\*/|\Z)" r"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'",
    re.DOTALL,
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\r?\n|[^\n])*", re.M)
_MARKS = re.compile(r"[{};]")
_HEAD = re.compile(r"(\w+)\s*\((?:[^()]|\([^()]*\))*\)[^()=]*\Z")
_BRACKETS = re.compile(r"[()\[\]{}]")
_LONGEST_HEAD = 2000
_OPEN, _CLOSE = "([{", ")]}"


@dataclass(frozen=True)
class Function:
    """A function's text: ``start`` is where its line or the comment above it begins, ``body`` is behind its brace, and
    ``end`` behind the closing one."""

    name: str
    start: int
    body: int
    end: int


@lru_cache(maxsize=2)
def blanked(text: str) -> str:
    """The text with blanks in place of comments and of what is in quotes. Length and lines stay."""
    return _HIDDEN.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def code_only(text: str) -> str:
    """As :func:`blanked`, without the lines of the preprocessor too."""
    return _DIRECTIVE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), blanked(text))


def words(code: str, name: str, start: int = 0, end: int | None = None) -> Iterator[int]:
    """Where an identifier stands in ``code`` (from :func:`blanked`), but for members of structures."""
    stop = len(code) if end is None else end
    for found in re.compile(rf"(?<![\w.])(?<!->)(?<!-> ){re.escape(name)}\b").finditer(code, start, stop):
        yield found.start()


def matching(code: str, at: int) -> int | None:
    """Behind the bracket that closes the one at ``at``."""
    depth = 0
    for found in _BRACKETS.finditer(code, at):
        depth += 1 if found.group() in _OPEN else -1
        if depth == 0:
            return found.end()
    return None


def functions(text: str) -> Iterator[Function]:
    """The functions that a file defines, in their order."""
    code = code_only(text)
    head = depth = brace = 0
    for found in _MARKS.finditer(code):
        mark, place = found.group(), found.start()
        if mark == "{":
            brace = place if depth == 0 else brace
            depth += 1
        elif mark == "}":
            depth -= 1
        if depth == 0 and mark != "{":
            before = " ".join(code[head:brace].split()) if mark == "}" else ""
            name = None if "=" in before else _HEAD.search(before[-_LONGEST_HEAD:])
            if name is not None:
                first = head + len(code[head:brace]) - len(code[head:brace].lstrip())
                yield Function(name[1], _with_comment(text, code, first), brace + 1, place + 1)
            head = place + 1
        elif depth < 0:
            return


def _with_comment(text: str, code: str, first: int) -> int:
    """The start of the line of ``first``, or of the comment that stands right above it."""
    start = code.rfind("\n", 0, first) + 1
    while start:
        above = code.rfind("\n", 0, start - 1) + 1
        if code[above:start].strip() or not text[above:start].strip() or text[above:start].lstrip().startswith("#"):
            break
        start = above
    return start


def function_at(text: str, place: int) -> Function | None:
    """The function whose text ``place`` is in."""
    return next((one for one in functions(text) if one.start <= place < one.end), None)


def line_start(text: str, line: int) -> int | None:
    """Where the line number ``line`` (from 1) begins."""
    at = 0
    for _number in range(line - 1):
        at = text.find("\n", at) + 1
        if not at:
            return None
    return at


def line_at(text: str, place: int) -> int:
    """The number of the line, from 1, that ``place`` is in."""
    return text.count("\n", 0, place) + 1


def statement(code: str, place: int) -> tuple[int, int] | None:
    """The declaration around ``place`` in ``code`` (from :func:`code_only`): its first character, and behind its
    semicolon."""
    start = max(code.rfind(mark, 0, place) for mark in ";{}") + 1
    depth = 0
    for end in range(start, len(code)):
        if code[end] in _OPEN:
            depth += 1
        elif code[end] in _CLOSE:
            depth -= 1
        elif code[end] == ";" and depth == 0:
            first = start + len(code[start:end]) - len(code[start:end].lstrip())
            return (first, end + 1) if first <= place else None
        if depth < 0:
            return None
    return None


@dataclass(frozen=True)
class Call:
    """A call: its place from the name to behind the bracket, and the text of its arguments."""

    start: int
    end: int
    arguments: tuple[str, ...]
    whole: str


def calls(text: str, name: str) -> Iterator[Call]:
    """All calls of ``name``; a definition or prototype of it looks the same."""
    code = blanked(text)
    for start in words(code, name):
        call = call_at(text, code, start, start + len(name))
        if call is not None:
            yield call


def call_at(text: str, code: str, start: int, end: int) -> Call | None:
    """The call of the name that is ``text[start:end]``; ``code`` is from :func:`blanked`."""
    opening = end
    while opening < len(code) and code[opening].isspace():
        opening += 1
    behind = matching(code, opening) if code[opening : opening + 1] == "(" else None
    if behind is None:
        return None
    whole = text[opening + 1 : behind - 1]
    return Call(start, behind, tuple(_split(whole, code[opening + 1 : behind - 1])), whole.strip())


def _split(text: str, code: str) -> Iterator[str]:
    depth = start = 0
    for place, mark in enumerate(code):
        depth += (mark in _OPEN) - (mark in _CLOSE)
        if mark == "," and depth == 0:
            yield text[start:place].strip()
            start = place + 1
    if text[start:].strip():
        yield text[start:].strip()
