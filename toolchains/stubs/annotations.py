"""Annotations and the values behind ``=``, as far as C can express them."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass, field, replace
from typing import cast

from toolchains.stubs.model import MISSING, NOTHING, Kind, Literals, Missing, Type
from toolchains.text import Text, _

#: Deeper than anybody nests types; what is deeper is there to break a reader.
_DEEPEST = 12
_WORDS = {
    **{kind.value: kind for kind in Kind if kind not in (Kind.OWN, Kind.ITERATOR)},
    **{"List": Kind.LIST, "Tuple": Kind.TUPLE, "Dict": Kind.DICT, "Any": Kind.OBJECT, "Mapping": Kind.DICT},
    **{"memoryview": Kind.BYTES, "Buffer": Kind.BYTES, "ReadableBuffer": Kind.BYTES, "AnyReadableBuf": Kind.BYTES},
    **{"array": Kind.BUFFER, "WriteableBuffer": Kind.BUFFER, "AnyWritableBuf": Kind.BUFFER},
    **{"uint": Kind.INT, "ptr8": Kind.BUFFER, "ptr16": Kind.BUFFER, "ptr32": Kind.BUFFER, "ptr": Kind.BUFFER},
    **{"Iterator": Kind.ITERATOR, "Generator": Kind.ITERATOR, "Self": Kind.OWN},
}
_INSTEAD = {
    "Iterable": "list",
    "set": "list",
    "frozenset": "tuple",
    "complex": "tuple[float, float]",
    "Optional": "int | None",
    "MutableSequence": "list",
    "NoReturn": "None",
    "Literal": "str",
    "type": "object",
    "range": "tuple[int, int, int]",
}
#: What mp_int_t holds on every board.
SMALLEST, BIGGEST, BIGGEST_UNSIGNED = -(1 << 31), (1 << 31) - 1, (1 << 32) - 1


class CannotSay(Exception):
    """Something that C cannot express: where, and in words. Caught where the declaration around it is read."""

    def __init__(self, node: ast.AST, text: Text) -> None:
        super().__init__(text)
        self.line: int = getattr(node, "lineno", 1)
        self.column: int = getattr(node, "col_offset", 0) + 1
        self.text = text


@dataclass
class Names:
    """What words mean in this text: its classes, its aliases for types, its constants; ``inside``: of which class."""

    classes: set[str] = field(default_factory=set)
    aliases: dict[str, Type] = field(default_factory=dict)
    values: dict[str, Literals] = field(default_factory=dict)
    inside: str = ""

    def type(self, node: ast.expr, depth: int = 0) -> Type:
        """The type that an annotation means. Raises :class:`CannotSay`."""
        if depth > _DEEPEST:
            raise CannotSay(node, _("This type is nested too deeply."))
        found = self._plain(node, depth)
        return found if getattr(node, "id", "") in self.aliases else replace(found, text=ast.unparse(node))

    def _plain(self, node: ast.expr, depth: int) -> Type:
        if isinstance(node, ast.Constant):
            return self._constant(node, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._either(node, _alternatives(node), depth)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, depth)
        return self._word(node)

    def _constant(self, node: ast.Constant, depth: int) -> Type:
        if node.value is None:
            return NOTHING
        if isinstance(node.value, str):
            try:
                inner = ast.parse(node.value, mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                raise CannotSay(node, _("{text} is no type.", text=_short(node))) from error
            for part in ast.walk(inner):  # where it stands in the file, not in the string
                if isinstance(part, ast.expr):
                    part.lineno, part.col_offset = node.lineno, node.col_offset
            return self.type(inner, depth + 1)
        raise CannotSay(node, _("{text} is no type.", text=_short(node)))

    def _either(self, node: ast.expr, parts: list[ast.expr], depth: int) -> Type:
        types = [self.type(part, depth + 1) for part in parts]
        kinds = {one.kind for one in types} - {Kind.NONE}
        optional = any(one.kind is Kind.NONE or one.optional for one in types)
        others = [one for one in types if one.kind is not Kind.NONE]
        if not others:
            return NOTHING
        if len(others) == 1:
            return replace(others[0], optional=optional)
        if kinds == {Kind.INT, Kind.FLOAT}:
            return Type(Kind.FLOAT, optional)
        if kinds and kinds <= {Kind.BYTES, Kind.BUFFER}:
            return Type(Kind.BYTES, optional)
        if kinds and kinds <= {Kind.LIST, Kind.TUPLE, Kind.SEQUENCE}:
            return Type(Kind.SEQUENCE, optional)
        raise CannotSay(node, _("C takes one type here, not a choice; write object and look at it in C."))

    def _word(self, node: ast.expr) -> Type:
        name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
        if name in self.aliases:
            return self.aliases[name]
        if name in self.classes:
            return Type(Kind.OWN, name=name)
        kind = _WORDS.get(name)
        if kind is Kind.OWN and self.inside:
            return Type(Kind.OWN, name=self.inside)
        if kind is None or kind is Kind.OWN:
            other = _INSTEAD.get(name)
            if other is not None:
                raise CannotSay(node, _("{name} cannot be written in C; {other} can.", name=name, other=other))
            raise CannotSay(
                node,
                _(
                    "{name} is not known here: it is no type that C can take, and no class of this module.",
                    name=_short(node),
                ),
            )
        return Type(kind, rest=kind is Kind.TUPLE)

    def _subscript(self, node: ast.Subscript, depth: int) -> Type:
        word = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        inside = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        if word == "Optional":
            return replace(self.type(node.slice, depth + 1), optional=True)
        if word == "Union":
            return self._either(node, inside, depth)
        if word in ("Final", "ClassVar", "Annotated", "Required") and inside:
            return self.type(inside[0], depth + 1)
        outer = self._word(node.value)
        if outer.kind is Kind.CALLBACK:
            return self._callback(node, inside, depth)
        rest = outer.kind is Kind.TUPLE and len(inside) == 2 and _is_dots(inside[1])
        items = tuple(self.type(one, depth + 1) for one in (inside[:1] if rest else inside))
        wanted = {Kind.LIST: 1, Kind.SEQUENCE: 1, Kind.DICT: 2, Kind.ITERATOR: None, Kind.TUPLE: None}
        if outer.kind is Kind.BUFFER:
            return outer  # array.array[int]
        if outer.kind not in wanted or wanted[outer.kind] not in (None, len(items)):
            raise CannotSay(node, _("{text} is no type.", text=_short(node)))
        if outer.kind is Kind.TUPLE and isinstance(node.slice, ast.Tuple) and not node.slice.elts:
            items = ()
        return Type(outer.kind, items=items, rest=rest)

    def _callback(self, node: ast.Subscript, inside: list[ast.expr], depth: int) -> Type:
        """``items`` are the arguments, then what it gives; no arguments are known of ``Callable[..., int]``."""
        if len(inside) != 2:
            raise CannotSay(node, _("Write it like this: {example}", example="Callable[[int, str], None]"))
        given = inside[0].elts if isinstance(inside[0], ast.List) else []
        items = tuple(self.type(one, depth + 1) for one in given)
        return Type(Kind.CALLBACK, items=(*items, self.type(inside[1], depth + 1)))

    # --- values ---

    def value(self, node: ast.expr) -> Literals:
        """A literal, or the name of a constant above. Raises :class:`CannotSay`."""
        if isinstance(node, ast.Name) and node.id in self.values:
            return self.values[node.id]
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "const" and len(node.args) == 1:
            return self.value(node.args[0])
        if _is_dots(node):
            raise CannotSay(node, _("C needs the value itself in place of the dots."))
        if isinstance(node, (ast.List, ast.Dict, ast.Set)):
            raise CannotSay(node, _("What can be changed is no value here; write None, and make it in C."))
        try:
            found = ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
            raise CannotSay(
                node, _("C needs a plain value here, not {text}: a number, a text, None.", text=_short(node))
            ) from error
        _check_value(node, found)
        return cast(Literals, found)


def fitted(node: ast.expr, kind: Type, value: Literals) -> tuple[Type, Literals]:
    """A default in its argument's type: an int is a float too, and None makes a type optional."""
    if value is None:
        return replace(kind, optional=kind.kind not in (Kind.OBJECT, Kind.NONE)), None
    if kind.kind is Kind.FLOAT and isinstance(value, int) and not isinstance(value, bool):
        return kind, float(value)
    if kind.kind is Kind.INT and isinstance(value, int) and not SMALLEST <= value <= BIGGEST:
        raise CannotSay(node, _("{value} is too big for an int in C.", value=value))
    if kind.kind is Kind.INT and isinstance(value, bool):
        return kind, int(value)
    good = kind.kind is Kind.OBJECT or type_of(value).kind is kind.kind
    if kind.kind is Kind.SEQUENCE:
        good = isinstance(value, tuple)
    if not good:
        raise CannotSay(
            node, _("{value} is no {type}; for a list or an object write None.", value=_short(node), type=kind.text)
        )
    return kind, value


