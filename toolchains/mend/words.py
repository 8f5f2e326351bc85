"""Rules of words: a name, a call, the text of an error, a path, a member of a type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from toolchains.c_text import calls, line_at, words
from toolchains.edits import TextEdit
from toolchains.mend.records import OldCode, Rule
from toolchains.mend.sources import Sources, code_of, is_make, is_native

_STRINGS = re.compile(r'"(?:\\.|[^"\\\n])*"(?:\s*(?:"(?:\\.|[^"\\\n])*"|[A-Z]\w*(?=\s*")))*')
_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*[\"<][^\">\n]*[\">]", re.M)


def found(rule: Rule, path: Path, text: str, edits: Iterable[TextEdit], line: int | None = None) -> Iterator[OldCode]:
    """One finding for all edits of a file, if there are any."""
    every = tuple(edits)
    own = [edit for edit in every if edit.path == path]
    if own:
        first = line or line_at(text, min(edit.start for edit in own))
        yield OldCode(rule, path, first, len(own), every)


def named(rule: Rule, edits: Iterable[TextEdit]) -> Rule:
    """The rule with the very words of its first change, where it has many."""
    first = next((edit for edit in edits if edit.old), None)
    return rule if first is None else replace(rule, old=first.old, new=first.new.replace("\n", ", "))


def of_word(rule: Rule, sources: Sources) -> Iterator[OldCode]:
    """``words``: identifiers and their new names. A project that defines one itself goes on with it."""
    for old, new in rule.data["words"].items():
        defined = re.compile(rf"^[ \t]*#[ \t]*define[ \t]+{re.escape(old)}\b", re.M)
        if any(defined.search(text) for _path, text in sources.c):
            continue
        for path, text in sources.c:
            if old not in text:
                continue
            places = words(code_of(text), old)
            yield from found(rule, path, text, (TextEdit.at(path, text, at, at + len(old), new) for at in places))


def of_call(rule: Rule, sources: Sources) -> Iterator[OldCode]:
    """``name`` called with ``arguments`` arguments becomes ``call``, with ``$1`` and so on."""
    for path, text in sources.c:
        edits = []
        for call in calls(text, rule.data["name"]) if rule.data["name"] in text else ():
            if len(call.arguments) == rule.data["arguments"]:
                new = re.sub(r"\$(\d)", lambda at, call=call: call.arguments[int(at[1]) - 1], rule.data["call"])  # type: ignore[misc]
                edits.append(TextEdit.at(path, text, call.start, call.end, new))
        yield from found(rule, path, text, edits)


def of_error_text(rule: Rule, sources: Sources) -> Iterator[OldCode]:
    """``functions`` and the number of their argument that is a text. Native modules may do without."""
    for path, text in sources.c:
        if is_native(text) or _is_of_native(path, sources):
            continue
        edits = {edit for name, which in rule.data["functions"].items() for edit in _wrapped(path, text, name, which)}
        yield from found(rule, path, text, sorted(edits))


def _is_of_native(path: Path, sources: Sources) -> bool:
    """Whether a header is included by native modules only."""
    if path.suffix not in (".h", ".hpp"):
        return False
    users = [text for _path, text in sources.c if f'{path.name}"' in text]
    return bool(users) and all(map(is_native, users))


def _wrapped(path: Path, text: str, name: str, which: int) -> Iterator[TextEdit]:
    for call in calls(text, name) if name in text else ():
        if len(call.arguments) < which:
            continue
        argument = call.arguments[which - 1]
        start = text.find(argument, call.start, call.end) if argument else -1
        if start < 0 or "MP_ERROR_TEXT" in argument or "MP_COMPRESSED_ROM_TEXT" in argument:
            continue
        for string in _STRINGS.finditer(argument):
            at = start + string.start()
            yield TextEdit.at(path, text, at, at + len(string[0]), f"MP_ERROR_TEXT({string[0]})")


def of_path(rule: Rule, sources: Sources) -> Iterator[OldCode]:
    """``paths``: folders of MicroPython's tree and their new places; not what the project has under that name."""
    for path, text in (*sources.c, *sources.builds):
        edits: dict[int, TextEdit] = {}
        for old, new in rule.data["paths"].items():
            if (sources.root / old).exists():
                continue
            for start, end in _path_places(path, text):
                for at in re.finditer(rf"(?<![\w.-]){re.escape(old)}(?![\w-])", text[start:end]):
                    edits.setdefault(start + at.start(), TextEdit.at(
                        path, text, start + at.start(), start + at.end(), new))  # fmt: skip
        yield from found(named(rule, edits.values()), path, text, edits.values())


def _path_places(path: Path, text: str) -> Iterator[tuple[int, int]]:
    if is_make(path):
        yield 0, len(text)
        return
    for include in _INCLUDE.finditer(text):
        yield include.span()


def of_slot(rule: Rule, sources: Sources) -> Iterator[OldCode]:
    """``x->type->protocol``: members of a type that are slots today, with the names of the slots in ``slots``."""
    slots: dict[str, str] = rule.data["slots"]
    member = re.compile(rf"(?<=[\w)])->({'|'.join(map(re.escape, slots))})\b(?!\s*=(?!=))")
    for path, text in sources.c:
        code, edits, behind = code_of(text), [], 0
        for at in member.finditer(code):
            start = _expression_start(code, at.start())
            whose = text[start : at.start()]
            if start < behind or not re.search(r"(?:->|\.)type\Z|\Amp_obj_get_type\s*\(.*\)\Z", whose, re.S):
                continue
            behind = at.end()
            new = f"MP_OBJ_TYPE_GET_SLOT_OR_NULL({whose}, {slots[at[1]]})"
            edits.append(TextEdit.at(path, text, start, at.end(), new))
        yield from found(rule, path, text, edits)


def _expression_start(code: str, end: int) -> int:
    """Where the expression begins that ends at ``end``: names, calls and members of members."""
    at = end
    while at:
        if code[at - 1] in ")]":
            depth = 0
            while at:
                at -= 1
                depth += (code[at] in ")]") - (code[at] in "([")
                if depth == 0:
                    break
        elif code[at - 1].isalnum() or code[at - 1] in "_.":
            at -= 1
        elif code[at - 2 : at] == "->":
            at -= 2
        else:
            break
    return at
