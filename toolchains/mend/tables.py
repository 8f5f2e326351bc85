"""Tables of names in flash: ``MP_OBJ_NEW_QSTR`` and its kin in ``mp_map_elem_t`` are ``MP_ROM_QSTR`` today."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from toolchains.c_text import matching
from toolchains.edits import TextEdit
from toolchains.mend.records import OldCode, Rule
from toolchains.mend.sources import Sources, code_of, is_native
from toolchains.mend.words import found

_TABLE = re.compile(r"\b(mp_map_elem_t|mp_rom_map_elem_t)\s+\w+\s*\[\s*\w*\s*\]\s*=\s*(?=\{)")
_CALL = re.compile(r"\b(MP_OBJ_NEW_QSTR|MP_OBJ_NEW_SMALL_INT|MP_OBJ_FROM_PTR)\s*(?=\()")
_CAST = re.compile(r"\(\s*mp_obj_t\s*\)\s*(?=&)")
_CONSTANT = re.compile(r"\bmp_const_(none|true|false)\b")
_NEW = {"MP_OBJ_NEW_QSTR": "MP_ROM_QSTR", "MP_OBJ_NEW_SMALL_INT": "MP_ROM_INT", "MP_OBJ_FROM_PTR": "MP_ROM_PTR"}
_ADDRESS = re.compile(r"&\s*\w+(?:\s*\.\s*\w+)*")


def of_table(rule: Rule, sources: Sources) -> Iterator[OldCode]:
    """Tables with values; a native module fills its tables when it is imported, and has none of these."""
    for path, text in sources.c:
        if is_native(text):
            continue
        yield from found(rule, path, text, _edits(path, text))


def _edits(path: Path, text: str) -> Iterator[TextEdit]:
    code = code_of(text)
    for table in _TABLE.finditer(code):
        end = matching(code, table.end())
        if end is None or "mp_obj_t" in _CAST.sub("", code[table.end() : end]):
            continue  # something that we do not know
        inside = list(_inside(path, text, code, table.end(), end))
        if table[1] == "mp_map_elem_t" and inside:
            yield TextEdit.at(path, text, *table.span(1), "mp_rom_map_elem_t")
        yield from inside


def _inside(path: Path, text: str, code: str, start: int, end: int) -> Iterator[TextEdit]:
    for call in _CALL.finditer(code, start, end):
        yield TextEdit.at(path, text, *call.span(1), _NEW[call[1]])
    for cast in _CAST.finditer(code, start, end):
        address = _ADDRESS.match(code, cast.end(), end)
        if address is not None:
            new = f"MP_ROM_PTR({text[slice(*address.span())]})"
            yield TextEdit.at(path, text, cast.start(), address.end(), new)
    for constant in _CONSTANT.finditer(code, start, end):
        yield TextEdit.at(path, text, *constant.span(), f"MP_ROM_{constant[1].upper()}")
