"""What a module written in C offers to Python, read from its text: a ``.pyi`` for completion.

No compiler and no preprocessor: names are found where they are given to MicroPython (``mp_store_global``, tables of
interned strings), functions by their objects. A signature in the comment above a function (``// add(a: int) -> int``)
is believed; else names come from the C arguments and types are unknown. What is not understood is left out.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from toolchains.c_text import Function, blanked, calls, functions

#: A source that is longer is data in disguise.
_LONGEST = 2 << 20
_OBJECT = re.compile(r"MP_DEFINE_CONST_FUN_OBJ_(\w+)\s*\(\s*(\w+)\s*,\s*([^()]*)\)")
_ROW = re.compile(r"\{\s*(?:MP_ROM_QSTR|MP_OBJ_NEW_QSTR)\s*\(\s*MP_QSTR_(\w+)\s*\)\s*,\s*([^{}]*?)\s*\}")
_TABLE = re.compile(r"(?:mp_rom_map_elem_t|mp_map_elem_t)\s+(\w+)\s*\[[^\]]*\]\s*=\s*\{")
_FILLED = re.compile(r"\b(\w+)\s*\[\s*\w+\s*\]\s*=\s*\(\s*mp_map_elem_t\s*\)\s*(?=\{)")
_DICT = re.compile(r"MP_DEFINE_(?:CONST|MUTABLE)_DICT\w*\s*\(\s*(\w+)\s*,\s*(\w+)\s*\)")
_SLOT = re.compile(r"MP_OBJ_TYPE_SET_SLOT\s*\(\s*&(\w+)\s*,\s*(\w+)\s*,\s*(?:\([^()]*\)\s*)?&?(\w+)")
_OLD_SLOT = re.compile(r"\b(\w+)\.(locals_dict|attr|make_new)\s*=\s*(?:\([^()]*\)\s*)?&?(\w+)\s*;")
_NAME = re.compile(r"\b(\w+)\.name\s*=\s*MP_QSTR_(\w+)")
_TYPE = re.compile(r"MP_DEFINE_CONST_OBJ_TYPE\s*\(\s*(\w+)\s*,\s*MP_QSTR_(\w+)\s*,([^;]*)\)\s*;")
_WRAPPED = re.compile(r"MP_DEFINE_CONST_(STATIC|CLASS)METHOD_OBJ\s*\(\s*(\w+)\s*,\s*MP_ROM_PTR\s*\(\s*&(\w+)")
_BASES = re.compile(r"mp_type_(\w+)")
_POINTER = re.compile(r"&\s*(\w+)")
_ATTRIBUTE = re.compile(r"==\s*MP_QSTR_(\w+)")
_GLOBALS = re.compile(r"\.globals\s*=\s*(?:\([^()]*\)\s*)?&\s*(\w+)")
_SIGNATURE = re.compile(r"[\w.]*?(\w+)(\(.*\)(?:\s*->\s*[^:]+)?)(?::\s+(.*))?")
_TYPING = ("Any", "Callable", "Iterator", "Sequence", "Iterable", "Mapping", "Optional", "Union", "Final", "Self")
_VALUES = {
    "tuple": r"mp_obj_new_tuple",
    "int": r"mp_obj_new_int|mp_obj_new_int_from_uint|MP_OBJ_NEW_SMALL_INT|MP_ROM_INT",
    "float": r"mp_obj_new_float",
    "bytes": r"mp_obj_new_bytes",
    "str": r"mp_obj_new_str|MP_ROM_QSTR|MP_OBJ_NEW_QSTR",
    "bool": r"mp_obj_new_bool|mp_const_(?:true|false)|MP_ROM_(?:TRUE|FALSE)",
}

#: What a type with such a slot can do, as far as completion cares.
_ABLE = {
    "iter": "def __iter__(self) -> Iterator[object]: ...",
    "subscr": "def __getitem__(self, index: object) -> object: ...",
    "call": "def __call__(self, *args: object) -> object: ...",
}


def pyi_from_c(text: str, name: str) -> str:
    """The ``.pyi`` of the module that a C source makes; only its first lines where nothing was found."""
    return _Reader(text[:_LONGEST], name).whole()


@dataclass
class _Type:
    shown: str
    base: str = ""
    slots: dict[str, str] = field(default_factory=dict)


class _Reader:
    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text, name
        self.code = _without_comments(text)
        self.functions = {one.name: one for one in functions(text)}
        self.objects = {found[2]: (found[1], found[3]) for found in _OBJECT.finditer(self.code)}
        self.wrapped = {found[2]: found[3] for found in _WRAPPED.finditer(self.code)}
        self.dicts = {found[1]: found[2] for found in _DICT.finditer(self.code)}
        self.tables = self._tables()
        self.types = self._types()

    # --- what there is ---

    def _tables(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for table in _TABLE.finditer(self.code):
            end = self.code.find("};", table.end())
            rows = _ROW.finditer(self.code, table.end(), end if end > 0 else len(self.code))
            found[table[1]] = [(row[1], row[2]) for row in rows]
        for filled in _FILLED.finditer(self.code):
            line = self.code[filled.end() : self.code.find(";", filled.end())]
            key = re.search(r"MP_QSTR_(\w+)", line)
            if key is not None:
                found.setdefault(filled[1], []).append((key[1], line[key.end() :]))
        return found

    def _types(self) -> dict[str, _Type]:
        found = {one[1]: _Type(one[2]) for one in _NAME.finditer(self.code)}
        for one in _TYPE.finditer(self.code):
            words = [word.strip() for word in one[3].split(",")][1:]
            slots = {a: b.rpartition("&")[2].strip() for a, b in zip(words[::2], words[1::2], strict=False)}
            found[one[1]] = _Type(one[2], slots=slots)
            if "mp_obj_exception_make_new" in one[3]:
                found[one[1]].base = _base(slots.get("parent", ""), found)
        for slot in (*_SLOT.finditer(self.code), *_OLD_SLOT.finditer(self.code)):
            if slot[1] in found:
                found[slot[1]].slots[slot[2]] = slot[3]
        for call in calls(self.text, "mp_obj_exception_init"):
            if len(call.arguments) == 3:
                parent = _POINTER.search(call.arguments[2])
                kind = _base(parent[1] if parent else "", found)
                found[call.arguments[0].lstrip("& ")] = _Type(call.arguments[1].removeprefix("MP_QSTR_"), kind)
        return found

    def _globals(self) -> Iterator[tuple[str, str]]:
        for call in calls(self.text, "mp_store_global"):
            if len(call.arguments) >= 2 and call.arguments[0].startswith("MP_QSTR_"):
                yield call.arguments[0].removeprefix("MP_QSTR_"), ", ".join(call.arguments[1:])
        for found in _GLOBALS.finditer(self.code):
            yield from self.tables.get(self.dicts.get(found[1], ""), [])

    # --- as Python ---

    def whole(self) -> str:
        """The file."""
        lines = list[str]()
        for name, value in dict(self._globals()).items():
            if not name.startswith("__") and _is_name(name):
                lines += self._entry(name, value)
        text = "\n".join(lines)
        words = [word for word in _TYPING if re.search(rf"\b{word}\b", text)]
        head = [f'"""The module {self.name}, read from its C source."""', ""]
        head += [f"from typing import {', '.join(words)}", ""] if words else []
        return "\n".join([*head, *lines]) + "\n"

    def _entry(self, name: str, value: str) -> list[str]:
        made = re.match(r"\s*MP_DYNRUNTIME_MAKE_FUNCTION\s*\(\s*(\w+)", value)
        if made is not None:
            return self._function(name, made[1], "VAR", "0", method=False)
        pointer = _POINTER.search(value)
        target = pointer[1] if pointer else ""
        if target in self.objects:
            kind, rest = self.objects[target]
            return self._function(name, rest.rpartition(",")[2].strip(), kind, rest, method=False)
        if target in self.types:
            return self._class(name, self.types[target])
        return [f"{name}: {self._kind(value, target)}"]

    def _kind(self, value: str, target: str) -> str:
        for kind, words in _VALUES.items():
            if re.search(rf"\b(?:{words})\b", value):
                return kind
        made = re.search(rf"\b(mp_obj_str_t|mp_rom_obj_tuple_t|MP_DEFINE_STR_OBJ)\b[^;]*?\b{target}\b[^;]*", self.code)
        if target and made is not None:
            return "bytes" if "mp_type_bytes" in made[0] else "tuple" if "tuple" in made[1] else "str"
        return "float" if "_rom" in value else "object"

    def _function(
        self, name: str, c_name: str, kind: str, rest: str, *, method: bool, static: bool = False
    ) -> list[str]:
        one = self.functions.get(c_name)
        said = _said(self.text, one, name)
        first = "" if static or not method else "self"
        signature, doc = said or (f"({', '.join(_from_c(self.text, one, kind, rest, method and not static))})", "")
        if said and first and not re.match(r"\(\s*self\b", signature):
            signature = f"({first}{', ' if signature[1:2] != ')' else ''}{signature[1:]}"
        elif first and not said:
            signature = f"({first}{', ' if signature != '()' else ''}{signature[1:]}"
        body = [f"    {line}".rstrip() for line in _docstring(doc)]
        if not _is_python(f"def {name}{signature}: ..."):
            return []
        return [f"def {name}{signature}:", *body] if body else [f"def {name}{signature}: ..."]

    def _class(self, name: str, one: _Type) -> list[str]:
        if one.base:
            if not _is_name(one.base):
                return []
            return [f"class {name}({one.base}): ..."]
        body = list[str]()
        attr = self.functions.get(one.slots.get("attr", ""))
        if attr is not None:
            names = _ATTRIBUTE.findall(self.code[attr.body : attr.end])
            body += [f"{word}: {self._attribute(attr, word)}" for word in dict.fromkeys(names)]
        maker = self.functions.get(one.slots.get("make_new", ""))
        made = _said(self.text, maker, name)
        if made is not None:
            inside = re.sub(r"\s*->.*", "", made[0])
            body.append(f"def __init__(self{', ' if inside[1:2] != ')' else ''}{inside[1:]} -> None: ...")
        elif maker is not None:
            body.append("def __init__(self, *args: object) -> None: ...")
        body += [line for slot, line in _ABLE.items() if slot in one.slots]
        for word, value in self.tables.get(self.dicts.get(one.slots.get("locals_dict", ""), ""), []):
            body += self._member(word, value)
        good = [
            line
            for line in body
            if line.startswith((" ", "@")) or _is_python(line + (" ..." if line.endswith(":") else ""))
        ]
        return [f"class {name}:", *(f"    {line}".rstrip() for line in good or ["..."])]

    def _attribute(self, attr: Function, word: str) -> str:
        found = re.search(rf"==\s*MP_QSTR_{word}\b[^;]*;", self.code[attr.body : attr.end])
        if found is None:
            return "object"
        getter = re.search(r"(\w+)\s*\(\s*self_in\s*\)", found[0])
        said = _said(self.text, self.functions.get(getter[1]), word) if getter else None
        if said is not None and "->" in said[0]:
            return said[0].rpartition("->")[2].strip()
        return self._kind(found[0], "")

    def _member(self, word: str, value: str) -> list[str]:
        pointer = _POINTER.search(value)
        target = pointer[1] if pointer else ""
        static = target in self.wrapped or "MP_QSTR_staticmethod" in value
        target = self.wrapped.get(target, target)
        if target not in self.objects:
            return [f"{word}: {self._kind(value, target)}"]
        kind, rest = self.objects[target]
        lines = self._function(word, rest.rpartition(",")[2].strip(), kind, rest, method=True, static=static)
        return ["@staticmethod", *lines] if static and lines else lines


def _base(pointer: str, types: dict[str, _Type]) -> str:
    """The Python name of an exception's base."""
    if pointer in types:
        return types[pointer].shown
    known = _BASES.search(pointer)
    return known[1] if known else "Exception"


