"""The ways of one function, made by machine, and the script that races them.

Of the function's file each way has what the function needs: imports, values, classes and other functions. What else
stands at the top (loops, calls, ``if __name__``) is a program of its own and is left out. The ways differ in the
function alone: without a decorator, with ``native``, with ``viper`` and the person's types. C is the project's module.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from toolchains.c_text import blanked
from toolchains.code_actions.places import character
from toolchains.code_actions.python_actions import to_viper
from toolchains.code_actions.records import CodeActionError
from toolchains.edits import TextEdit, edited, read_text
from toolchains.errors import disk_errors
from toolchains.project import Project
from toolchains.racing.functions import CannotRace, Function, arguments, parsed
from toolchains.text import Text, _

PYTHON, NATIVE, VIPER = "as_python", "as_native", "as_viper"
SCRIPT = "natmod_race_script.py"
#: Modules that the arguments of a call may name.
_IMPORTS = ("array", "json", "math", "random", "struct", "time")
#: Names that viper knows and Python does not.
_TYPES = frozenset({"ptr", "ptr8", "ptr16", "ptr32", "uint"})
_DECORATORS = ("native", "viper", "bytecode")


@dataclass(frozen=True)
class Variants:
    """``files``: what the board is served, by name. ``labels``: each way's name for people, in their order.

    ``left_out``: ways that could not be made, and why.
    """

    function: Function
    files: Mapping[str, bytes]
    labels: Mapping[str, str]
    left_out: Mapping[str, Text] = field(default_factory=dict)

    @property
    def ways(self) -> tuple[str, ...]:
        """Those that race."""
        return tuple(way for way in self.labels if way not in self.left_out)


def make(function: Function, project: Project, text: str | None = None) -> Variants:
    """All ways of a function. ``text`` of its file, as it is on the screen; else it is read.

    Raises :class:`CannotRace` where not even the Python way can be made, ``EditRefused`` and ``DiskError``.
    """
    source = _Source(function, text if text is not None else read_text(function.path))
    left_out: dict[str, Text] = {}
    files = {PYTHON: source.way(""), NATIVE: source.way("@micropython.native\n")}
    try:
        files[VIPER] = source.viper()
    except CodeActionError as error:
        left_out[VIPER] = error.what
    labels = {PYTHON: "Python", NATIVE: "native", VIPER: "viper"}
    c_way, why = _c_way(function, project)
    labels[c_way] = "C"
    if why is not None:
        left_out[c_way] = why
    made = Variants(function, {}, labels, left_out)
    served = {f"{way}.py": code.encode() for way, code in files.items()}
    return Variants(function, {**served, SCRIPT: _script(function, made.ways).encode()}, labels, left_out)


class _Source:
    """The file of the function, in pieces."""

    def __init__(self, function: Function, text: str) -> None:
        self._function, self._text = function, text.replace("\r\n", "\n")
        tree = parsed(self._text)
        if tree is None:
            raise CannotRace(_("{name} is no valid Python yet.", name=function.path.name), function.path)
        self._tree = tree
        found = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == function.name]
        if not found:
            raise CannotRace(
                _("There is no function {name} in {file} any more.", name=function.name, file=function.path.name),
                function.path,
            )
        self._node = found[-1]

    def way(self, decorator: str) -> str:
        """The file with the function behind ``decorator`` instead of its own of MicroPython's."""
        return "\n".join(self._pieces(self._node, f"{decorator}{self._plain(self._node)}"))

    def viper(self) -> str:
        """The file with the person's own viper function, else with one made of it. Raises CodeActionError."""
        name = self._function.name
        if any(_speed_of(one) == "viper" for one in self._node.decorator_list):
            return self.way("@micropython.viper\n")
        own = self._own_viper(f"{name}_viper")
        if own is None:
            bare = _Source(self._function, self.way(""))
            place = bare._text.index(f"def {name}(")
            fix = to_viper(self._function.path, bare._text, place)
            made = _counted(edited(bare._text, fix.edits), f"{name}_viper")
            bare = _Source(Function(self._function.path, f"{name}_viper", 0, "", False), made)
            own, pieces = bare._node, bare
        else:
            pieces = self
        code = re.sub(rf"\bdef {name}_viper\b", f"def {name}", pieces._plain(own), count=1)
        return "\n".join(pieces._pieces(own, f"@micropython.viper\n{code}"))

    def _own_viper(self, name: str) -> ast.FunctionDef | None:
        found = (one for one in self._tree.body if isinstance(one, ast.FunctionDef) and one.name == name)
        return next(found, None)

    def _pieces(self, node: ast.FunctionDef, code: str) -> Iterator[str]:
        """What the function needs, in the file's order, and itself."""
        needed = self._needed(node)
        yield "import micropython"
        for one in self._tree.body:
            if one is node:
                yield code
            elif one in needed:
                yield self._lines(one)

    def _needed(self, node: ast.FunctionDef) -> list[ast.stmt]:
        needed: list[ast.stmt] = []
        wanted, seen = _used(node), set[str]()
        while new := wanted - seen:
            seen |= new
            for one in self._tree.body:
                if one is not node and one not in needed and _defines(one) & new:
                    needed.append(one)
                    wanted = wanted | _used(one)
        return needed

    def _lines(self, node: ast.stmt) -> str:
        decorators = node.decorator_list if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
        first = min([node.lineno, *(one.lineno for one in decorators)])
        return "\n".join(self._text.split("\n")[first - 1 : node.end_lineno])

    def _plain(self, node: ast.FunctionDef) -> str:
        """A function without MicroPython's decorators; others stay."""
        lines = self._text.split("\n")
        kept = [f"@{ast.unparse(one)}\n" for one in node.decorator_list if _speed_of(one) is None]
        return "".join(kept) + "\n".join(lines[node.lineno - 1 : node.end_lineno])


