"""Python signatures, read as data: ``ast`` only, nothing is run. What C cannot express is said, with its line."""

from __future__ import annotations

import ast
import inspect
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from toolchains.module_names import name_problem
from toolchains.stubs import arguments
from toolchains.stubs.annotations import CannotSay, Names, fitted, type_of
from toolchains.stubs.classes import read_class
from toolchains.stubs.exceptions import base_of, is_plain
from toolchains.stubs.model import Class, Constant, Exceptional, Function, Kind, Module
from toolchains.text import Text, _

#: Nobody writes longer signatures by hand.
_LONGEST = 256 * 1024


@dataclass(frozen=True, order=True)
class Problem:
    """What C cannot express, or cannot be read; ``line`` and ``column`` count from 1."""

    line: int
    column: int
    text: Text = field(compare=False)


@dataclass(frozen=True)
class Reading:
    """The module, without the parts that have a problem; and the problems, in the order of their lines."""

    module: Module
    problems: tuple[Problem, ...]


def read(text: str, name: str, origin: str = "") -> Reading:
    """The module ``name`` that signatures (of a ``.pyi``, or typed) describe. Never raises for what stands in them."""
    reader = _Reader()
    wrong = name_problem(name)
    if wrong is not None:
        reader.problems.append(Problem(1, 1, wrong))
    tree = _parsed(text, reader.problems)
    reader.names.classes = {one.name for one in tree.body if isinstance(one, ast.ClassDef) and is_plain(one)}
    for node in tree.body:
        with reader.declaration():
            reader.statement(node)
    doc = inspect.cleandoc(ast.get_docstring(tree, clean=False) or "")
    module = Module(
        name,
        doc,
        tuple(reader.constants),
        tuple(reader.exceptions.values()),
        tuple(reader.functions),
        tuple(reader.classes),
        origin,
    )
    return Reading(module, tuple(sorted(reader.problems)))


def _parsed(text: str, problems: list[Problem]) -> ast.Module:
    nothing = ast.Module([], [])
    if len(text) > _LONGEST:
        problems.append(Problem(1, 1, _("The text is too long for signatures.")))
        return nothing
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" in a docstring
            tree = ast.parse(text.removeprefix("\ufeff"))
            ast.unparse(tree)  # what is nested too deeply for us fails here, not in the middle
            return tree
    except SyntaxError as error:
        why = _("This is no Python: {why}.", why=str(error.msg).rstrip("."))
        problems.append(Problem(max(error.lineno or 1, 1), max(error.offset or 1, 1), why))
    except ValueError:
        problems.append(Problem(1, 1, _("This is no text: it has bytes of value 0 in it.")))
    except (RecursionError, MemoryError):
        problems.append(Problem(1, 1, _("This is nested too deeply.")))
    return nothing


@dataclass
class _Reader:
    names: Names = field(default_factory=Names)
    problems: list[Problem] = field(default_factory=list)
    constants: list[Constant] = field(default_factory=list)
    exceptions: dict[str, Exceptional] = field(default_factory=dict)
    functions: list[Function] = field(default_factory=list)
    classes: list[Class] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def declaration(self) -> Iterator[None]:
        """What cannot be said is noted; the next declaration is read all the same."""
        try:
            yield
        except CannotSay as problem:
            self.problems.append(Problem(problem.line, problem.column, problem.text))

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef():
                for mark in node.decorator_list:
                    arguments.check_decorator(mark)
                if node.name == "__init__":
                    raise CannotSay(node, _("What happens at the import stands in the C code, in a part of its own."))
                self.take(node, node.name)
                self.functions.append(arguments.function(node, self.names, method=False))
            case ast.AsyncFunctionDef():
                raise CannotSay(node, _("C functions cannot be async; write def, and wait in Python."))
            case ast.ClassDef():
                self.class_(node)
            case ast.AnnAssign(target=ast.Name(id=name)):
                self.annotated(node, name)
            case ast.Assign(targets=[ast.Name(id=name)]):
                self.assigned(node, name)
            case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Expr(value=ast.Constant()):
                pass
            case _:
                raise CannotSay(node, _("Only functions, classes and constants are read here."))

    def take(self, node: ast.stmt, name: str) -> None:
        """Note a name of the module; the second of the same name is a problem."""
        arguments.check_name(node, name)
        if name in self.taken:
            raise CannotSay(
                node, _("There is another {name} in line {line}; C has one.", name=name, line=self.taken[name])
            )
        self.taken[name] = node.lineno

    def class_(self, node: ast.ClassDef) -> None:
        self.take(node, node.name)
        base = base_of(node, self.exceptions)
        if base is not None:
            doc = inspect.cleandoc(ast.get_docstring(node, clean=False) or "")
            self.exceptions[node.name] = Exceptional(node.name, base, doc, node.lineno)
            return
        found, problems = read_class(node, self.names)
        self.classes.append(found)
        self.problems += [Problem(one.line, one.column, one.text) for one in problems]

    def annotated(self, node: ast.AnnAssign, name: str) -> None:
        if name == "__all__":
            return
        if getattr(node.annotation, "id", "") == "TypeAlias" and node.value is not None:
            self.take(node, name)
            self.names.aliases[name] = self.names.type(node.value)
            return
        self.take(node, name)
        if node.value is None:
            raise CannotSay(node, _("A constant needs its value, for example: {example}", example=f"{name}: int = 5"))
        value = self.names.value(node.value)
        kind = type_of(value)
        if getattr(node.annotation, "id", "") != "Final":
            kind, value = fitted(node.value, self.names.type(node.annotation), value)
        self.constant(node, name, Constant(name, kind, value, line=node.lineno))

    def assigned(self, node: ast.Assign, name: str) -> None:
        if name == "__all__":
            return
        self.take(node, name)
        if isinstance(node.value, ast.Subscript) or (
            isinstance(node.value, (ast.Name, ast.BinOp)) and getattr(node.value, "id", "") not in self.names.values
        ):
            self.names.aliases[name] = self.names.type(node.value)  # Point = tuple[int, int]
            return
        value = self.names.value(node.value)
        self.constant(node, name, Constant(name, type_of(value), value, line=node.lineno))

    def constant(self, node: ast.stmt, name: str, found: Constant) -> None:
        if found.type.kind in (Kind.CALLBACK, Kind.DICT, Kind.LIST, Kind.BUFFER, Kind.OWN):
            raise CannotSay(node, _("A constant is a number, a text, bytes or a tuple of them."))
        self.names.values[name] = found.value
        self.constants.append(found)
