"""The functions, classes and macros of a source, by simple expressions: for "go to symbol". No Qt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ide.editor.languages import Language

_PYTHON = re.compile(r"^(?P<indent>[ \t]*)(?:async[ \t]+)?(?P<kind>def|class)[ \t]+(?P<name>\w+)", re.MULTILINE)
_C = re.compile(
    r"^[ \t]*#[ \t]*define[ \t]+(?P<macro>\w+)"
    r"|^(?:typedef[ \t]+)?(?P<kind>struct|union|enum)[ \t]+(?P<tag>\w+)[ \t\r\n]*\{"
    r"|^(?!(?:return|else|typedef|if|for|while|switch|do)\b)[A-Za-z_][\w \t*]*?[ \t*](?P<function>\w+)[ \t]*"
    r"\((?P<rest>[^;{}()]*(?:\([^;{}()]*\)[^;{}()]*)*)\)[ \t\r\n]*\{",
    re.MULTILINE,
)
_HEADING = re.compile(r"^(?P<marks>#{1,6})[ \t]+(?P<name>.+?)[ \t]*#*[ \t]*\r?$", re.MULTILINE)
_TABLE = re.compile(r"^[ \t]*(?P<name>\[\[?[^\]\r\n]+\]\]?)", re.MULTILINE)
_TARGET = re.compile(r"^(?P<name>[\w./%$()-]+)[ \t]*:(?!=)", re.MULTILINE)


@dataclass(frozen=True)
class Symbol:
    """A place with a name. ``line`` counts from 1; ``depth`` is how far it is indented in a list; ``kind`` is code."""

    name: str
    kind: str
    line: int
    depth: int = 0


def symbols_of(text: str, language: Language) -> list[Symbol]:
    """What can be gone to, in the order of the text."""
    find = {"python": _python, "c": _c, "markdown": _markdown, "toml": _toml, "makefile": _makefile}.get(language.id)
    if find is None:
        return []
    found, number, counted = [], 1, 0
    for start, name, kind, depth in find(text):
        number += text.count("\n", counted, start) or (text.count("\r", counted, start) if "\n" not in text else 0)
        counted = start
        found.append(Symbol(name, kind, number, depth))
    return found


Found = Iterator[tuple[int, str, str, int]]


def _python(text: str) -> Found:
    for match in _PYTHON.finditer(text):
        depth = len(match["indent"].expandtabs(4)) // 4
        yield match.start("name"), match["name"], match["kind"], depth


def _c(text: str) -> Found:
    for match in _C.finditer(text):
        group = match.lastgroup if match.lastgroup != "rest" else "function"
        name = {"macro": "macro", "tag": "tag"}.get(group or "", "function")
        kind = {"macro": "#define", "tag": match["kind"] or "", "function": "()"}[name]
        yield match.start(name), match[name], kind, 0


def _markdown(text: str) -> Found:
    for match in _HEADING.finditer(text):
        yield match.start(), match["name"], match["marks"], len(match["marks"]) - 1


def _toml(text: str) -> Found:
    for match in _TABLE.finditer(text):
        yield match.start("name"), match["name"], "", 0


def _makefile(text: str) -> Found:
    for match in _TARGET.finditer(text):
        yield match.start(), match["name"], "", 0
