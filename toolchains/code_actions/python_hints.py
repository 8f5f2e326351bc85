"""Python for boards: constants that are kept in RAM, and names of modules that are others today."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from toolchains.code_actions.places import character
from toolchains.edits import Fix, TextEdit
from toolchains.paths import resources
from toolchains.text import Text, _, _n

#: One row of a module's table of names on a 32-bit board: two words (py/obj.h, mp_map_elem_t). The name itself is in
#: RAM too unless the firmware has it: 64 constants of an .mpy took 20 bytes each on ``sim:rv32``.
ROW_BYTES = 8
#: Numbers of more bits are objects of their own, with const() and without.
_SMALL_BITS = 30
_IMPORT = re.compile(r"^[ \t]*from micropython import [^\n]*\bconst\b", re.M)


@dataclass(frozen=True)
class Hint:
    """One remark: ``line`` from 1, what it says, how many bytes of RAM the fix saves (0: none), and the fix."""

    line: int
    title: Text
    saved: int
    fix: Fix


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = json.loads((resources() / "mend.json").read_text("utf-8"))["u_names"]
    return names


def new_name(name: str) -> str | None:
    """What a module is called today: ``ujson`` is ``json`` since 1.21."""
    return _names().get(name)


def hints_of(path: Path, text: str, others: Iterable[str] = ()) -> tuple[Hint, ...]:
    """All hints for a Python file. ``others`` are the texts of the project's other Python files, which may want what
    this one defines. A file that is not valid Python has none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found = [*_constants(path, text, tree, list(others)), *_old_names(path, text, tree)]
    return tuple(sorted(found, key=lambda one: one.line))


# --- const() ----------------------------------------------------------------------------------------------------------


def _constants(path: Path, text: str, tree: ast.Module, others: list[str]) -> Iterator[Hint]:
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    for one in tree.body:
        if not (isinstance(one, ast.Assign) and len(one.targets) == 1 and isinstance(one.targets[0], ast.Name)):
            continue
        name = one.targets[0].id
        if not name.isupper() or name.startswith("__") or not _is_number(one.value) or _changes(tree, names, name):
            continue
        if name.startswith("_") and _is_const(one):
            continue
        if any(re.search(rf"\b{name}\b", other) for other in others):
            continue
        yield _constant(path, text, one, name, [node for node in names if node.id == name])


def _is_number(node: ast.expr) -> bool:
    """Whether a whole number stands there, in ``const()`` or not."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "const"
        and len(node.args) == 1
    ):
        node = node.args[0]
    parts = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop)
    if any(not isinstance(part, parts) for part in ast.walk(node)):
        return False
    return all(
        type(part.value) is int and part.value.bit_length() <= _SMALL_BITS
        for part in ast.walk(node)
        if isinstance(part, ast.Constant)
    )


def _is_const(one: ast.Assign) -> bool:
    return isinstance(one.value, ast.Call)


def _changes(tree: ast.Module, names: list[ast.Name], name: str) -> bool:
    stored = [node for node in names if node.id == name and not isinstance(node.ctx, ast.Load)]
    declared = any(isinstance(node, ast.Global | ast.Nonlocal) and name in node.names for node in ast.walk(tree))
    wanted = any(isinstance(node, ast.Constant) and node.value == name for node in ast.walk(tree))  # __all__, getattr
    bound = any(isinstance(node, ast.arg) and node.arg == name for node in ast.walk(tree))
    return len(stored) != 1 or declared or wanted or bound


def _constant(path: Path, text: str, one: ast.Assign, name: str, uses: list[ast.Name]) -> Hint:
    new = name if name.startswith("_") else f"_{name}"
    edits = []
    for use in uses:
        at = character(text, use.lineno, use.col_offset)
        if new != name:
            edits.append(TextEdit.at(path, text, at, at + len(name), new))
    if not _is_const(one):
        start = character(text, one.value.lineno, one.value.col_offset)
        end = character(text, one.value.end_lineno or 0, one.value.end_col_offset or 0)
        edits.append(TextEdit.at(path, text, start, end, f"const({text[start:end]})"))
        if not _IMPORT.search(text):
            edits.append(TextEdit.insert(path, _before(text, one), "from micropython import const\n\n"))
    title = _n(
        "{name} takes at least {n} byte of RAM while the program runs; const() with an underscore takes none.",
        "{name} takes at least {n} bytes of RAM while the program runs; const() with an underscore takes none.",
        ROW_BYTES,
        name=name,
    )
    return Hint(
        one.lineno,
        title,
        ROW_BYTES,
        Fix(_("Keep {name} in the code: {new} = const(…)", name=name, new=new), tuple(edits)),
    )


def _before(text: str, one: ast.Assign) -> int:
    """The first line of the block of lines that the assignment is in, so that they stay together."""
    lines = text.splitlines(keepends=True)
    line = one.lineno - 1
    while line and lines[line - 1].strip() and not lines[line - 1].lstrip().startswith(("import ", "from ", '"""')):
        line -= 1
    return sum(len(each) for each in lines[:line])


# --- u-names ----------------------------------------------------------------------------------------------------------


def _old_names(path: Path, text: str, tree: ast.Module) -> Iterator[Hint]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in _names():
                    yield _renamed(path, text, tree, alias)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module in _names():
            start = character(text, node.lineno, node.col_offset)
            at = text.index(node.module, start + len("from"))
            edit = TextEdit.at(path, text, at, at + len(node.module), _names()[node.module])
            yield _name_hint(node.lineno, node.module, (edit,))


def _renamed(path: Path, text: str, tree: ast.Module, alias: ast.alias) -> Hint:
    old, new = alias.name, _names()[alias.name]
    start = character(text, alias.lineno, alias.col_offset)
    end = character(text, alias.end_lineno or 0, alias.end_col_offset or 0)
    shown = new if alias.asname in (None, new) else f"{new} as {alias.asname}"
    edits = [TextEdit.at(path, text, start, end, shown)]
    if alias.asname is None:
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id == old:
                at = character(text, node.lineno, node.col_offset)
                edits.append(TextEdit.at(path, text, at, at + len(old), new))
    return _name_hint(alias.lineno, old, tuple(edits))


def _name_hint(line: int, old: str, edits: tuple[TextEdit, ...]) -> Hint:
    new = _names()[old]
    return Hint(line, _("{old} is called {new} since MicroPython 1.21.", old=old, new=new), 0,
                Fix(_("Write {new}", new=new), edits))  # fmt: skip
