"""Reading a class: methods, properties, constants, and the methods with two underscores that C has a place for."""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass, field, replace

from toolchains.stubs.annotations import CannotSay, Names, fitted, type_of
from toolchains.stubs.arguments import check_decorator, check_name, function
from toolchains.stubs.model import MISSING, Class, Constant, Function, Kind, Property
from toolchains.text import _

#: Python's name, and MicroPython's for the operator.
UNARY = {
    **{"len": "LEN", "bool": "BOOL", "hash": "HASH", "neg": "NEGATIVE", "pos": "POSITIVE"},
    **{"invert": "INVERT", "abs": "ABS"},
}
BINARY = {
    **{"add": "ADD", "sub": "SUBTRACT", "mul": "MULTIPLY", "truediv": "TRUE_DIVIDE", "floordiv": "FLOOR_DIVIDE"},
    **{"mod": "MODULO", "and": "AND", "or": "OR", "xor": "XOR", "lshift": "LSHIFT", "rshift": "RSHIFT"},
    **{"lt": "LESS", "gt": "MORE", "le": "LESS_EQUAL", "ge": "MORE_EQUAL", "eq": "EQUAL", "contains": "CONTAINS"},
    **{"iadd": "INPLACE_ADD", "isub": "INPLACE_SUBTRACT", "imul": "INPLACE_MULTIPLY"},
}
#: How many arguments each takes, self apart.
_COUNTS = {
    **dict.fromkeys(UNARY, 0),
    **dict.fromkeys(BINARY, 1),
    **{"repr": 0, "str": 0, "iter": 0, "next": 0, "getitem": 1, "setitem": 2, "delitem": 1},
}
#: Methods like any other, whatever their name.
_PLAIN = ("enter", "exit")
_GIVES = {"len": Kind.INT, "hash": Kind.INT, "bool": Kind.BOOL, "repr": Kind.STR, "str": Kind.STR}


def read_class(node: ast.ClassDef, names: Names) -> tuple[Class, list[CannotSay]]:
    """The class, without what has a problem; and the problems."""
    if node.decorator_list:
        raise CannotSay(node, _("A class in C has no decorators."))
    reader = _Reader(replace(names, inside=node.name), node.name)
    for one in node.body:
        try:
            reader.statement(one)
        except CannotSay as problem:
            reader.problems.append(problem)
    found = Class(
        node.name,
        inspect.cleandoc(ast.get_docstring(node, clean=False) or ""),
        reader.init,
        tuple(reader.methods),
        tuple(reader.properties.values()),
        tuple(reader.constants),
        tuple(reader.specials),
        node.lineno,
    )
    if found.special("next") and not found.special("iter"):
        reader.problems.append(CannotSay(node, _("A class with __next__ has __iter__, too, which gives itself.")))
        found = replace(found, specials=tuple(one for one in found.specials if one.name != "__next__"))
    return found, reader.problems


@dataclass
class _Reader:
    names: Names
    name: str
    init: Function | None = None
    methods: list[Function] = field(default_factory=list)
    properties: dict[str, Property] = field(default_factory=dict)
    constants: list[Constant] = field(default_factory=list)
    specials: list[Function] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)
    problems: list[CannotSay] = field(default_factory=list)

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef():
                self.function(node)
            case ast.AsyncFunctionDef():
                raise CannotSay(node, _("C functions cannot be async; write def, and wait in Python."))
            case ast.AnnAssign(target=ast.Name(id=name)):
                self.attribute(node, name)
            case ast.Assign(targets=[ast.Name(id="__slots__")]):
                pass
            case ast.Assign(targets=[ast.Name(id=name)]):
                self.take(node, name)
                value = self.names.value(node.value)
                self.constants.append(Constant(name, type_of(value), value, line=node.lineno))
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                pass
            case _:
                raise CannotSay(node, _("A class has functions and attributes here, nothing else."))

    def take(self, node: ast.stmt, name: str) -> None:
        check_name(node, name)
        if name in self.taken:
            raise CannotSay(
                node, _("There is another {name} in line {line}; C has one.", name=name, line=self.taken[name])
            )
        self.taken[name] = node.lineno

    def attribute(self, node: ast.AnnAssign, name: str) -> None:
        """``x: int`` is kept in each object; ``X: Final = 5`` is the class's constant."""
        self.take(node, name)
        outer = node.annotation.value if isinstance(node.annotation, ast.Subscript) else node.annotation
        fixed = getattr(outer, "id", getattr(outer, "attr", "")) in ("Final", "ClassVar")
        if fixed:
            if node.value is None:
                raise CannotSay(
                    node, _("A constant needs its value, for example: {example}", example=f"{name}: int = 5")
                )
            value = self.names.value(node.value)
            self.constants.append(Constant(name, type_of(value), value, line=node.lineno))
            return
        kind = self.names.type(node.annotation)
        if kind.kind in (Kind.NONE, Kind.ITERATOR):
            raise CannotSay(node, _("C cannot keep a {type} in an object.", type=kind.text))
        value_ = MISSING if node.value is None else self.names.value(node.value)
        if node.value is not None and value_ is not MISSING:
            kind, value_ = fitted(node.value, kind, value_)
        self.properties[name] = Property(name, kind, True, True, value_, line=node.lineno)

    def function(self, node: ast.FunctionDef) -> None:
        static = False
        for mark in node.decorator_list:
            word = mark.attr if isinstance(mark, ast.Attribute) else getattr(mark, "id", "")
            if word == "property":
                return self.getter(node)
            if word == "setter":
                return self.setter(node) if node.name in self.properties else None
            check_decorator(mark)
            static |= word == "staticmethod"
        self.take(node, node.name)
        found = function(node, self.names, method=True, static=static)
        inner = node.name[2:-2] if node.name.startswith("__") and node.name.endswith("__") else ""
        if inner == "init":
            self.init = found
        elif inner and inner not in _PLAIN:
            self.special(node, found, inner)
        else:
            self.methods.append(found)
        return None

    def special(self, node: ast.FunctionDef, found: Function, inner: str) -> None:
        if inner == "call":
            self.specials.append(found)
            return
        if inner not in _COUNTS:
            raise CannotSay(node, _("__{name}__ has no place in a class in C.", name=inner))
        if len(found.arguments) != _COUNTS[inner] or any(not one.needed for one in found.arguments):
            raise CannotSay(
                node, _("__{name}__ takes {count} arguments besides self.", name=inner, count=_COUNTS[inner])
            )
        wanted = _GIVES.get(inner)
        if wanted is not None and found.returns.kind is not wanted:
            raise CannotSay(node, _("__{name}__ gives {type}.", name=inner, type=wanted.value))
        self.specials.append(found)

    def getter(self, node: ast.FunctionDef) -> None:
        self.take(node, node.name)
        found = function(node, self.names, method=True)
        if found.arguments or found.returns.kind is Kind.NONE:
            raise CannotSay(node, _("A property takes self only, and gives a value."))
        self.properties[node.name] = Property(node.name, found.returns, False, False, MISSING, found.doc, node.lineno)

    def setter(self, node: ast.FunctionDef) -> None:
        found = function(node, self.names, method=True)
        if len(found.arguments) != 1:
            raise CannotSay(node, _("What sets a property takes self and the value."))
        self.properties[node.name] = replace(self.properties[node.name], writable=True)
