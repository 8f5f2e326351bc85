"""Which function races, and how it is called.

The call is the person's: a comment ``# race: crc(bytes(100))`` in or above the function, or typed. Else it is made up
from the types in the function's signature, and said, so that it can be changed.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from toolchains.edits import read_text
from toolchains.errors import ProjectError, StudioError
from toolchains.text import Text, _

#: More files, or longer ones, are not looked through.
_MOST_FILES, _LONGEST = 200, 300_000
_SKIPPED = {"tests", "build", "dist", "typings", "__pycache__"}
_MARK = re.compile(r"#\s*race:\s*(.+?)\s*$")
#: What a machine gives for a type. Large enough to take a moment, small enough for a small heap.
_VALUES = {
    "int": "100", "uint": "100", "float": "1.5", "bool": "True", "str": "'natmod'", "bytes": "bytes(range(256))",
    "bytearray": "bytearray(range(256))", "ptr8": "bytearray(range(256))", "ptr16": "bytearray(512)",
    "ptr32": "bytearray(1024)", "memoryview": "bytearray(range(256))", "list": "list(range(100))",
    "tuple": "tuple(range(100))", "dict": "{'a': 1, 'b': 2}", "complex": "1 + 2j", "object": "100",
}  # fmt: skip


class CannotRace(ProjectError):
    """A function cannot be raced, or there is none of that name. Fields: ``path``, ``line`` or None."""

    code = "race.function"

    def __init__(
        self, what: Text, path: Path, *, line: int | None = None, why: Text | None = None, next_step: Text | None = None
    ) -> None:
        super().__init__(what, why=why, next_step=next_step, path=str(path), line=line)


@dataclass(frozen=True)
class Function:
    """A function at the top of a Python file. ``line`` from 1; ``call``: how it is called; ``given``: by the person."""

    path: Path
    name: str
    line: int
    call: str
    given: bool


def in_project(folder: Path) -> tuple[Function, ...]:
    """All functions that could race, file by file. What cannot be read has none."""
    found: list[Function] = []
    for path in _files(folder):
        try:
            found += functions_of(path, read_text(path))
        except StudioError:  # whoever opens it will be told
            continue
    return tuple(found)


def functions_of(path: Path, text: str) -> tuple[Function, ...]:
    """The functions of one file; none where it is no valid Python."""
    tree = parsed(text)
    return tuple(_function(path, text, node) for node in _top(tree)) if tree is not None else ()


def find(folder: Path, name: str, call: str = "") -> Function:
    """The function ``name`` of a project; one that has its call comes first. Raises :class:`CannotRace`."""
    every = in_project(folder)
    found = sorted((one for one in every if one.name == name), key=lambda one: not one.given)
    if not found:
        known = ", ".join(dict.fromkeys(one.name for one in every if not one.name.startswith("_")))
        raise CannotRace(
            _("There is no function {name} at the top of a Python file of this project.", name=name),
            folder,
            next_step=_("Those that can race: {names}.", names=known) if known else _("Write it in Python first."),
        )
    return with_call(found[0], call) if call else found[0]


def at(path: Path, text: str, line: int) -> Function:
    """The function that a line (from 1) of an open text is in. Raises :class:`CannotRace`."""
    tree = parsed(text)
    if tree is None:
        raise CannotRace(_("{name} is no valid Python yet.", name=path.name), path, line=line)
    for node in _top(tree):
        first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
        if first <= line <= (node.end_lineno or node.lineno):
            return _function(path, text, node)
    raise CannotRace(
        _("There is no function here."),
        path,
        line=line,
        next_step=_("Put the cursor into a function that is no method."),
    )


def with_call(function: Function, call: str) -> Function:
    """The function, called in this way. Raises :class:`CannotRace` for what is no call of it."""
    problem = _call_problem(function.name, call)
    if problem is not None:
        raise CannotRace(
            problem,
            function.path,
            line=function.line,
            next_step=_("Write it like this: {call}", call=f"{function.name}(100)"),
        )
    return Function(function.path, function.name, function.line, call.strip(), True)


def arguments(call: str) -> list[str]:
    """The arguments of a call, as they are written."""
    tree = ast.parse(call.strip(), mode="eval").body
    assert isinstance(tree, ast.Call)
    return [ast.unparse(one) for one in tree.args]


def parsed(text: str) -> ast.Module | None:
    """A text as a tree, None where it is no valid Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _files(folder: Path) -> Iterator[Path]:
    def inside(path: Path) -> bool:
        parts = path.relative_to(folder).parts[:-1]
        return not any(part in _SKIPPED or part.startswith(".") for part in parts)

    try:
        found = sorted(path for path in [*folder.glob("*.py"), *folder.glob("*/*.py")] if inside(path))
        yield from [path for path in found if path.stat().st_size <= _LONGEST][:_MOST_FILES]
    except OSError:  # a folder that went away
        return


def _top(tree: ast.Module) -> Iterable[ast.FunctionDef]:
    return (node for node in tree.body if isinstance(node, ast.FunctionDef))


def _function(path: Path, text: str, node: ast.FunctionDef) -> Function:
    call = _marked(text, node)
    if call and _call_problem(node.name, call) is None:
        return Function(path, node.name, node.lineno, call, True)
    return Function(path, node.name, node.lineno, _made_up(node), False)


def _marked(text: str, node: ast.FunctionDef) -> str:
    """The person's own call, from a comment in the function or just above it."""
    lines = text.splitlines()
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 1
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    found = (_MARK.search(line) for line in lines[first : node.end_lineno])
    return next((mark[1] for mark in found if mark), "")


def _made_up(node: ast.FunctionDef) -> str:
    every = [*node.args.posonlyargs, *node.args.args]
    wanted = every[: len(every) - len(node.args.defaults)]
    return f"{node.name}({', '.join(_value(one) for one in wanted)})"


def _value(argument: ast.arg) -> str:
    if argument.annotation is None:
        return "100"
    kind = re.split(r"[\[| ]", ast.unparse(argument.annotation).strip("'\""))[0]
    return _VALUES.get(kind, "100")


def _call_problem(name: str, call: str) -> Text | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(call.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _("{call} is no valid Python.", call=call)
    if not (isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == name):
        return _("{call} does not call {name}.", call=call, name=name)
    if tree.keywords or any(isinstance(one, ast.Starred) for one in tree.args):
        return _("A race calls with plain arguments only: viper and C know no names in a call.")
    return None
