"""Types of native modules in the manner of before 1.20: members that were set one by one are slots today."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from toolchains.c_text import line_at
from toolchains.edits import TextEdit
from toolchains.mend.records import OldCode, Rule
from toolchains.mend.sources import Sources, code_of

_DECLARED = re.compile(r"^([ \t]*(?:extern[ \t]+|STATIC[ \t]+|static[ \t]+)?)(mp_obj_type_t)([ \t]+(\w+)[ \t]*;)", re.M)
#: MP_OBJ_TYPE_SET_SLOT has a cast of its own.
_CAST = re.compile(r"^\(\s*(?:const\s+)?(?:void|mp_obj_dict_t|struct\s+_mp_obj_dict_t)\s*\*\s*\)\s*(?=&?\w+$)")
_ITER = ("getiter", "iternext")


@dataclass
class _Type:
    """One type: where it is declared, and each of its members that is set: (start, end, member, value)."""

    name: str
    declared: list[tuple[Path, int, int]] = field(default_factory=list)
    home: tuple[Path, int] | None = None
    members: list[tuple[Path, int, int, str, str]] = field(default_factory=list)


def of_type(rule: Rule, sources: Sources) -> Iterator[OldCode]:
    """``slots``: members and the slots that they are. One finding for each type."""
    for one in _types(rule.data["slots"], sources).values():
        if not one.members:
            continue
        path, start = one.members[0][0], one.members[0][1]
        edits = tuple(_edits(rule.data["slots"], one, sources))
        yield OldCode(rule, path, line_at(sources.texts[path], start), len(one.members), edits)


def _types(slots: dict[str, str], sources: Sources) -> dict[str, _Type]:
    found: dict[str, _Type] = defaultdict(lambda: _Type(""))
    for path, text in sources.c:
        code = code_of(text)
        for at in _DECLARED.finditer(code):
            one = found[at[4]]
            one.name = at[4]
            one.declared.append((path, *at.span(2)))
            if "extern" not in at[1]:
                one.home = (path, at.end())
        members = re.compile(rf"(?<![\w.>])(\w+)\s*\.\s*({'|'.join(map(re.escape, slots))})\s*=(?!=)([^;{{}}]*);")
        for at in members.finditer(code):
            one = found[at[1]]
            one.members.append((path, at.start(), at.end(), at[2], text[slice(*at.span(3))].strip()))
    return {name: one for name, one in found.items() if one.name and one.home}


def _edits(slots: dict[str, str], one: _Type, sources: Sources) -> Iterator[TextEdit]:
    for path, start, end in one.declared:
        yield TextEdit.at(path, sources.texts[path], start, end, "mp_obj_full_type_t")
    both = {member for _path, _start, _end, member, _value in one.members} >= set(_ITER)
    if both and one.home is not None:
        yield TextEdit.insert(*one.home, f"\nmp_getiter_iternext_custom_t {one.name}_iter;")
    number = 0
    for path, start, end, member, value in one.members:
        text = sources.texts[path]
        line = text[text.rfind("\n", 0, start) + 1 : start]
        new = _statements(one.name, slots[member], member, value, number, both=both)
        number += "SET_SLOT" in new[-1]
        yield TextEdit.at(
            path, text, start, end, ("; " if line.strip() else f"\n{line}").join(new).replace(";; ", "; ")
        )
    yield from _addresses(one, sources)


def _statements(name: str, slot: str, member: str, value: str, number: int, *, both: bool) -> tuple[str, ...]:
    """What is written instead; the last one takes the slot ``number``, if any does."""
    if member in _ITER and both:
        stored = f"{name}_iter.{member} = {value};"
        if member != _ITER[0]:
            return (stored,)
        flag = f"{name}.flags |= MP_TYPE_FLAG_ITER_IS_CUSTOM;"
        return (stored, flag, f"MP_OBJ_TYPE_SET_SLOT(&{name}, iter, &{name}_iter, {number});")
    shown = _CAST.sub("", value)
    slot_set = f"MP_OBJ_TYPE_SET_SLOT(&{name}, {slot}, {shown}, {number});"
    return (f"{name}.flags |= MP_TYPE_FLAG_ITER_IS_ITERNEXT;", slot_set) if member == "iternext" else (slot_set,)


def _addresses(one: _Type, sources: Sources) -> Iterator[TextEdit]:
    """``&type`` where an ``mp_obj_type_t *`` is wanted: the full type begins as that one does."""
    uses = re.compile(rf"(?<![\w)])&\s*{re.escape(one.name)}\b(?!\s*[.\[])")
    for path, text in sources.c:
        code = code_of(text)
        for at in uses.finditer(code):
            if not re.search(r"(?:MP_OBJ_FROM_PTR|MP_OBJ_TYPE_SET_SLOT)\s*\(\s*\Z|\)\s*\Z", code[: at.start()][-60:]):
                yield TextEdit.insert(path, at.start(), "(mp_obj_type_t *)")
