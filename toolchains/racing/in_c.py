"""The frame of a function in C, by the stub generator: into the project's C file, or as the project's first one."""

from __future__ import annotations

import ast

from toolchains.code_actions import to_c
from toolchains.edits import Fix, read_text
from toolchains.project import Project
from toolchains.racing.functions import CannotRace, Function, parsed
from toolchains.stubs.files import plan
from toolchains.stubs.signatures import read
from toolchains.text import _


def in_c(function: Function, project: Project, text: str) -> Fix:
    """The edits that put it there. Raises :class:`CannotRace`, CodeActionError, StubError, EditRefused, DiskError."""
    for source in project.sources:
        path = project.root / source
        c_text = read_text(path)
        if "MP_DYNRUNTIME_INIT_EXIT" in c_text:
            place = sum(len(line) for line in text.splitlines(keepends=True)[: function.line - 1])
            return to_c(function.path, text, place, path, c_text, project.name)
    if project.native:
        raise CannotRace(
            _("{name} has no C file with mpy_init, where a function could go.", name=project.name), function.path
        )
    reading = read(f"{_signature(function, text)}: ...\n", f"{function.name}_c")
    if reading.problems:
        raise CannotRace(reading.problems[0].text, function.path, line=function.line)
    return plan(reading.module, "natmod", project.root)


def _signature(function: Function, text: str) -> str:
    tree = parsed(text)
    found = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == function.name] if tree else []
    if not found:
        raise CannotRace(
            _("There is no function {name} in {file} any more.", name=function.name, file=function.path.name),
            function.path,
        )
    node = found[-1]
    gives = any(isinstance(one, ast.Return) and one.value is not None for one in ast.walk(node))
    back = ast.unparse(node.returns) if node.returns else "object" if gives else "None"
    return f"def {node.name}({ast.unparse(node.args)}) -> {back}"
