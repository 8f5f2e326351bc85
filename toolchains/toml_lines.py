"""On which line of a TOML text each key and list element stands.

The standard library's parser gives values without places, and tomlkit (the library that keeps layout) has no line
numbers either. This runs only when a sentence has to name a line, on a text that ``tomllib`` has already accepted, so
it needs to find the statements and nothing else; keys are handed back to ``tomllib`` to be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

Key = tuple[str | int, ...]

_TOKEN = re.compile(
    r'''"""(?:\\.|[^\\])*?"{3,5}'''
    r"""|'''.*?'{3,5}"""
    r'''|"(?:\\.|[^"\\\n])*"'''
    r"""|'[^'\n]*'"""
    r"""|\#[^\n]*|[\[\]{},=\n]|[^\s\[\]{},=#"']+""",
    re.DOTALL,
)


@dataclass
class _Statement:
    """A table header, or a key with its value: where it starts, its ``=``, and its list elements."""

    start: int
    end: int = 0
    equals: int | None = None
    elements: tuple[int, ...] = ()


def key_lines(text: str) -> dict[Key, int]:
    """Line (from 1) of every table and key, and of every element of a list: ``("module", "sources", 0)``.

    Keys inside an inline table are not listed; look up the longest prefix.
    """
    lines: dict[Key, int] = {}
    table: Key = ()
    for statement in _statements(text):
        if statement.equals is None:
            table = _path(text[statement.start : statement.end])
            key = table
        else:
            key = table + _path(text[statement.start : statement.equals] + "= 0")
        for depth in range(1, len(key) + 1):
            lines.setdefault(key[:depth], _line(text, statement.start))
        for index, offset in enumerate(statement.elements):
            lines[(*key, index)] = _line(text, offset)
    return lines


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _path(toml: str) -> Key:
    """The one key path that a tiny TOML text defines."""
    import tomllib  # with the project file, not before

    node: object = tomllib.loads(toml)
    path: list[str | int] = []
    while isinstance(node, dict) and node:
        name = next(iter(node))
        path.append(name)
        node = node[name]
    return tuple(path)


def _statements(text: str) -> Iterator[_Statement]:
    current: _Statement | None = None
    stack: list[str] = []
    expecting = False
    elements: list[int] = []
    for token in _TOKEN.finditer(text):
        word = token.group()
        if word == "\n" and not stack:
            if current is not None:
                current.elements = tuple(elements)
                yield current
            current, elements = None, []
            continue
        if word == "\n" or word.startswith("#"):
            continue
        if current is None:
            current = _Statement(token.start())
        in_list = current.equals is not None and stack == ["["]
        if in_list and expecting and word != "]":
            elements.append(token.start())
            expecting = False
        if word == "=" and not stack and current.equals is None:
            current.equals = token.start()
        elif word in ("[", "{"):
            stack.append(word)
            expecting = expecting or len(stack) == 1
        elif word in ("]", "}") and stack:
            stack.pop()
        elif word == "," and in_list:
            expecting = True
        current.end = token.end()
    if current is not None:
        current.elements = tuple(elements)
        yield current
