"""A test of the signatures, in Python, for a board: what can be called how, what comes back, what is refused.

It passes with the empty functions as they are made. Each function's lines are a part of the user's own, so that they
can say what the finished function really does.
"""

from __future__ import annotations

from collections.abc import Iterator

from toolchains.stubs.c_names import comment_lines
from toolchains.stubs.classes import BINARY, UNARY
from toolchains.stubs.kept import part, sealed
from toolchains.stubs.model import Argument, Class, Function, Kind, Module, Property, Type

_HELPERS = """

def gives(kind, function, *arguments, **keywords):
    value = function(*arguments, **keywords)
    assert kind is None or isinstance(value, kind), (function, value)
    return value


def refuses(error, function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except error:
        return
    assert False, "%r takes %r %r" % (function, arguments, keywords)

"""
_SAMPLES = {
    Kind.NONE: "None",
    Kind.INT: "3",
    Kind.FLOAT: "1.5",
    Kind.BOOL: "True",
    Kind.STR: '"abc"',
    Kind.BYTES: 'b"abc"',
    Kind.BUFFER: 'bytearray(b"abc")',
    Kind.OBJECT: "None",
}
_TYPES = {
    Kind.NONE: "type(None)",
    **{kind: kind.value for kind in (Kind.INT, Kind.FLOAT, Kind.BOOL, Kind.STR, Kind.BYTES, Kind.BUFFER)},
    **{kind: kind.value for kind in (Kind.LIST, Kind.TUPLE, Kind.DICT)},
}
#: None is refused in place of these.
_PICKY = (*(Kind.INT, Kind.FLOAT, Kind.STR, Kind.BYTES, Kind.BUFFER), *(Kind.LIST, Kind.TUPLE, Kind.DICT, Kind.OWN))
_SIGNS = {
    **{"add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "and": "&", "or": "|"},
    **{"xor": "^", "lshift": "<<", "rshift": ">>", "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "eq": "=="},
}
_PREFIX = {"len": "len({})", "bool": "bool({})", "hash": "hash({})", "neg": "-{}", "pos": "+{}"} | {
    "invert": "~{}",
    "abs": "abs({})",
}
_DEEPEST = 6


def python_test(module: Module) -> str:
    """The test file."""
    head = (
        f"# {module.name}: a test of what can be called how, made by natmod stub. Write between the marked lines only."
    )
    lines = [head, "# Runs on the board.", *(f"#{line[2:]}" for line in comment_lines(module.doc))]
    lines += [f"import {module.name}", *_HELPERS.splitlines(), ""]
    writer = _Writer(module)
    for constant in module.constants:
        lines += [*writer.constant(f"{module.name}.{constant.name}", constant.value)]
    for own in module.exceptions:
        lines.append(f"assert issubclass({module.name}.{own.name}, Exception)")
    for function in module.functions:
        lines += [
            "",
            *part(f"test.{function.name}", list(writer.function(f"{module.name}.{function.name}", function)), mark="#"),
        ]
    for one in module.classes:
        lines += ["", *part(f"test.{one.name}", list(writer.class_(one)), mark="#")]
    lines += [
        "",
        *part("test:more", ["# Your own tests."], mark="#"),
        f'print("{module.name}: all as its signatures say")',
    ]
    return sealed("\n".join(lines) + "\n")


class _Writer:
    def __init__(self, module: Module) -> None:
        self.name = module.name
        self.classes = {one.name: one for one in module.classes}

    def constant(self, name: str, value: object) -> Iterator[str]:
        if isinstance(value, float):
            yield f"assert abs({name} - {value!r}) <= abs({value!r}) / 1000000"
        elif isinstance(value, tuple) and any(isinstance(one, (float, tuple)) for one in value):
            yield f"assert len({name}) == {len(value)}"
        else:
            yield f"assert {name} == {value!r}"

    def sample(self, kind: Type, depth: int = 0) -> str | None:
        """An expression of this type; None where none can be made."""
        if kind.kind is Kind.OWN:
            return "None" if kind.optional else self.made(self.classes[kind.name], depth + 1)
        if kind.kind is Kind.CALLBACK:
            result = self.sample(kind.items[-1], depth + 1) if kind.items else "None"
            return f"lambda *arguments: {result}"
        inner = [self.sample(one, depth + 1) for one in kind.items]
        if kind.kind in (Kind.LIST, Kind.SEQUENCE):
            return f"[{inner[0]}]" if inner and inner[0] else "[]"
        if kind.kind is Kind.TUPLE:
            if None in inner:
                return None
            return f"({', '.join(str(one) for one in inner)}{',' * (len(inner) == 1)})"
        if kind.kind is Kind.DICT:
            return f"{{{inner[0]}: {inner[1]}}}" if inner and None not in inner else "{}"
        return _SAMPLES[kind.kind]

    def made(self, one: Class, depth: int = 0) -> str | None:
        """An expression that makes an object."""
        words = [] if one.init is None else self.samples(one.init, depth)
        if depth > _DEEPEST or words is None:
            return None
        return f"{self.name}.{one.name}({', '.join(words)})"

    def samples(self, one: Function, depth: int = 0) -> list[str] | None:
        """What every call needs."""
        found = []
        for argument in one.arguments:
            if argument.needed:
                value = self.sample(argument.type, depth) if depth <= _DEEPEST else None
                if value is None:
                    return None
                found.append(f"{argument.name}={value}" if argument.how == "name" else value)
        return found

    def gives(self, kind: Type) -> str:
        if kind.optional or kind.kind in (Kind.OBJECT, Kind.CALLBACK, Kind.ITERATOR, Kind.SEQUENCE):
            return "None"
        return f"{self.name}.{kind.name}" if kind.kind is Kind.OWN else _TYPES[kind.kind]

    def function(self, name: str, one: Function) -> Iterator[str]:
        """Calls with what is needed, with all, by name; too little, too much, the wrong type."""
        needed = self.samples(one)
        if needed is None:
            yield f"# Nothing can be made to call {name} with."
            return
        kind = self.gives(one.returns)
        yield _call("gives", kind, name, *needed)
        full = [self.sample(argument.type) for argument in one.arguments if argument.how != "many"]
        if None not in full and len(full) > len(needed):
            names = [argument for argument in one.arguments if argument.how != "many"]
            yield _call("gives", kind, name, *(_given(a, str(value)) for a, value in zip(names, full, strict=True)))
        if one.many:
            more = self.sample(one.many.type)
            yield _call("gives", kind, name, *needed, *([more] * 3 if more else []))
        if one.keywords and all(argument.how in ("either", "name") for argument in one.arguments) and None not in full:
            words = (f"{argument.name}={value}" for argument, value in zip(one.arguments, full, strict=True))
            yield _call("gives", kind, name, *words)
        if one.least or any(argument.needed for argument in one.arguments):
            yield _call("refuses", "TypeError", name, *needed[:-1])
        if one.most is not None and None not in full:
            many = [str(value) for a, value in zip(one.arguments, full, strict=True) if a.how != "name"]
            yield _call("refuses", "TypeError", name, *many, "None")
        first = one.arguments[0] if one.arguments else None
        if first and first.needed and first.how != "name" and first.type.kind in _PICKY and not first.type.optional:
            yield _call("refuses", "TypeError", name, "None", *needed[1:])

    def class_(self, one: Class) -> Iterator[str]:
        made = self.made(one)
        if made is None:
            yield f"# Nothing can be made to call {self.name}.{one.name} with."
            return
        yield f"thing = {made}"
        yield f"assert isinstance(thing, {self.name}.{one.name})"
        if one.init is not None and any(argument.needed for argument in one.init.arguments):
            yield _call("refuses", "TypeError", f"{self.name}.{one.name}")
        for constant in one.constants:
            yield from self.constant(f"{self.name}.{one.name}.{constant.name}", constant.value)
        for attribute in one.properties:
            yield from self.attribute(attribute)
        for method in one.methods:
            if method.name == "__enter__":
                yield "with thing:"
                yield "    pass"
            elif method.name != "__exit__":
                owner = f"{self.name}.{one.name}" if method.static else "thing"
                yield from self.function(f"{owner}.{method.name}", method)
        for special in one.specials:
            yield from self.special(one, special)

    def attribute(self, one: Property) -> Iterator[str]:
        kind = self.gives(one.type)
        if one.stored and one.type.kind is Kind.OWN:
            kind = "None"  # there is none yet
        if kind != "None":
            yield f"assert isinstance(thing.{one.name}, {kind})"
        value = self.sample(one.type)
        if one.writable and value is not None:
            yield f"value = thing.{one.name} = {value}"
            if one.stored and one.type.kind not in (Kind.OWN, Kind.CALLBACK):
                yield f"assert thing.{one.name} == value"
            if one.type.kind in _PICKY and not one.type.optional:
                yield _call("refuses", "TypeError", "setattr", "thing", f'"{one.name}"', "None")
        elif not one.writable:
            yield _call("refuses", "AttributeError", "setattr", "thing", f'"{one.name}"', "None")

    def special(self, owner: Class, one: Function) -> Iterator[str]:
        inner = one.name[2:-2]
        values = [self.sample(argument.type) for argument in one.arguments]
        if None in values:
            return
        kind, words = self.gives(one.returns), [str(value) for value in values]
        if inner == "call":
            yield from self.function("thing", one)
        elif inner in UNARY:
            yield f"gives({kind}, lambda: {_PREFIX[inner].format('thing')})"
        elif inner in _SIGNS:
            yield f"gives({kind}, lambda: thing {_SIGNS[inner]} {words[0]})"
        elif inner == "contains":
            yield f"gives(bool, lambda: {words[0]} in thing)"
        elif inner in BINARY or inner in ("setitem", "delitem"):
            sign = {"iadd": "+=", "isub": "-=", "imul": "*="}.get(inner)
            yield f"other = {self.made(owner)}"
            if sign:
                yield f"other {sign} {words[0]}"
            else:
                yield f"other[{words[0]}] = {words[1]}" if inner == "setitem" else f"del other[{words[0]}]"
        elif inner == "getitem":
            yield f"gives({kind}, lambda: thing[{words[0]}])"
        elif inner in ("repr", "str"):
            yield f"gives(str, {inner}, thing)"
        elif inner == "iter" and (one.returns.kind is Kind.ITERATOR or owner.special("next")):
            yield "for item in thing:"
            yield "    pass"
        elif inner == "iter":
            yield f"gives({kind}, iter, thing)"


def _given(argument: Argument, value: str) -> str:
    return f"{argument.name}={value}" if argument.how == "name" else value


def _call(*words: str) -> str:
    return f"{words[0]}({', '.join(words[1:])})"
