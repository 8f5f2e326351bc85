"""Changes of C text that cure: other names, other calls, other places for variables. None: better done by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from toolchains.c_text import (
    Function,
    blanked,
    calls,
    code_only,
    function_at,
    functions,
    line_start,
    statement,
    words,
)
from toolchains.edits import TextEdit
from toolchains.hints import Instead

_FIRST_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include\b", re.M)
_STRING_H = re.compile(r"^[ \t]*#[ \t]*include[ \t]*<string\.h>", re.M)
_ENTRY = "MP_DYNRUNTIME_INIT_ENTRY"


def renamed(path: Path, text: str, name: str, new: str) -> Iterator[TextEdit]:
    """Every use of an identifier by another name."""
    for at in words(blanked(text), name):
        yield TextEdit.at(path, text, at, at + len(name), new)


def called_otherwise(path: Path, text: str, instead: Instead) -> tuple[TextEdit, ...] | None:
    """Every call of a function by what can be called instead; None when one of its uses is no such call.

    A prototype stays: it announces what nobody calls any more.
    """
    code, bodies = code_only(text), [(one.body, one.end) for one in functions(text)]
    found, prototypes = [], 0
    for call in calls(text, instead.name):
        if code[call.start].strip() and not any(start <= call.start < end for start, end in bodies):
            prototypes += 1
            continue
        new = instead.written(call)
        if new is None:
            return None
        found.append(TextEdit.at(path, text, call.start, call.end, new))
    if len(found) + prototypes != len(list(words(blanked(text), instead.name))):
        return None
    return (*header_for(path, text, instead.call), *found)


def header_for(path: Path, text: str, call: str) -> tuple[TextEdit, ...]:
    """What makes ``strlen`` known where a new call has it; of all that such calls name, only that has a header."""
    first = _FIRST_INCLUDE.search(text) if "strlen(" in call else None
    if first is None or _STRING_H.search(text):
        return ()
    return (TextEdit.insert(path, first.start(), "#include <string.h>\n"),)


def without_words(path: Path, text: str, unwanted: Iterable[str]) -> Iterator[TextEdit]:
    """Take these words out, with the blank behind them."""
    code = blanked(text)
    for word in unwanted:
        for found in re.finditer(rf"\b{re.escape(word)}\b[ \t]*", code):
            yield TextEdit.at(path, text, found.start(), found.end(), "")


@dataclass(frozen=True)
class Variable:
    """The declaration of one variable: ``start`` to ``end`` (behind the semicolon) in ``text``, and its parts.

    ``type`` is without ``static``; ``declarator`` is the name with its stars and brackets; ``value`` what it starts
    with, "" for nothing. ``inside``: the function that it is in.
    """

    path: Path
    text: str
    name: str
    start: int
    end: int
    is_static: bool
    type: str
    declarator: str
    value: str
    inside: Function | None

    @property
    def is_array(self) -> bool:
        """Whether it has brackets."""
        return "[" in self.declarator

    def declared(self, *, name: str | None = None, const: bool = False) -> str:
        """Type and name as they are written, without a value and without ``static``."""
        shown = re.sub(rf"\b{re.escape(self.name)}\b", name or self.name, self.declarator, count=1)
        if const and "*" in shown:
            shown = re.sub(r"\*(?=[^*]*$)", "*const ", shown, count=1)
            return f"{self.type} {shown}"
        return f"const {self.type} {shown}" if const else f"{self.type} {shown}"


def variable_at(path: Path, text: str, name: str, line: int) -> Variable | None:
    """The declaration of ``name`` on ``line``; None for one that shares its statement, or that a macro makes."""
    code = code_only(text)
    begin = line_start(text, line)
    at = next(words(code, name, begin), None) if begin is not None else None
    span = statement(code, at) if at is not None else None
    if span is None or at is None or "\n#" in text[span[0] : span[1]]:
        return None
    left, equals, value = code[span[0] : span[1] - 1].partition("=")
    bare = re.sub(r"\[[^\]]*\]|\{[^}]*\}", "", left)
    if "," in bare or "(" in bare or not re.search(rf"\b{re.escape(name)}\s*(\[[^\]]*\]\s*)*$", left.rstrip()):
        return None
    split = left.index(name) if left.count(name) == 1 else at - span[0]
    stars = len(left[:split]) - len(left[:split].rstrip("* \t\n"))
    kind = text[span[0] : span[0] + split - stars]
    declarator = text[span[0] + split - stars : span[0] + len(left.rstrip())].strip()
    plain = " ".join(re.sub(r"\bstatic\b", "", kind).split())
    starts = text[span[0] + len(left) + 1 : span[1] - 1].strip() if equals else ""
    if not plain or _top_level_comma(value):
        return None
    inside = function_at(text, at)
    return Variable(
        path, text, name, *span, bool(re.search(r"\bstatic\b", code[span[0] : span[0] + split])), plain, declarator,
        starts, inside if inside and at >= inside.body else None,
    )  # fmt: skip


def _top_level_comma(value: str) -> bool:
    depth = 0
    for mark in value:
        depth += (mark in "([{") - (mark in ")]}")
        if mark == "," and depth == 0:
            return True
    return False


def is_written(variable: Variable, others: Iterable[str] = ()) -> bool:
    """Whether any text seems to change the variable, or takes the address of one that is no array."""
    name = re.escape(variable.name)
    reached = rf"(?<![\w.])(?<!->){name}\b\s*(?:\[[^\]]*\]\s*|\.\s*\w+\s*|->\s*\w+\s*)*"
    change = re.compile(
        rf"{reached}(?:=(?!=)|[-+*/%&|^]=|<<=|>>=|\+\+|--)|(?:\+\+|--)\s*{reached}"
        + ("" if variable.is_array else rf"|&\s*{reached}")
    )
    own = code_only(variable.text)
    own = own[: variable.start] + " " * (variable.end - variable.start) + own[variable.end :]
    if variable.inside is not None:
        own = own[variable.inside.body : variable.inside.end]
    return any(change.search(text) for text in (own, *(code_only(other) for other in others)))


def made_const(variable: Variable) -> tuple[TextEdit, ...]:
    """The same variable, which nobody can change."""
    static = "static " if variable.is_static else ""
    new = f"{static}{variable.declared(const=True)} = {variable.value};"
    return (TextEdit.at(variable.path, variable.text, variable.start, variable.end, new),)


def not_static(variable: Variable) -> tuple[TextEdit, ...] | None:
    """The same variable at the top of the file, seen by all: what starts at zero and is static cannot be reached."""
    if variable.inside is None:
        new = f"{variable.declared()};" if not variable.value else f"{variable.declared()} = {variable.value};"
        return (TextEdit.at(variable.path, variable.text, variable.start, variable.end, new),)
    return _moved_out(variable, variable.inside)


def _moved_out(variable: Variable, function: Function) -> tuple[TextEdit, ...] | None:
    path, text, name = variable.path, variable.text, variable.name
    code = blanked(text)
    inside = list(words(code, name, function.body, function.end))
    new = name
    if len(list(words(code, name))) > len(inside):  # the name means something else out there
        new = f"{function.name}_{name}"
        if next(words(code, new), None) is not None:
            return None
    edits = [TextEdit.insert(path, function.start, f"{variable.declared(name=new)};\n\n")]
    edits.append(_line_taken_out(variable))
    outside = (at for at in inside if not variable.start <= at < variable.end)
    edits += [TextEdit.at(path, text, at, at + len(name), new) for at in outside if new != name]
    return tuple(edits)


def _line_taken_out(variable: Variable) -> TextEdit:
    """The statement, with its line if nothing else is on that."""
    text, start, end = variable.text, variable.start, variable.end
    begin = text.rfind("\n", 0, start) + 1
    close = text.find("\n", end) + 1 or len(text)
    if not text[begin:start].strip() and not text[end:close].strip():
        start, end = begin, close
    return TextEdit.at(variable.path, text, start, end, "")


def set_in_entry(variable: Variable) -> tuple[TextEdit, ...] | None:
    """The same variable without a value, which it gets in ``mpy_init``; None where that is in another file."""
    text = variable.text
    entry = code_only(text).find(_ENTRY)
    owner = function_at(text, entry) if entry >= 0 else None
    if owner is None or owner.name != "mpy_init":
        return None
    known = {one.name for one in functions(text)}
    if variable.inside is not None and variable.inside.name == "mpy_init":
        return None
    name, moved = variable.name, None
    if variable.inside is not None:
        moved = _moved_out(variable, variable.inside)
        if moved is None:
            return None
        found = re.search(rf"\b(\w*{re.escape(name)})\b(?:\[[^\]]*\])*;", moved[0].new)
        name = found[1] if found else name
    lines, before = _setting(variable, name)
    if lines is None or f"{name}_start" in known:
        return None
    at = entry + len(_ENTRY)
    at += len(text[at:]) - len(text[at:].lstrip("; \t"))
    setting = TextEdit.insert(variable.path, at, f"\n    {lines}")
    if moved is not None:
        size = f"[sizeof {name}_start / sizeof {name}_start[0]]"
        first = TextEdit.insert(variable.path, moved[0].start, before + moved[0].new.replace("[]", size, 1))
        return (first, *moved[1:], setting)
    size = f"[sizeof {name}_start / sizeof {name}_start[0]]"
    new = f"{before}{variable.declared().replace('[]', size, 1)};"
    return (TextEdit.at(variable.path, text, variable.start, variable.end, new), setting)


def _setting(variable: Variable, name: str) -> tuple[str | None, str]:
    """The statement that gives the value, and what has to stand before the variable."""
    if not variable.is_array and not variable.value.startswith("{"):
        return f"{name} = {variable.value};", ""
    start = f"{name}_start"
    before = f"static {variable.declared(name=start, const=True)} = {variable.value};\n"
    if not variable.is_array:
        return f"{name} = {start};", before
    if variable.declarator.count("[") > 1:
        return None, ""
    count = f"sizeof {start} / sizeof {start}[0]"
    loop = f"for (size_t i = 0; i < {count}; i++) {{\n        {name}[i] = {start}[i];\n    }}"
    return loop, before
