"""A manifest of somebody's own as the lists of ``[firmware]``: read as data, never run.

Where it does more than the lists can say, it is kept whole and used as it is; nothing of it is lost.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from toolchains.errors import UsageError, disk_errors
from toolchains.project_edits import Value
from toolchains.text import Text, _

#: What every stock manifest is included by; a firmware project has it anyway.
_STOCK = ("$(PORT_DIR)/boards/manifest.py", "$(PORT_DIR)/variants/manifest.py", "$(BOARD_DIR)/manifest.py")
_LARGEST = 1 << 20


@dataclass
class Imported:
    """Keys of ``[firmware]``; ``whole`` is why the manifest is kept as it is, None where the lists say all of it."""

    values: dict[str, Value | None] = field(default_factory=dict)
    whole: Text | None = None

    def added(self, name: str, have: Mapping[str, Value | None]) -> dict[str, Value | None]:
        """The keys with what a table has (``have``) before them; ``name`` is the manifest, which the lists replace."""
        found = dict(self.values)
        for key, values in self.values.items():
            before = have.get(key)
            if isinstance(values, list) and isinstance(before, list):
                found[key] = [*before, *(one for one in values if one not in before)]
        if self.whole is None and have.get("manifest") == name:
            found["manifest"] = None
        return found


class _More(Exception):
    """The manifest does something that no list says; caught by :func:`read`."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line, self.what = line, what


def read(path: Path, root: Path) -> Imported:
    """What a manifest in a project freezes. Raises :class:`UsageError` for a file that is none, ``DiskError``."""
    name = _inside(path, root)
    with disk_errors(path):
        text = path.read_bytes()[:_LARGEST].decode("utf-8", "replace")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None) or 1
        raise UsageError(
            _("{file} is no manifest: line {line} is no Python.", file=name, line=line), next_step=_("Correct it.")
        ) from error
    lists: dict[str, list[str]] = {"freeze": [], "require": [], "modules": []}
    try:
        for statement in tree.body:
            for key, value in _entries(statement, path.parent, root):
                if value not in lists[key]:
                    lists[key].append(value)
    except _More as more:
        why = _("Line {line} does more than a list can say ({what}).", line=more.line, what=more.what)
        return Imported({"manifest": name}, why)
    return Imported({key: values for key, values in lists.items() if values})


def _entries(statement: ast.stmt, base: Path, root: Path) -> list[tuple[str, str]]:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return []  # a docstring
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise _More(statement.lineno, type(statement).__name__.lower())
    name, words, named = call.func.id, [_constant(one) for one in call.args], _named(call)
    match name, len(words):
        case "metadata", _:
            return []
        case "include", 1 if words[0] in _STOCK:
            return []
        case "require", 1 if not named:
            return [("require", words[0])]
        case (("module" | "package"), 1) if set(named) <= {"base_path"}:
            return [("freeze", _path(call, base / named.get("base_path", "."), words[0], root))]
        case "c_module", 1 if not named:
            return [("modules", _path(call, base, words[0], root))]
        case "freeze", 2 if not named:
            return [("freeze", _path(call, base / words[0], words[1], root))]
        case "freeze", 1 if not named:
            return [("freeze", _path(call, base / words[0], file, root)) for file in _python_in(base / words[0])]
    raise _More(call.lineno, f"{name}(…)")


def _python_in(folder: Path) -> list[str]:
    """Modules and packages of a folder that is frozen whole."""
    with disk_errors(folder):
        return sorted(
            one.name
            for one in folder.glob("*")
            if not one.name.startswith(".") and (one.suffix == ".py" or any(one.rglob("*.py")))
        )


def _named(call: ast.Call) -> dict[str, str]:
    return {word.arg or "**": _constant(word.value) for word in call.keywords}


def _constant(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise _More(node.lineno, ast.unparse(node)[:40])


def _path(call: ast.Call, folder: Path, name: str, root: Path) -> str:
    path = folder / name
    if "$(" in str(path) or not path.exists():
        raise _More(call.lineno, name)
    try:
        return _inside(path, root)
    except UsageError as error:
        raise _More(call.lineno, name) from error


def _inside(path: Path, root: Path) -> str:
    full = path.resolve()
    if not full.is_relative_to(root.resolve()):
        raise UsageError(
            _("{path} is not in the project.", path=path),
            next_step=_("Copy it into the project: a project that is given away has to be whole."),
        )
    return full.relative_to(root.resolve()).as_posix()
