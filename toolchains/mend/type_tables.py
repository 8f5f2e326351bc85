"""Types of user C modules in the manner of before 1.20: a structure is ``MP_DEFINE_CONST_OBJ_TYPE(…)`` today."""

from __future__ import annotations

import re
from collections.abc import Iterator

from toolchains.c_text import matching
from toolchains.edits import TextEdit
from toolchains.mend.records import OldCode, Rule
from toolchains.mend.sources import Sources, code_of
from toolchains.mend.words import found

_TYPE = re.compile(r"\bconst[ \t]+mp_obj_type_t[ \t]+(\w+)[ \t]*=[ \t]*(?=\{)")
_BASE = re.compile(r"(?:\.\s*base\s*=\s*)?\{\s*(?:\.\s*type\s*=\s*)?&\s*mp_type_type\s*\}\Z")
_MEMBER = re.compile(r"\.\s*(\w+)\s*=\s*(.*)\Z", re.S)
_BUFFER = re.compile(r"\{\s*(?:\.\s*get_buffer\s*=\s*)?(\w+)\s*\}\Z")
_DICT_CAST = re.compile(r"\(\s*(?:mp_obj_dict_t\s*\*|void\s*\*)\s*\)\s*")


def of_type_table(rule: Rule, sources: Sources) -> Iterator[OldCode]:
    """``slots``: members and the slots that they are."""
    for path, text in sources.c:
        code = code_of(text)
        for at in _TYPE.finditer(code):
            end = matching(code, at.end())
            semicolon = re.compile(r"\s*;").match(code, end) if end is not None else None
            if end is None or semicolon is None:
                continue
            new = _written(rule.data["slots"], at[1], text[at.end() + 1 : end - 1], code[at.end() + 1 : end - 1])
            if new is not None:
                edit = TextEdit.at(path, text, at.start(), semicolon.end(), new)
                yield from found(rule, path, text, [edit])


def _written(slots: dict[str, str], typename: str, text: str, code: str) -> str | None:
    """The call of the macro; None for a type with something in it that is no member we know."""
    if re.search(r"^[ \t]*#", code, re.M):
        return None  # a macro's arguments have no lines of the preprocessor in them
    name, flags, rest = "", ["MP_TYPE_FLAG_NONE"], []
    members: dict[str, str] = {}
    for comment, part in _parts(text, code):
        if _BASE.match(part):
            continue
        member = _MEMBER.match(part)
        if member is None:
            return None
        key, value = member[1], member[2].strip()
        if key == "name":
            name = value
        elif key == "flags":
            flags = [value]
        elif key in slots:
            members[key] = value
            rest.append((comment, key))
        else:
            return None
    shown = _lines(slots, members, rest, flags)
    if not name or shown is None:
        return None
    return "MP_DEFINE_CONST_OBJ_TYPE(\n    " + ",\n    ".join([typename, name, " | ".join(flags), *shown]) + "\n    );"


def _lines(
    slots: dict[str, str], members: dict[str, str], order: list[tuple[str, str]], flags: list[str]
) -> list[str] | None:
    found = []
    for comment, key in order:
        value = members[key]
        if key == "getiter" and "iternext" in members:
            if members[key] != "mp_identity_getiter":
                return None  # needs a structure of its own: by hand
            continue
        if key == "iternext":
            flags.append("MP_TYPE_FLAG_ITER_IS_ITERNEXT")
        if key == "buffer_p":
            buffer = _BUFFER.match(value)
            if buffer is None:
                return None
            value = buffer[1]
        if key == "locals_dict":
            value = _DICT_CAST.sub("", value)
        found.append(f"{comment}{slots[key]}, {value}")
    if len(flags) > 1 and flags[0] == "MP_TYPE_FLAG_NONE":
        del flags[0]
    return found


def _parts(text: str, code: str) -> Iterator[tuple[str, str]]:
    """The members between top-level commas: the comments before each, and its code."""
    start = depth = 0
    for place, mark in enumerate(code + ","):
        depth += (mark in "([{") - (mark in ")]}")
        if mark != "," or depth:
            continue
        part = code[start:place]
        if part.strip():
            first = start + len(part) - len(part.lstrip())
            comment = text[start:first].strip()
            if comment.startswith(("//", "/*")):
                yield f"{comment}\n    ", text[first:place].rstrip() if "//" not in text[first:place] else part.strip()
            else:
                yield "", code[first:place].strip() if '"' not in text[first:place] else text[first:place].strip()
        start = place + 1