def _without_comments(text: str) -> str:
    """Blanks for comments; what is in quotes stays as long as it is, and empty."""
    return blanked(text)


def _comment(text: str, one: Function) -> list[str]:
    """The lines of the comment above a function, without their marks."""
    above = text[one.start : one.body].split("\n")
    lines = []
    for line in above:
        bare = line.strip()
        if not bare.startswith(("//", "/*", "*")):
            break
        lines.append(re.sub(r"^(?://+|/\*+|\*+/?) ?|\s*\*/$", "", bare))
    return lines


def _said(text: str, one: Function | None, name: str) -> tuple[str, str] | None:
    """Signature and description from the comment above a function."""
    lines = _comment(text, one) if one is not None else []
    while lines and not lines[0].strip():
        del lines[0]
    found = _SIGNATURE.match(lines[0]) if lines else None
    if found is None or found[1] != name or not _is_python(f"def f{found[2].strip()}: ..."):
        return None
    return found[2].strip(), "\n".join([found[3] or "", *lines[1:]]).strip()


def _from_c(text: str, one: Function | None, kind: str, rest: str, method: bool) -> list[str]:
    """Arguments as far as C knows their names."""
    if kind in ("0", "1", "2", "3") and one is not None:
        head = blanked(text[one.start : one.body])
        names = re.findall(r"mp_obj_t\s+(\w+)\s*(?=[,)])", head)
        return [_python_name(word) for word in names[int(method) :]]
    numbers = [int(word) for word in re.findall(r"\b\d+\b", rest)]
    least = max((numbers[0] if numbers else 0) - int(method), 0)
    known = [f"arg{number + 1}" for number in range(least)]
    if kind == "VAR_BETWEEN" and len(numbers) > 1:
        return [*known, *(f"arg{number + 1}=..." for number in range(least, numbers[1] - int(method)))]
    return [*known, "*args", *(["**kwargs"] if kind == "KW" else [])]


def _python_name(word: str) -> str:
    bare = re.sub(r"_(?:in|obj|o)$", "", word)
    return bare if _is_python(f"{bare} = 1") else f"{bare}_"


def _docstring(text: str) -> list[str]:
    """A docstring's lines, in quotes."""
    if not text:
        return []
    safe = text.replace("\\", "\\\\").replace('"""', "'''")
    lines = safe.split("\n")
    return [f'"""{lines[0]}"""'.replace('""""', '" """')] if len(lines) == 1 else [f'"""{lines[0]}', *lines[1:], '"""']


def _is_name(word: str) -> bool:
    return word.isidentifier() and not keyword.iskeyword(word)


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