def _counted(text: str, name: str) -> str:
    """The text with ``int()`` around each ``len()`` of a function: viper takes it for an object, and counts badly."""
    tree = ast.parse(text)
    node = next(one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == name)
    edits = []
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "len":
            start = character(text, call.lineno, call.col_offset)
            end = character(text, call.end_lineno or 0, call.end_col_offset or 0)
            if not text[:start].endswith("int("):
                edits.append(TextEdit.insert(Path(), start, "int("))
                edits.append(TextEdit.insert(Path(), end, ")"))
    return edited(text, edits)


def _speed_of(decorator: ast.expr) -> str | None:
    """``native`` for ``@micropython.native``."""
    base, _dot, name = ast.unparse(decorator).rpartition(".")
    return name if base == "micropython" and name in _DECORATORS else None


def _used(node: ast.AST) -> set[str]:
    """Names that a statement reads, those of annotations included: viper's arguments have them."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)} - _TYPES


def _defines(node: ast.stmt) -> set[str]:
    """Names that a statement of a file's top gives, if it is one that only gives names."""
    match node:
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {(one.asname or one.name).split(".")[0] for one in names}
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
            return {name}
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)}
        case ast.Try(body=body, handlers=handlers):
            inside = [*body, *(one for handler in handlers for one in handler.body)]
            return set().union(*map(_defines, inside)) if inside else set()
    return set()


def _c_way(function: Function, project: Project) -> tuple[str, Text | None]:
    """The module of the project's C, and why it cannot race, if so."""
    if not project.native:
        return "as_c", _("the project has no C yet")
    name = function.name
    for source in project.sources:
        path = project.root / source
        with disk_errors(path):
            text = path.read_text("utf-8", "replace")
        if re.search(rf"\bMP_QSTR_{re.escape(name)}\b", blanked(text)):
            return project.name, None
    if project.makefile is not None:
        return project.name, None  # its sources are known when it is built; without the function it says so
    return project.name, _("there is no {name} in the C of {module} yet", name=name, module=project.name)


def _script(function: Function, ways: tuple[str, ...]) -> str:
    values = arguments(function.call)
    names = [f"a{n}" for n in range(len(values))]
    used = {one.id for one in ast.walk(ast.parse(function.call)) if isinstance(one, ast.Name)}
    lines = ["import natmod_race", *(f"import {name}" for name in _IMPORTS if name in used)]
    lines += [
        "def begin():",
        *(f"    global {name}\n    {name} = {value}" for name, value in zip(names, values, strict=True)),
    ]
    lines += ["    return", f"def lap(way):\n    return way.{function.name}({', '.join(names)})"]
    kept = "".join(f"{name}, " for name in names)
    lines += [
        "def result(value):",
        f"    changed = [one for one in ({kept}) if isinstance(one, (bytearray, list, dict))]",
    ]
    lines += ["    return (value, changed) if changed else value"]
    lines += [f"natmod_race.run(lap, {', '.join(map(repr, ways))}, begin=begin, result=result)"]
    return "\n".join(lines) + "\n"
