"""In Python: the function at a place as a viper version beside it, or as a function of the project's C file."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from pathlib import Path

from toolchains.c_text import line_at
from toolchains.code_actions.c_actions import add_function
from toolchains.code_actions.places import character
from toolchains.code_actions.records import CodeActionError
from toolchains.edits import Fix, TextEdit, edited
from toolchains.text import Text, _

#: What viper has of its own for an annotation. Pointers are for bytes alone: viper checks no bounds.
_VIPER = {"int": "int", "bool": "bool", "uint": "uint", "bytearray": "ptr8", "ptr8": "ptr8", "ptr16": "ptr16",
          "ptr32": "ptr32", "object": "object"}  # fmt: skip


def actions_at(path: Path, text: str, place: int) -> tuple[Fix, ...]:
    """What can be done at the character ``place`` of a Python file, without C."""
    function = _function_at(text, place)
    if function is None or _viper_problem(function) is not None or _is_fast(function):
        return ()
    fix = to_viper(path, text, place)
    return (fix,)


def to_viper(path: Path, text: str, place: int) -> Fix:
    """``NAME_viper`` behind the function ``NAME``, so that both can be tried. Raises :class:`CodeActionError`."""
    function = _function_at(text, place)
    if function is None:
        raise CodeActionError(_("There is no function here."), path, line_at(text, place))
    problem = _viper_problem(function)
    if problem is not None:
        raise CodeActionError(problem, path, function.lineno)
    name = f"{function.name}_viper"
    if re.search(rf"\bdef {name}\b", text):
        raise CodeActionError(_("There is a {name} already.", name=name), path, function.lineno)
    lines = text.splitlines(keepends=True)
    end = sum(len(line) for line in lines[: function.end_lineno])
    before = "" if text[:end].endswith("\n") else "\n"
    new = f"{before}\n\n{_viper_text(function, name, text)}"
    edits = [TextEdit.insert(path, end, new)]
    if not re.search(r"^[ \t]*import (?:[\w, ]+, ?)?micropython\b", text, re.M):
        edits.insert(0, TextEdit.insert(path, _import_place(text), "import micropython\n"))
    return Fix(_("Add a viper version of {name}", name=function.name), tuple(edits))


def to_c(path: Path, text: str, place: int, c_path: Path, c_text: str, module: str) -> Fix:
    """The same function in the project's C file, its Python lines as a comment to be written in C.

    Raises :class:`CodeActionError` for one that C cannot express.
    """
    function = _function_at(text, place)
    if function is None:
        raise CodeActionError(_("There is no function here."), path, line_at(text, place))
    signature = f"def {function.name}({ast.unparse(function.args)})"
    signature += f" -> {ast.unparse(function.returns)}" if function.returns else _given_back(function)
    fix = add_function(c_path, c_text, module, signature, _body(function, text))
    return Fix(_("Write {name} in C, in {file}", name=function.name, file=c_path.name), fix.edits)


def _given_back(function: ast.FunctionDef) -> str:
    gives = any(isinstance(one, ast.Return) and one.value is not None for one in ast.walk(function))
    return " -> object" if gives else " -> None"


def _function_at(text: str, place: int) -> ast.FunctionDef | None:
    """The function at the top of the file that a place is in."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    line = line_at(text, place)
    for one in tree.body:
        if isinstance(one, ast.FunctionDef):
            first = min([one.lineno, *(decorator.lineno for decorator in one.decorator_list)])
            if first <= line <= (one.end_lineno or one.lineno):
                return one
    return None


def _is_fast(function: ast.FunctionDef) -> bool:
    return any("micropython." in ast.unparse(one) for one in function.decorator_list)


def _viper_problem(function: ast.FunctionDef) -> Text | None:
    """Why viper cannot compile it, in words."""
    arguments = function.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults:
        return _("Viper functions have plain arguments only: no defaults, no * and no names in the call.")
    if len(arguments.args) > 4:
        return _("Viper functions have four arguments at most.")
    if function.returns is None and any(isinstance(one, ast.Return) and one.value for one in ast.walk(function)):
        return _("Viper must know what the function gives back: write -> int, for example.")
    for node in ast.walk(function):
        if isinstance(node, ast.Yield | ast.YieldFrom | ast.Await):
            return _("Viper functions cannot be generators.")
        if isinstance(node, ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef) or (
            isinstance(node, ast.FunctionDef) and node is not function
        ):
            return _("Viper functions cannot have functions or classes inside.")
    return None


def _viper_text(function: ast.FunctionDef, name: str, text: str) -> str:
    arguments = []
    for one in function.args.args:
        kind = _VIPER.get(ast.unparse(one.annotation)) if one.annotation is not None else None
        kind = "object" if kind == "ptr8" and _needs_object(function, one.arg) else kind
        arguments.append(f"{one.arg}: {kind}" if kind else one.arg)
    gives = _VIPER.get(ast.unparse(function.returns), "") if function.returns is not None else ""
    back = f" -> {gives}" if gives else ""
    body = _body(function, _casting(function, text, gives) if gives and gives != "object" else text)
    return (
        f"@micropython.viper\ndef {name}({', '.join(arguments)}){back}:\n{textwrap.indent(body, '    ')}".rstrip()
        + "\n"
    )


def _casting(function: ast.FunctionDef, text: str, kind: str) -> str:
    """The file with a cast around what is given back: viper does not make numbers of objects by itself."""
    edits = []
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
            value = node.value
            start = character(text, value.lineno, value.col_offset)
            end = character(text, value.end_lineno or 0, value.end_col_offset or 0)
            if not text[start:end].startswith(f"{kind}("):
                edits.append(TextEdit.at(Path(), text, start, end, f"{kind}({text[start:end]})"))
    return edited(text, edits)


def _needs_object(function: ast.FunctionDef, name: str) -> bool:
    """Whether the argument is used in a way that a pointer cannot serve: ``len(x)``, ``x[1:2]``, ``x.find()``."""
    fine = {
        id(node.value)
        for node in ast.walk(function)
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice)
    }
    return any(isinstance(node, ast.Name) and node.id == name and id(node) not in fine for node in ast.walk(function))


def _body(function: ast.FunctionDef, text: str) -> str:
    """The lines of the body, from the left margin, comments and all."""
    first, every = function.body[0].lineno, text.splitlines()
    if first == function.lineno:
        return "\n".join(map(ast.unparse, function.body))
    while first - 1 > function.lineno and every[first - 2].lstrip()[:1] in ("", "#"):
        first -= 1
    return textwrap.dedent("\n".join(every[first - 1 : function.end_lineno]))


def _import_place(text: str) -> int:
    """Behind the imports at the top, or behind the first comments and the docstring."""
    tree = ast.parse(text)
    last = 0
    for one in tree.body:
        is_doc = isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) and last == 0
        if not is_doc and not isinstance(one, ast.Import | ast.ImportFrom):
            break
        last = one.end_lineno or last
    return sum(len(line) for line in text.splitlines(keepends=True)[:last])
