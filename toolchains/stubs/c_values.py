"""From Python objects to C variables and back: what stands before and behind the user's code in a function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from toolchains.stubs.c_names import Locals, c_string
from toolchains.stubs.model import MISSING, Kind, Literals, Missing, Type

#: The type objects that an argument is compared with, and what a person reads when it is another.
_CHECKED = {
    Kind.LIST: ("&mp_type_list", "a list"),
    Kind.TUPLE: ("&mp_type_tuple", "a tuple"),
    Kind.DICT: ("&mp_type_dict", "a dict"),
    Kind.STR: ("&mp_type_str", "a str"),
}
_ZERO = {
    Kind.INT: "mp_obj_new_int(0)",
    Kind.FLOAT: "mp_obj_new_float(0)",
    Kind.BOOL: "mp_const_false",
    Kind.STR: 'mp_obj_new_str("", 0)',
    Kind.BYTES: 'mp_obj_new_bytes((const byte *)"", 0)',
    Kind.BUFFER: "mp_obj_new_bytearray_by_ref(0, NULL)",
    Kind.LIST: "mp_obj_new_list(0, NULL)",
    Kind.DICT: "mp_obj_new_dict(0)",
    Kind.TUPLE: "mp_obj_new_tuple(0, NULL)",
    Kind.SEQUENCE: "mp_obj_new_tuple(0, NULL)",
}
#: Fields of an object's structure that are no Python object: C type, from an object, to an object, zero.
PLAIN = {
    Kind.INT: ("mp_int_t", "mp_obj_get_int({})", "mp_obj_new_int({})", "0"),
    Kind.FLOAT: ("mp_float_t", "mp_obj_get_float({})", "mp_obj_new_float({})", "0"),
    Kind.BOOL: ("bool", "mp_obj_is_true({})", "mp_obj_new_bool({})", "false"),
}
#: What makes an object of a kind, for the line that explains a result of two types.
_MAKERS = {
    Kind.INT: "mp_obj_new_int(…)",
    Kind.FLOAT: "mp_obj_new_float(…)",
    Kind.BOOL: "mp_obj_new_bool(…)",
    Kind.STR: "mp_obj_new_str(text, length)",
    Kind.BYTES: "mp_obj_new_bytes(data, length)",
    Kind.LIST: "mp_obj_new_list(0, NULL)",
    Kind.DICT: "mp_obj_new_dict(0)",
    Kind.TUPLE: "mp_obj_new_tuple(n, items)",
}


def expression(value: Literals) -> str:
    """A Python object with this value, as a C expression that is worked out when it is met."""
    if value is None:
        return "mp_const_none"
    if isinstance(value, bool):
        return "mp_const_true" if value else "mp_const_false"
    if isinstance(value, int):
        return f"mp_obj_new_int_from_uint({value}u)" if value >= 1 << 31 else f"mp_obj_new_int({c_int(value)})"
    if isinstance(value, float):
        return f"mp_obj_new_float({c_float(value)})"
    if isinstance(value, str):
        return f"mp_obj_new_str({c_string(value)}, {len(value.encode())})"
    if isinstance(value, bytes):
        return f"mp_obj_new_bytes((const byte *){c_string(value)}, {len(value)})"
    if not value:
        return "mp_obj_new_tuple(0, NULL)"
    return f"mp_obj_new_tuple({len(value)}, ((mp_obj_t[]) {{{', '.join(map(expression, value))}}}))"


def c_int(value: int) -> str:
    """An int in C; the smallest one has no literal."""
    return f"({value + 1} - 1)" if value == -(1 << 31) else str(value)


def c_float(value: float) -> str:
    """A float in C, in the board's own precision."""
    return f"MICROPY_FLOAT_CONST({value!r})"


@dataclass
class Taken:
    """An argument as C has it: lines that make it, and the variables that the user's code may use."""

    lines: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Source:
    """Where an argument comes from: an expression that is an object, and (with a default) when there is one."""

    object: str
    given: str = ""
    default: Literals | Missing = MISSING
    #: The expression is C's own value already: mp_arg_parse_all has made an int or a bool of it.
    ready: bool = False


