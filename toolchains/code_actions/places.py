"""Where a module's C file takes another function, and another name for Python."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from toolchains.c_text import blanked, functions, matching
from toolchains.edits import TextEdit
from toolchains.stubs.c_module import Target

_EXIT = re.compile(r"^([ \t]*)MP_DYNRUNTIME_INIT_EXIT\b", re.M)
_TABLE = re.compile(r"^[ \t]*(?:STATIC |static )?const mp_(?:rom_)?map_elem_t\s+(\w+)\s*\[[^\]]*\]\s*=\s*(?=\{)", re.M)


@dataclass(frozen=True)
class ModulePlaces:
    """Of one C file: new functions go before ``functions``, names before ``names``, with ``indent`` in front."""

    path: Path
    text: str
    target: Target
    functions: int
    names: int
    indent: str

    def function(self, code: str) -> TextEdit:
        """Put a function there."""
        return TextEdit.insert(self.path, self.functions, f"{code.rstrip()}\n\n")

    def name(self, name: str, value: str) -> TextEdit:
        """Let Python see ``name``; ``value`` is C of the form that :attr:`target` wants."""
        if self.target == "natmod":
            line = f"{self.indent}mp_store_global(MP_QSTR_{name}, {value});\n"
        else:
            line = f"{self.indent}{{ MP_ROM_QSTR(MP_QSTR_{name}), {value} }},\n"
        return TextEdit.insert(self.path, self.names, line)

    def sees(self, name: str) -> bool:
        """Whether Python sees that name already."""
        return re.search(rf"\bMP_QSTR_{re.escape(name)}\b", blanked(self.text)) is not None


def places(path: Path, text: str) -> ModulePlaces | None:
    """The places in a file with ``mpy_init``, or with the table of a module's names; None for any other file."""
    code = blanked(text)
    entry = next((one for one in functions(text) if one.name == "mpy_init"), None)
    leave = _EXIT.search(code, entry.body, entry.end) if entry is not None else None
    if entry is not None and leave is not None:
        return ModulePlaces(path, text, "natmod", entry.start, leave.start(), leave[1])
    for table in _TABLE.finditer(code):
        end = matching(code, table.end())
        if end is None or "MP_QSTR___name__" not in code[table.end() : end]:
            continue
        last = text.rfind("\n", 0, end - 1) + 1
        if text[last : end - 1].strip():
            return None  # all on one line: by hand
        rows = re.findall(r"^([ \t]+)\{", text[table.end() : end], re.M)
        return ModulePlaces(path, text, "usermod", table.start(), last, rows[-1] if rows else "    ")
    return None


def character(text: str, line: int, column: int) -> int:
    """A place of ``ast``, whose lines count from 1 and whose columns are bytes, as a character of the text."""
    lines = text.splitlines(keepends=True)
    return sum(len(one) for one in lines[: line - 1]) + len(lines[line - 1].encode()[:column].decode())
