"""Reading one function: names, arguments, what it gives, what it raises."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator

from toolchains.stubs.annotations import CannotSay, Names, default_of
from toolchains.stubs.exceptions import raised
from toolchains.stubs.model import MISSING, NOTHING, OBJECT, Argument, Function, Kind, Type
from toolchains.text import _

#: More can be declared, and nobody can call it.
_MOST = 32
_LONGEST_NAME = 64
#: What a Python function may say about itself that means nothing in C.
_NO_MATTER = ("native", "viper", "staticmethod", "property", "setter")


def check_name(node: ast.AST, name: str) -> None:
    """Raise :class:`CannotSay` for a name that C or an interned string cannot have."""
    if not name.isascii():
        raise CannotSay(node, _("{name}: C names have letters without accents, digits and _ only.", name=name))
    if len(name) > _LONGEST_NAME:
        raise CannotSay(node, _("A name has at most {n} letters.", n=_LONGEST_NAME))


def check_decorator(node: ast.expr) -> None:
    """Raise :class:`CannotSay` for a decorator that changes what a function is."""
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    if name == "overload":
        raise CannotSay(node, _("C has one function for a name; write one signature, with object where types differ."))
    if name not in _NO_MATTER:
        raise CannotSay(node, _("@{name} has no meaning in C.", name=ast.unparse(node)))


def function(node: ast.FunctionDef, names: Names, *, method: bool, static: bool = False) -> Function:
    """The record of a function; a method's first argument is left out."""
    check_name(node, node.name)
    if getattr(node, "type_params", None):
        raise CannotSay(node, _("C functions have no type parameters."))
    given = node.args
    if given.kwarg is not None:
        raise CannotSay(given.kwarg, _("**{name} is not offered; take a dict.", name=given.kwarg.arg))
    found = list(_arguments(given, names, skip=int(method and not static), node=node))
    if len(found) > _MOST:
        raise CannotSay(node, _("A function has at most {n} arguments.", n=_MOST))
    doc = inspect.cleandoc(ast.get_docstring(node, clean=False) or "")
    returns = OBJECT if node.returns is None else names.type(node.returns)
    if node.name == "__init__":
        returns = NOTHING
    _check_return(node, returns)
    made = Function(node.name, tuple(found), returns, doc, raised(doc), static, node.lineno)
    if made.many is not None and made.keywords:
        raise CannotSay(node, _("*{name} goes with arguments that every call gives only.", name=made.many.name))
    return made


def _arguments(given: ast.arguments, names: Names, *, skip: int, node: ast.FunctionDef) -> Iterator[Argument]:
    plain = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(given.defaults))
    defaults += given.defaults
    if len(plain) < skip:
        raise CannotSay(node, _("A method's first argument is self; for one without it write @staticmethod."))
    for number, (one, default) in enumerate(zip(plain, defaults, strict=True)):
        if number >= skip:
            by_position = number < len(given.posonlyargs)
            yield _argument(one, default, names, "position" if by_position else "either")
    if given.vararg is not None:
        kind = _type(given.vararg, names)
        yield Argument(given.vararg.arg, kind, MISSING, "many", given.vararg.lineno)
    for one, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        yield _argument(one, default, names, "name")


def _argument(one: ast.arg, default: ast.expr | None, names: Names, how: str) -> Argument:
    kind, value = default_of(names, _type(one, names), default)
    return Argument(
        one.arg, kind, value, "position" if how == "position" else "name" if how == "name" else "either", one.lineno
    )


def _type(one: ast.arg, names: Names) -> Type:
    check_name(one, one.arg)
    kind = OBJECT if one.annotation is None else names.type(one.annotation)
    if kind.kind is Kind.NONE:
        raise CannotSay(one, _("An argument that is always None says nothing."))
    if kind.kind is Kind.ITERATOR:
        raise CannotSay(
            one, _("C cannot walk through an iterator that it is given; take a list, or call it in Python.")
        )
    return kind


def _check_return(node: ast.FunctionDef, kind: Type) -> None:
    where = node.returns or node
    if kind.kind is Kind.ITERATOR and node.name != "__iter__":
        raise CannotSay(where, _("A function in C cannot yield; write a class with __iter__ and __next__."))
    if kind.kind is Kind.SEQUENCE:
        raise CannotSay(where, _("Say which of the two C makes: list or tuple."))
    if kind.kind in (Kind.BYTES, Kind.BUFFER) and kind.text.split(" ")[0].rpartition(".")[2] not in (
        "bytes",
        "bytearray",
    ):
        raise CannotSay(where, _("C can give bytes and bytearray, no {type}.", type=kind.text))