def take(prefix: str, kind: Type, name: str, source: Source, used: Locals) -> Taken:
    """C variables from an argument; raises TypeError on the board for an object of another type."""
    word = used.fresh(name)
    if source.ready:
        return Taken([f"{PLAIN[kind.kind][0]} {word} = {source.object};"], [word])
    lines, value, test = list[str](), source.object, source.given
    inline = not kind.optional and kind.kind in (*PLAIN, Kind.STR, Kind.BYTES)
    if source.given and not inline and source.default is not MISSING:
        value, test = used.fresh(f"{name}_obj"), ""
        lines.append(f"mp_obj_t {value} = {source.given} ? {source.object} : {expression(source.default)};")
    names = []
    if kind.optional and kind.kind is not Kind.OBJECT:
        test = used.fresh(f"has_{name}")
        names.append(test)
        lines.append(f"bool {test} = {value} != mp_const_none;")
    found = _variables(prefix, kind, name, word, value, used)
    if not test:
        lines += found.at_once()
    elif inline and kind.kind in PLAIN and source.default is not MISSING:
        c_type, getter, _maker, _zero = PLAIN[kind.kind]
        lines.append(f"{c_type} {word} = {test} ? {getter.format(value)} : {plain_value(source.default)};")
    else:
        declared = _with_default(found, kind, word, source.default)
        lines += [*declared, f"if ({test}) {{", *(f"    {line}" for line in (*found.checks, *found.assigned)), "}"]
    return Taken(lines, [*names, *found.names])


@dataclass(frozen=True)
class _Variables:
    """Declarations with a value that means nothing, what is checked, assignments, and the names."""

    declared: list[str]
    checks: list[str]
    assigned: list[str]
    names: list[str]

    def at_once(self) -> list[str]:
        """Without a condition: one variable is declared with its value."""
        if len(self.declared) == len(self.assigned) == 1 and self.assigned[0].startswith(f"{self.names[0]} = "):
            left, right = self.declared[0].split(" = ")[0], self.assigned[0].split(" = ", 1)[1]
            return [*self.checks, f"{left} = {right}"]
        return [*self.checks, *self.declared, *self.assigned]


def _variables(prefix: str, kind: Type, name: str, word: str, source: str, used: Locals) -> _Variables:
    checks = check(prefix, kind, name, source)
    if kind.kind in PLAIN:
        c_type, getter, _maker, nothing = PLAIN[kind.kind]
        return _Variables([f"{c_type} {word} = {nothing};"], [], [f"{word} = {getter.format(source)};"], [word])
    if kind.kind is Kind.OWN:
        pointer = f"{prefix}_{kind.name}_t *{word}"
        return _Variables([f"{pointer} = NULL;"], [], [f"{word} = {prefix}_{kind.name}_of({source});"], [word])
    if kind.kind is Kind.STR:
        size = used.fresh(f"{name}_len")
        got = [f"{word} = mp_obj_str_get_data({source}, &{size});"]
        return _Variables([f"size_t {size} = 0;", f'const char *{word} = "";'], checks, got, [word, size])
    if kind.kind in (Kind.BYTES, Kind.BUFFER):
        declared = [f"mp_buffer_info_t {word} = {{NULL, 0, 0}};"]
        return _Variables(declared, checks, [_buffer(kind, source, word)], [word])
    if kind.kind in (Kind.LIST, Kind.TUPLE, Kind.SEQUENCE):
        size = used.fresh(f"{name}_len")
        got = [f"mp_obj_get_array({source}, &{size}, &{word});"]
        if kind.kind is Kind.TUPLE and not kind.rest:
            text = c_string(f"{name} must have {len(kind.items)} items")
            got += [f"if ({size} != {len(kind.items)}) {{", f"    mp_raise_ValueError(MP_ERROR_TEXT({text}));", "}"]
        return _Variables([f"size_t {size} = 0;", f"mp_obj_t *{word} = NULL;"], checks, got, [word, size])
    return _Variables([f"mp_obj_t {word} = mp_const_none;"], checks, [f"{word} = {source};"], [word])


def _buffer(kind: Type, source: str, word: str) -> str:
    flag = "MP_BUFFER_RW" if kind.kind is Kind.BUFFER else "MP_BUFFER_READ"
    return f"mp_get_buffer_raise({source}, &{word}, {flag});"


def check(prefix: str, kind: Type, name: str, source: str) -> list[str]:
    """Lines that raise TypeError when an object is not what the signature says."""
    if kind.kind is Kind.OWN:
        return [f"{prefix}_{kind.name}_of({source});"]
    if kind.kind is Kind.BYTES:
        text = f"{name} must be bytes"
        return [f"if (mp_obj_get_type({source}) == &mp_type_str) {{", _type_error(text), "}"]
    if kind.kind not in _CHECKED:
        return []
    wanted, words = _CHECKED[kind.kind]
    return [f"if (mp_obj_get_type({source}) != {wanted}) {{", _type_error(f"{name} must be {words}"), "}"]


