"""Variables that a native module cannot have, found in the text while somebody types; what the linker says later.

Only what is certain without a compiler is said: a variable that nothing changes may become a constant.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from toolchains.c_text import code_only, line_at
from toolchains.doctor.rewrite import Variable, is_written, variable_at
from toolchains.doctor.variables import has_value, is_static, made_const_fix, not_static_fix, set_in_entry_fix
from toolchains.edits import Fix
from toolchains.text import Text

#: A declaration up to its name: static anywhere, any other with a value from the first column on.
_DECLARED = re.compile(
    r"\b(?:static|STATIC)[ \t]+(?!inline\b)[A-Za-z_][\w \t]*[ \t*]+(\w+)[ \t]*(?:\[[^\]\n]*\][ \t]*)*(?=[=;])"
    r"|^(?!static|STATIC|const\b|extern\b|typedef\b|return\b)[A-Za-z_][\w \t]*[ \t*]+(\w+)[ \t]*"
    r"(?:\[[^\]\n]*\][ \t]*)*(?==)",
    re.M,
)
#: Values that are all zeros.
_ZERO = re.compile(r"[\s{},()*+-]*(?:(?:0[xX]?0*(?:\.0*)?[uUlLfF]*|NULL|false|MP_OBJ_NULL|void)[\s{},()*+-]*)*")
#: Architectures whose code reaches a static variable directly, which MicroPython's linker gets wrong.
_DIRECT = ("rv32imc", "rv64imc", "x86", "x64")
_MOST = 40
#: In a longer text, looking at each variable would take too long.
_LONGEST = 60_000

Complaint = tuple[int, int, Text, str, Fix | None]


def unlinkable_variables(path: Path, text: str, arch: str, others: Collection[str]) -> Iterator[Complaint]:
    """Start, end, words, class and cure of each; ``others`` are the words of the project's other files, where a name
    must not be met if all files are to see it."""
    if len(text) > _LONGEST:
        return
    code = code_only(text)
    for number, found in enumerate(_DECLARED.finditer(code)):
        group = 1 if found[1] else 2
        variable = variable_at(path, text, found[group], line_at(text, found.start(group)))
        if number >= _MOST or variable is None or not variable.start <= found.start(group) < variable.end:
            continue
        complaint = _complaint(variable, arch, others)
        if complaint is not None:
            yield found.start(group), found.end(group), *complaint


def _complaint(variable: Variable, arch: str, others: Collection[str]) -> tuple[Text, str, Fix | None] | None:
    local = variable.inside is not None and not variable.is_static
    constant = "const" in variable.type.split() and "*" not in variable.declarator
    if local or constant or re.search(r"\*\s*const\b", variable.declarator):
        return None
    written = is_written(variable)
    met = variable.name in others
    if variable.value and not _ZERO.fullmatch(variable.value):
        if not written:  # static: a compiler makes a constant of it
            fix = None if met else made_const_fix(variable)
            return None if variable.is_static else (has_value(variable.name), "data", fix)
        fix = None if met and variable.is_static else set_in_entry_fix(variable)
        return has_value(variable.name), "data", fix
    if variable.is_static and written and arch in _DIRECT:
        return is_static(variable.name), "static-variable", None if met else not_static_fix(variable)
    return None
