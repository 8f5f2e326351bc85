"""In C: a new function, and names that Python may see."""

from __future__ import annotations

import re
from pathlib import Path

from toolchains.c_text import blanked, function_at
from toolchains.code_actions.places import ModulePlaces, places
from toolchains.code_actions.records import CodeActionError
from toolchains.edits import Fix, TextEdit
from toolchains.stubs.c_module import c_function
from toolchains.stubs.signatures import read
from toolchains.text import _

_NUMBER = r"\(?\s*-?\s*(?:0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)[uUlL]*\s*\)?"
_DEFINE = re.compile(rf"^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+({_NUMBER})[ \t]*(?://.*|/\*.*)?$")
_CONST = re.compile(r"^[ \t]*(?:static[ \t]+)?const[ \t]+(?:u?int\d*(?:_t)?|mp_u?int_t|size_t|char)[ \t]+(\w+)[ \t]*=")
_ENUMERATOR = re.compile(r"^[ \t]*(?:enum[ \t]*\w*[ \t]*\{)?[ \t]*(\w+)[ \t]*(?:=[^,}]*)?[,}]?")
_OBJECTS = re.compile(r"^(?:static|STATIC)\s+mp_obj_t\s+(\w+)\s*\(([^()]*)\)\s*\{", re.M)
_MARKS = re.compile(r"^[ \t]*// --- (?:your code|end of): .*\n", re.M)


def actions_at(path: Path, text: str, place: int) -> tuple[Fix, ...]:
    """What can be done at the character ``place`` of a C file; each with its title."""
    found = places(path, text)
    return tuple(one for one in (_constant(found, place), _function(found, place)) if one) if found else ()


def add_function(path: Path, text: str, module: str, signature: str, body: str = "") -> Fix:
    """A function from a Python signature, ``def add(a: int, b: int) -> int``, known to Python by its name.

    ``body``: lines that are put into it as a comment. Raises :class:`CodeActionError` for a signature that C cannot
    express, for a name that is taken, and for a file that is no module.
    """
    found = places(path, text)
    if found is None:
        raise CodeActionError(
            _("{name} is not the C file of a module.", name=path.name),
            path,
            next_step=_("Open the file with mpy_init, or with the table of the module's names."),
        )
    reading = read(_whole(signature), module)
    if reading.problems:
        raise CodeActionError(reading.problems[0].text, path)
    if len(reading.module.functions) != 1:
        what = _("This is not the signature of one function.")
        raise CodeActionError(what, path, next_step=_("Write it like this: def add(a: int, b: int) -> int"))
    function = reading.module.functions[0]
    if found.sees(function.name):
        raise CodeActionError(_("The module has {name} already.", name=function.name), path)
    code = _own(c_function(module, function, found.target), body)
    made = re.findall(r"\bMP_DEFINE_CONST_FUN_OBJ_\w+\((\w+)", code)[-1]
    title = _("Add the function {name}", name=function.name)
    return Fix(title, (found.function(code), found.name(function.name, _pointer(found, made))))


def _whole(signature: str) -> str:
    """What a person types, as Python reads it."""
    text = signature.strip()
    text = text if text.startswith(("def ", "@")) else f"def {text}"
    return f"{text.rstrip(':')}: ...\n" if "\n" not in text and not text.endswith("...") else f"{text}\n"


def _own(code: str, body: str) -> str:
    """The function without the marks of a file that is generated again and again."""
    lines = body.strip("\n").splitlines() or [""]
    told = "".join(f"    // {line}".rstrip() + "\n" for line in lines) if body else "    // The work goes here.\n"
    first, *rest = _MARKS.split(code)
    return first + told + "".join(part.lstrip("\n") for part in rest)


def _pointer(found: ModulePlaces, name: str) -> str:
    return f"MP_OBJ_FROM_PTR(&{name})" if found.target == "natmod" else f"MP_ROM_PTR(&{name})"


def _constant(found: ModulePlaces, place: int) -> Fix | None:
    """A number that C knows by a name."""
    start = found.text.rfind("\n", 0, place) + 1
    end = found.text.find("\n", place)
    line = found.text[start : end if end >= 0 else None].rstrip("\r")
    at = _DEFINE.match(line) or (_CONST.match(line) if found.target == "natmod" else None)
    name = at[1] if at else _enumerator(found.text, start, line)
    if name is None or found.sees(name):
        return None
    value = f"mp_obj_new_int({name})" if found.target == "natmod" else f"MP_ROM_INT({name})"
    return Fix(_("Let Python see {name}", name=name), (found.name(name, value),))


def _enumerator(text: str, start: int, line: str) -> str | None:
    code = blanked(text)
    opening = code.rfind("{", 0, start + len(line))
    inside = (
        re.search(r"\benum\b\s*\w*\s*\Z", code[:opening]) if opening >= 0 and "}" not in code[opening:start] else None
    )
    at = _ENUMERATOR.match(line) if inside else None
    return at[1] if at and at[1] not in ("enum", "typedef") else None


def _function(found: ModulePlaces, place: int) -> Fix | None:
    """A function that takes and gives objects, and that no Python name leads to."""
    here = function_at(found.text, place)
    at = next((one for one in _OBJECTS.finditer(found.text) if here and one[1] == here.name), None)
    if here is None or at is None:
        return None
    arguments = [] if at[2].strip() in ("", "void") else [one.strip() for one in at[2].split(",")]
    plain = all(re.fullmatch(r"mp_obj_t\s+\w+", one) for one in arguments)
    name = re.sub(rf"^{re.escape(found.path.stem)}_", "", here.name)
    if not plain or len(arguments) > 3 or found.sees(name) or _is_object(found.text, here.name):
        return None
    made = f"\n\nstatic MP_DEFINE_CONST_FUN_OBJ_{len(arguments)}({here.name}_obj, {here.name});"
    if here.end > found.names:
        return None
    edits = (TextEdit.insert(found.path, here.end, made), found.name(name, _pointer(found, f"{here.name}_obj")))
    return Fix(_("Let Python call {name}", name=name), edits)


def _is_object(text: str, name: str) -> bool:
    return re.search(rf"\bMP_DEFINE_CONST_FUN_OBJ_\w+\(\s*\w+\s*,[^;]*\b{re.escape(name)}\s*\)", text) is not None
