"""What a module offers to Python, as records: read from signatures, written as C, as a test and as a ``.pyi``.

Names are Python's own; how they are spelt in C is ``c_names``'s business. Lines count from 1, and are 0 for what no
text stands for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Kind(StrEnum):
    """What C makes of an annotation."""

    NONE = "None"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    STR = "str"
    #: Anything that can be read as bytes: ``bytes``, ``bytearray``, ``memoryview``, ``array``.
    BYTES = "bytes"
    #: Bytes that can be written: ``bytearray``, a writable ``memoryview``, ``array``.
    BUFFER = "bytearray"
    LIST = "list"
    #: ``items`` are the types of its parts; ``rest`` when there may be any number of the only one.
    TUPLE = "tuple"
    #: Either of the two: ``Sequence``.
    SEQUENCE = "Sequence"
    DICT = "dict"
    CALLBACK = "Callable"
    OBJECT = "object"
    #: A class of the module itself; ``name`` says which.
    OWN = "class"
    #: Only as what ``__iter__`` gives.
    ITERATOR = "Iterator"


#: What may stand behind ``=``. A tuple holds the same again.
Literals = int | float | bool | str | bytes | tuple["Literals", ...] | None


class Missing(StrEnum):
    """No default, or no value."""

    VALUE = "..."


MISSING: Literal[Missing.VALUE] = Missing.VALUE


@dataclass(frozen=True)
class Type:
    """An annotation. ``optional``: or None. ``items``: what is in it. ``text``: as it was written."""

    kind: Kind
    optional: bool = False
    items: tuple[Type, ...] = ()
    name: str = ""
    rest: bool = False
    text: str = ""


NOTHING = Type(Kind.NONE, text="None")
OBJECT = Type(Kind.OBJECT, text="object")


@dataclass(frozen=True)
class Argument:
    """One argument of a function. ``how``: by position only, in either way, by its name only, or ``*name``."""

    name: str
    type: Type = OBJECT
    default: Literals | Missing = MISSING
    how: Literal["position", "either", "name", "many"] = "either"
    line: int = 0

    @property
    def needed(self) -> bool:
        """Whether a call without it is an error."""
        return self.default is MISSING and self.how != "many"


@dataclass(frozen=True)
class Function:
    """A function or a method (``self`` is not among the arguments). ``raises``: pairs of an exception and when."""

    name: str
    arguments: tuple[Argument, ...] = ()
    returns: Type = NOTHING
    doc: str = ""
    raises: tuple[tuple[str, str], ...] = ()
    static: bool = False
    line: int = 0

    @property
    def keywords(self) -> bool:
        """Whether a call may name its arguments. MicroPython's C functions without a default take them by position."""
        free = [one for one in self.arguments if one.how in ("either", "name")]
        return any(one.how == "name" or not one.needed for one in free)

    @property
    def many(self) -> Argument | None:
        """The argument ``*name``."""
        return next((one for one in self.arguments if one.how == "many"), None)

    @property
    def least(self) -> int:
        """How many arguments every call gives by position."""
        return sum(one.needed and one.how != "name" for one in self.arguments)

    @property
    def most(self) -> int | None:
        """How many a call may give by position; None is any number."""
        return None if self.many else sum(one.how in ("position", "either") for one in self.arguments)


@dataclass(frozen=True)
class Property:
    """An attribute of an object. ``stored``: it is kept in the object; else C code works it out each time.

    ``value``: what a stored one begins with.
    """

    name: str
    type: Type
    writable: bool = False
    stored: bool = False
    value: Literals | Missing = MISSING
    doc: str = ""
    line: int = 0


@dataclass(frozen=True)
class Constant:
    """A name with a value that does not change."""

    name: str
    type: Type
    value: Literals
    doc: str = ""
    line: int = 0


@dataclass(frozen=True)
class Class:
    """A class in C. ``specials`` are its methods with two underscores on each side, ``__init__`` apart."""

    name: str
    doc: str = ""
    init: Function | None = None
    methods: tuple[Function, ...] = ()
    properties: tuple[Property, ...] = ()
    constants: tuple[Constant, ...] = ()
    specials: tuple[Function, ...] = ()
    line: int = 0

    def special(self, name: str) -> Function | None:
        """The method ``__name__``."""
        return next((one for one in self.specials if one.name == f"__{name}__"), None)


@dataclass(frozen=True)
class Exceptional:
    """An exception of the module's own, and the built-in one that it is a kind of."""

    name: str
    base: str = "Exception"
    doc: str = ""
    line: int = 0


@dataclass(frozen=True)
class Module:
    """All that ``import name`` gives."""

    name: str
    doc: str = ""
    constants: tuple[Constant, ...] = ()
    exceptions: tuple[Exceptional, ...] = ()
    functions: tuple[Function, ...] = ()
    classes: tuple[Class, ...] = ()
    #: What the signatures were read from, for the first line of what is made.
    origin: str = field(default="", compare=False)

    def types(self) -> Iterator[Type]:
        """Every type that is used anywhere, parts included."""
        todo = [constant.type for constant in self.constants]
        functions = list(self.functions)
        for owner in self.classes:
            todo += [attribute.type for attribute in owner.properties]
            todo += [constant.type for constant in owner.constants]
            functions += [*owner.methods, *owner.specials, *([owner.init] if owner.init else [])]
        for function in functions:
            todo += [function.returns, *(argument.type for argument in function.arguments)]
        while todo:
            one = todo.pop()
            yield one
            if one.kind is not Kind.CALLBACK:
                todo += one.items

    @property
    def floats(self) -> bool:
        """Whether it needs a board with floats."""
        return any(one.kind is Kind.FLOAT for one in self.types())