def check_kept(prefix: str, kind: Type, name: str, source: str) -> list[str]:
    """As :func:`check`, for an object that is kept as it is: what only its use would refuse is tried."""
    lines = check(prefix, kind, name, source)
    if kind.kind in (Kind.BYTES, Kind.BUFFER):
        lines += ["mp_buffer_info_t data;", _buffer(kind, source, "data")]
    elif kind.kind is Kind.SEQUENCE:
        lines += ["size_t len;", "mp_obj_t *items;", f"mp_obj_get_array({source}, &len, &items);"]
    return lines


def _type_error(text: str) -> str:
    return f"    mp_raise_TypeError(MP_ERROR_TEXT({c_string(text)}));"


def plain_value(value: Literals | Missing) -> str:
    """A number or a truth as C writes it."""
    if isinstance(value, float):
        return c_float(value)
    return str(value).lower() if isinstance(value, bool) else c_int(int(str(value)))


def _with_default(found: _Variables, kind: Type, word: str, default: Literals | Missing) -> Sequence[str]:
    """The declarations, beginning with the default."""
    if isinstance(default, str) and default is not MISSING and kind.kind is Kind.STR and not kind.optional:
        size = found.names[1]
        return [f"size_t {size} = {len(default.encode())};", f"const char *{word} = {c_string(default)};"]
    if isinstance(default, bytes) and kind.kind is Kind.BYTES and not kind.optional:
        # No address among the first values: GCC would copy the structure from a table that no module can have.
        filled = f"{word}.buf = (void *){c_string(default)};"
        return [*found.declared, filled, f"{word}.len = {len(default)};"]
    return found.declared


@dataclass(frozen=True)
class Given:
    """What a function gives: lines before the user's code, and the expression behind ``return``."""

    lines: tuple[str, ...]
    result: str
    hint: str = ""


def give(prefix: str, kind: Type, used: Locals) -> Given:
    """The variable ``result`` in C's own type, with a value of the right type, and the object made of it."""
    word = used.fresh("result")
    if kind.kind is Kind.NONE:
        return Given((), "mp_const_none")
    if kind.optional or kind.kind in (Kind.OBJECT, Kind.CALLBACK):
        maker = _MAKERS.get(kind.kind)
        hint = f"{word} = {maker};" if maker else ""
        return Given((f"mp_obj_t {word} = mp_const_none;",), word, hint)
    if kind.kind in PLAIN:
        c_type, _getter, maker, nothing = PLAIN[kind.kind]
        return Given((f"{c_type} {word} = {nothing};",), maker.format(word))
    if kind.kind is Kind.OWN:
        of = f"{prefix}_{kind.name}"
        made = f"{of}_t *{word} = {of}_new((const mp_obj_type_t *)&{of}_type);"
        return Given((made,), f"MP_OBJ_FROM_PTR({word})")
    if kind.kind in (Kind.STR, Kind.BYTES):
        size = used.fresh("result_len")
        cast, maker, c_type = ("", "str", "char") if kind.kind is Kind.STR else ("(const byte *)", "bytes", "void")
        lines = (f'const {c_type} *{word} = "";', f"size_t {size} = 0;")
        return Given(lines, f"mp_obj_new_{maker}({cast}{word}, {size})")
    if kind.kind is Kind.TUPLE and not kind.rest and kind.items:
        parts = [zero(one) for one in kind.items]
        filled = (f"{word}[{number}] = {part};" for number, part in enumerate(parts))
        return Given((f"mp_obj_t {word}[{len(parts)}];", *filled), f"mp_obj_new_tuple({len(parts)}, {word})")
    return Given((f"mp_obj_t {word} = {_ZERO[kind.kind]};",), word)


def zero(kind: Type) -> str:
    """An object of a type, the emptiest there is; None where an object of that type cannot be made from nothing."""
    if kind.kind is Kind.TUPLE and not kind.rest and kind.items and not kind.optional:
        return f"mp_obj_new_tuple({len(kind.items)}, ((mp_obj_t[]) {{{', '.join(map(zero, kind.items))}}}))"
    return "mp_const_none" if kind.optional else _ZERO.get(kind.kind, "mp_const_none")
