"""How a module built into the firmware is made known: ``MP_REGISTER_MODULE`` with two arguments, in its own file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from toolchains.c_text import blanked, calls, code_only, line_at
from toolchains.edits import TextEdit
from toolchains.mend.records import OldCode, Rule
from toolchains.mend.sources import Sources
from toolchains.mend.words import found

_ALWAYS = re.compile(r"\(?\s*(1|true)\s*\)?\Z")
_IF = re.compile(r"^[ \t]*#[ \t]*(if\w*|endif)\b[ \t]*(?:defined[ \t]*)?\(?[ \t]*(\w*)", re.M)
#: ``#define MICROPY_PORT_BUILTIN_MODULES`` with all of its lines.
_LIST = re.compile(r"^[ \t]*#[ \t]*define[ \t]+MICROPY_PORT_BUILTIN_MODULES\b((?:[^\n]*\\\r?\n)*[^\n]*)\n?", re.M)
_ENTRY = re.compile(
    r"\{\s*(?:MP_ROM_QSTR|MP_OBJ_NEW_QSTR)\s*\(\s*(\w+)\s*\)\s*,\s*"
    r"(?:(?:MP_ROM_PTR|MP_OBJ_FROM_PTR)\s*\(\s*&\s*(\w+)\s*\)|\(\s*mp_obj_t\s*\)\s*&\s*(\w+))\s*\}\s*,?"
)


def of_register(rule: Rule, sources: Sources) -> Iterator[OldCode]:
    """A third argument that says whether the module is there: it goes, or becomes an ``#if`` around the line."""
    for path, text in sources.c:
        edits = []
        for call in calls(text, "MP_REGISTER_MODULE") if "MP_REGISTER_MODULE" in text else ():
            if len(call.arguments) == 3:
                edits.append(_registered(path, text, call.start, call.end, call.arguments))
        yield from found(rule, path, text, edits)


def _registered(path: Path, text: str, start: int, end: int, arguments: tuple[str, ...]) -> TextEdit:
    new = f"MP_REGISTER_MODULE({arguments[0]}, {arguments[1]})"
    wanted = arguments[2]
    if _ALWAYS.match(wanted) or wanted.strip("() ") in _open_conditions(text, start):
        return TextEdit.at(path, text, start, end, new)
    semicolon = re.compile(r"[ \t]*;").match(text, end)
    end = semicolon.end() if semicolon else end
    return TextEdit.at(path, text, start, end, f"#if {wanted}\n{new};\n#endif")


def _open_conditions(text: str, place: int) -> list[str]:
    """The macros of the ``#if`` lines that ``place`` is inside of."""
    open_now: list[str] = []
    for line in _IF.finditer(blanked(text), 0, place):
        if line[1] == "endif":
            del open_now[-1:]
        else:
            open_now.append(line[2])
    return open_now


def of_builtin(rule: Rule, sources: Sources) -> Iterator[OldCode]:
    """The list in the port's configuration: each module is registered where it is defined instead."""
    for path, text in sources.c:
        listed = _LIST.search(text)
        if listed is None:
            continue
        plain = listed[1].replace("\\\r\n", "\n").replace("\\\n", "\n")
        entries = [(at[1], at[2] or at[3]) for at in _ENTRY.finditer(plain)]
        if _ENTRY.sub("", plain).strip() or not entries:
            continue  # macros, conditions: by hand
        moved = [_moved(name, symbol, sources) for name, symbol in entries]
        if any(one is None for one in moved):
            continue  # a module of somebody else's
        edits = [TextEdit.at(path, text, *listed.span(), ""), *(edit for one in moved for edit in one or ())]
        edits += _announcements(path, text, [symbol for _name, symbol in entries])
        yield OldCode(rule, path, line_at(text, listed.start()), len(entries), tuple(edits))


def _moved(name: str, symbol: str, sources: Sources) -> tuple[TextEdit, ...] | None:
    """The registration at the end of the file that defines the module; nothing if it is there already."""
    defined = re.compile(rf"\bmp_obj_module_t\s+{re.escape(symbol)}\s*=")
    for path, text in sources.c:
        at = defined.search(code_only(text))
        if at is None:
            continue
        if any(symbol in call.arguments for call in calls(text, "MP_REGISTER_MODULE")):
            return ()
        end = text.find("};", at.end())
        if end < 0:
            return None
        return (TextEdit.insert(path, end + 2, f"\n\nMP_REGISTER_MODULE({name}, {symbol});"),)
    return None


def _announcements(path: Path, text: str, symbols: list[str]) -> Iterator[TextEdit]:
    """``extern const struct _mp_obj_module_t …;`` that only the list needed."""
    names = "|".join(map(re.escape, symbols))
    line = re.compile(
        rf"^[ \t]*extern[ \t]+const[ \t]+(?:struct[ \t]+_)?mp_obj_module_t[ \t]+(?:{names})[ \t]*;[^\n]*\n", re.M
    )
    for at in line.finditer(text):
        yield TextEdit.at(path, text, *at.span(), "")