def type_of(value: Literals) -> Type:
    """The type of a literal."""
    if isinstance(value, tuple):
        return Type(Kind.TUPLE, items=tuple(type_of(one) for one in value), text="tuple")
    kinds = {bool: Kind.BOOL, int: Kind.INT, float: Kind.FLOAT, str: Kind.STR, bytes: Kind.BYTES}
    kind = kinds.get(type(value), Kind.NONE)
    return Type(kind, text=kind.value)


def default_of(names: Names, kind: Type, node: ast.expr | None) -> tuple[Type, Literals | Missing]:
    """An argument's type and default from what stands behind ``=``."""
    return (kind, MISSING) if node is None else fitted(node, kind, names.value(node))


def _check_value(node: ast.expr, value: object) -> None:
    if isinstance(value, tuple):
        for one in value:
            _check_value(node, one)
    elif isinstance(value, float) and not math.isfinite(value):
        raise CannotSay(node, _("{value} is no number that C code can hold.", value=value))
    elif isinstance(value, int) and not SMALLEST <= value <= BIGGEST_UNSIGNED:
        raise CannotSay(node, _("{value} is too big for an int in C.", value=_short(node)))
    elif isinstance(value, str) and any("\ud800" <= one <= "\udfff" for one in value):
        raise CannotSay(node, _("This text is no valid Unicode."))
    elif value is not None and not isinstance(value, (bool, int, float, str, bytes)):
        raise CannotSay(node, _("C needs a plain value here, not {text}: a number, a text, None.", text=_short(node)))


def _alternatives(node: ast.expr) -> list[ast.expr]:
    parts: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        parts.append(node.right)
        node = node.left
    return [node, *reversed(parts)]


def _is_dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _short(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 40 else text[:37] + "..."
