"""A class in C: its structure, what makes an object, attributes, methods, operators, iteration. The type comes later
(``c_module``), since a native module fills it in when it is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from toolchains.stubs.c_functions import (
    Place,
    Style,
    array_sources,
    body,
    function,
    parse_lines,
    parsed_sources,
    plain,
    self_lines,
)
from toolchains.stubs.c_names import Locals, c_string, c_word, comment_lines, method_name
from toolchains.stubs.c_values import PLAIN, Source, check_kept, expression, plain_value, zero
from toolchains.stubs.classes import BINARY, UNARY
from toolchains.stubs.kept import part
from toolchains.stubs.model import MISSING, NOTHING, Argument, Class, Function, Kind, Property, Type
from toolchains.stubs.signature_text import signature

_FREE = ("base",)
_MAKE_NEW = "const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args"


@dataclass(frozen=True)
class Slots:
    """What a class can do: names of slots of its type with the C functions; flags; and a second type for ``for``."""

    slots: tuple[tuple[str, str], ...]
    flags: tuple[str, ...] = ()
    #: The function that gives the next object, if the iterator is an object of its own.
    iterator: str = ""


def method_c_name(style: Style, one: Class, method: Function) -> str:
    """The C name of a method, which no other part of the class has."""
    return method_name(f"{style.prefix}_{one.name}", method.name, frozenset(each.name[2:-2] for each in one.specials))


def structure(style: Style, one: Class) -> list[str]:
    """The C structure of an object."""
    name = f"{style.prefix}_{one.name}"
    fields = [f"{_c_type(attribute)} {field(attribute)};" for attribute in one.properties if attribute.stored]
    return [
        *comment_lines(f"What one {one.name} consists of.\n{one.doc}"),
        "typedef struct {",
        "    mp_obj_base_t base;",
        *(f"    {line}" for line in fields),
        *part(f"{one.name}:fields", [""], indent="    "),
        f"}} {name}_t;",
        "",
    ]


def field(attribute: Property) -> str:
    """The name of an attribute's field."""
    word = c_word(attribute.name)
    return f"{word}_" if word in _FREE else word


def _c_type(attribute: Property) -> str:
    return PLAIN[attribute.type.kind][0] if _is_plain(attribute.type) else "mp_obj_t"


def _is_plain(kind: Type) -> bool:
    return kind.kind in PLAIN and not kind.optional


def makers(style: Style, one: Class) -> tuple[list[str], list[str]]:
    """``X_new(type)`` makes an object; ``X_of(object)`` is the structure of an object that Python gave."""
    name = f"{style.prefix}_{one.name}"
    fields = [
        f"    self->{field(attribute)} = {_first(attribute)};" for attribute in one.properties if attribute.stored
    ]
    new = [
        f"// A new {one.name}, with nothing in it yet.",
        f"static {name}_t *{name}_new(const mp_obj_type_t *type) {{",
        f"    {name}_t *self = mp_obj_malloc({name}_t, type);",
        *fields,
        *part(f"{one.name}:new", [""], indent="    "),
        "    return self;",
        "}",
        "",
    ]
    text = c_string(f"{one.name} expected")
    of = [
        f"// The {one.name} that Python gave us, or TypeError.",
        f"static {name}_t *{name}_of(mp_obj_t object) {{",
        f"    mp_obj_t native = mp_obj_cast_to_native_base(object, MP_OBJ_FROM_PTR(&{name}_type));",
        "    if (native == MP_OBJ_NULL) {",
        f"        mp_raise_TypeError(MP_ERROR_TEXT({text}));",
        "    }",
        "    return MP_OBJ_TO_PTR(native);",
        "}",
        "",
    ]
    return new, of


def _first(attribute: Property) -> str:
    """What an attribute begins with."""
    if not _is_plain(attribute.type):
        return zero(attribute.type) if attribute.value is MISSING else expression(attribute.value)
    if attribute.value is MISSING:
        return PLAIN[attribute.type.kind][3]
    return plain_value(attribute.value)


def code(style: Style, one: Class) -> tuple[list[str], Slots]:
    """All functions of a class, and what its type has."""
    name = f"{style.prefix}_{one.name}"
    lines = _make_new(style, one)
    slots = [("make_new", f"{name}_make_new")]
    for method in one.methods:
        place = Place(method_c_name(style, one, method), f"{one.name}.{method.name}", one.name)
        lines += function(style, place, method)
    for special in one.specials:
        lines += _special(style, one, special)
    for attribute in one.properties:
        lines += [] if attribute.stored else _computed(style, one, attribute)
    for maker in (_print, _unary, _binary, _subscr, _attr, _call):
        more, slot = maker(style, one)
        lines += more
        slots += [(slot, f"{name}_{slot}")] if slot else []
    more, flags, slot, iterator = _iteration(style, one)
    slots += [("iter", slot)] if slot else []
    return [*lines, *more], Slots(tuple(slots), flags, iterator)


def _make_new(style: Style, one: Class) -> list[str]:
    name = f"{style.prefix}_{one.name}"
    init = one.init or Function("__init__")
    used = Locals("self", "type", "n_args", "n_kw", "args", "allowed", "values", "result")
    lines, sources = _array_call(style, init, used)
    lines.insert(0, f"{name}_t *self = {name}_new(type);")
    stored = {attribute.name: attribute for attribute in one.properties if attribute.stored}
    place = Place("", f"{one.name}.__init__")
    inside = body(style, place, replace(init, returns=NOTHING), sources, used)
    at = next(number for number, line in enumerate(inside) if "--- your code: " in line)
    same = [
        f"self->{field(stored[argument.name])} = {c_word(argument.name)};"
        for argument in init.arguments
        if argument.name in stored
        and stored[argument.name].type.kind is argument.type.kind
        and _is_plain(argument.type)
    ]
    lines += [*inside[:at], *same, *inside[at:-1], "return MP_OBJ_FROM_PTR(self);"]
    return [
        *comment_lines(signature(init, name=one.name) + f"\n{init.doc}"),
        f"static mp_obj_t {name}_make_new({_MAKE_NEW}) {{",
        *(f"    {line}".rstrip() for line in lines),
        "}",
        "",
    ]


def _array_call(style: Style, one: Function, used: Locals) -> tuple[list[str], list[Source]]:
    """Arguments from an array that ends with pairs of a keyword and a value."""
    if one.keywords:
        lines = parse_lines(style, one, "mp_arg_parse_all_kw_array(n_args, n_kw, args", used)
        return lines, parsed_sources(one)
    most = "MP_OBJ_FUN_ARGS_MAX" if one.most is None else str(one.most)
    return [f"mp_arg_check_num(n_args, n_kw, {one.least}, {most}, false);"], array_sources(one, "args")


def _special(style: Style, one: Class, special: Function) -> list[str]:
    inner = special.name[2:-2]
    if inner not in (*UNARY, *BINARY, "getitem", "setitem", "delitem"):
        return []
    name = f"{style.prefix}_{one.name}"
    words = ["self_in", *(f"{argument.name}_in" for argument in special.arguments)]
    return plain(
        style,
        Place(f"{name}_{inner}", f"{one.name}.{special.name}", one.name),
        special,
        head=", ".join(f"mp_obj_t {word}" for word in words),
        sources=[Source(word) for word in words[1:]],
        before=self_lines(style, one.name, "self_in"),
    )


def _computed(style: Style, one: Class, attribute: Property) -> list[str]:
    name = f"{style.prefix}_{one.name}"
    before = self_lines(style, one.name, "self_in")
    getter = Function(attribute.name, (), attribute.type, attribute.doc)
    lines = plain(
        style,
        Place(f"{name}_get_{attribute.name}", f"{one.name}.{attribute.name}", one.name),
        getter,
        head="mp_obj_t self_in",
        sources=[],
        before=before,
    )
    if attribute.writable:
        setter = Function(attribute.name, (Argument("value", attribute.type),))
        lines += plain(
            style,
            Place(f"{name}_set_{attribute.name}", f"{one.name}.{attribute.name}:set", one.name),
            setter,
            head="mp_obj_t self_in, mp_obj_t value_in",
            sources=[Source("value_in")],
            before=before,
        )
    return lines


_Made = tuple[list[str], str]


def _print(style: Style, one: Class) -> _Made:
    if not one.special("repr") and not one.special("str"):
        return [], ""
    name = f"{style.prefix}_{one.name}"
    both = "kind is PRINT_STR for str(object) and print(object), and PRINT_REPR for repr(object)."
    return [
        f"// What print() and the prompt show; {both}",
        f"static void {name}_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {{",
        *(f"    {line}" for line in self_lines(style, one.name, "self_in")),
        "    (void)kind;",
        *part(f"{one.name}:print", [f'mp_printf(print, "<{one.name}>");'], indent="    "),
        "}",
        "",
    ], "print"


def _unary(style: Style, one: Class) -> _Made:
    found = [special for special in one.specials if special.name[2:-2] in UNARY]
    name = f"{style.prefix}_{one.name}"
    lines = [f"static mp_obj_t {name}_unary_op(mp_unary_op_t op, mp_obj_t self_in) {{"]
    for special in found:
        inner = special.name[2:-2]
        lines += [f"    if (op == MP_UNARY_OP_{UNARY[inner]}) {{", f"        return {name}_{inner}(self_in);", "    }"]
    lines += ["    return MP_OBJ_NULL; // not supported", "}", ""]
    return (lines, "unary_op") if found else ([], "")


def _binary(style: Style, one: Class) -> _Made:
    found = [special for special in one.specials if special.name[2:-2] in BINARY]
    name = f"{style.prefix}_{one.name}"
    lines = [f"static mp_obj_t {name}_binary_op(mp_binary_op_t op, mp_obj_t left, mp_obj_t right) {{"]
    for special in found:
        inner = special.name[2:-2]
        lines += [f"    if (op == MP_BINARY_OP_{BINARY[inner]}) {{"]
        lines += [f"        return {name}_{inner}(left, right);", "    }"]
    lines += ["    return MP_OBJ_NULL; // not supported", "}", ""]
    return (lines, "binary_op") if found else ([], "")


def _subscr(style: Style, one: Class) -> _Made:
    name = f"{style.prefix}_{one.name}"
    ways = {"delitem": "value == MP_OBJ_NULL", "getitem": "value == MP_OBJ_SENTINEL", "setitem": ""}
    calls = {"delitem": "self, index", "getitem": "self, index", "setitem": "self, index, value"}
    if not any(one.special(way) for way in ways):
        return [], ""
    lines = [f"static mp_obj_t {name}_subscr(mp_obj_t self, mp_obj_t index, mp_obj_t value) {{"]
    for way, test in ways.items():
        result = f"return {name}_{way}({calls[way]});" if one.special(way) else "return MP_OBJ_NULL; // not supported"
        lines += [f"    if ({test}) {{", f"        {result}", "    }"] if test else [f"    {result}"]
    return [*lines, "}", ""], "subscr"


def _attr(style: Style, one: Class) -> _Made:
    if not one.properties:
        return [], ""
    name = f"{style.prefix}_{one.name}"
    stored = any(attribute.stored for attribute in one.properties)
    lines = [
        '// Attributes: dest[0] is empty when one is read; dest[1] is the new value, or empty for "del".',
        f"static void {name}_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {{",
        *([f"    {name}_t *self = MP_OBJ_TO_PTR(self_in);"] if stored else []),
        "    if (dest[0] == MP_OBJ_NULL) {",
    ]
    for attribute in one.properties:
        lines += [f"        if (attr == MP_QSTR_{attribute.name}) {{"]
        lines += [f"            dest[0] = {_read(name, attribute)};", "            return;", "        }"]
    lines += ["        dest[1] = MP_OBJ_SENTINEL; // not here: look among the methods", "        return;", "    }"]
    writable = [attribute for attribute in one.properties if attribute.writable]
    if writable:
        lines += ["    if (dest[1] == MP_OBJ_NULL) {", "        return; // nothing can be deleted", "    }"]
    for attribute in writable:
        lines += [f"    if (attr == MP_QSTR_{attribute.name}) {{"]
        lines += [f"        {line}" for line in _write(style, name, attribute)]
        lines += ["        dest[0] = MP_OBJ_NULL; // done", "    }"]
    return [*lines, "}", ""], "attr"


def _read(name: str, attribute: Property) -> str:
    if not attribute.stored:
        return f"{name}_get_{attribute.name}(self_in)"
    value = f"self->{field(attribute)}"
    return PLAIN[attribute.type.kind][2].format(value) if _is_plain(attribute.type) else value


def _write(style: Style, name: str, attribute: Property) -> Sequence[str]:
    if not attribute.stored:
        return [f"{name}_set_{attribute.name}(self_in, dest[1]);"]
    target = f"self->{field(attribute)}"
    if _is_plain(attribute.type):
        return [f"{target} = {PLAIN[attribute.type.kind][1].format('dest[1]')};"]
    checks = check_kept(style.prefix, attribute.type, attribute.name, "dest[1]")
    if attribute.type.optional and checks:
        checks = ["if (dest[1] != mp_const_none) {", *(f"    {line}" for line in checks), "}"]
    return [*checks, f"{target} = dest[1];"]


def _call(style: Style, one: Class) -> _Made:
    special = one.special("call")
    if special is None:
        return [], ""
    name = f"{style.prefix}_{one.name}"
    used = Locals("self", "self_in", "n_args", "n_kw", "args", "allowed", "values", "result", "result_len")
    lines, sources = _array_call(style, special, used)
    inside = body(style, Place("", f"{one.name}.__call__"), special, sources, used)
    return [
        *comment_lines(signature(special, name=f"{one.name}.__call__", method=True) + f"\n{special.doc}"),
        f"static mp_obj_t {name}_call(mp_obj_t self_in, size_t n_args, size_t n_kw, const mp_obj_t *args) {{",
        *(f"    {line}" for line in self_lines(style, one.name, "self_in")),
        *(f"    {line}".rstrip() for line in (*lines, *inside)),
        "}",
        "",
    ], "call"


def _iteration(style: Style, one: Class) -> tuple[list[str], tuple[str, ...], str, str]:
    """Lines, flags of the type, the function of its slot, and that of an iterator's own type."""
    name = f"{style.prefix}_{one.name}"
    walk, step = one.special("iter"), one.special("next")
    if walk is None:
        return [], (), "", ""
    if step is not None:
        lines = _next(style, one, step, f"{name}_next", f"{one.name}.__next__")
        return lines, ("MP_TYPE_FLAG_ITER_IS_ITERNEXT",), f"{name}_next", ""
    if walk.returns.kind is not Kind.ITERATOR:
        head = "mp_obj_t self_in, mp_obj_iter_buf_t *buffer"
        before = [*self_lines(style, one.name, "self_in"), "(void)buffer;"]
        place = Place(f"{name}_getiter", f"{one.name}.__iter__", one.name)
        return plain(style, place, walk, head=head, sources=[], before=before), (), f"{name}_getiter", ""
    item = walk.returns.items[0] if walk.returns.items else Type(Kind.OBJECT, text="object")
    lines = [
        f'// What "for x in {one.name}" walks with. There is no room for more than these three.',
        "typedef struct {",
        "    mp_obj_base_t base;",
        "    mp_obj_t owner;",
        "    size_t index;",
        f"}} {name}_iterator_t;",
        "",
        *_next(style, one, Function("__next__", (), item), f"{name}_iterator_next", f"{one.name}.__iter__", own=False),
    ]
    return lines, (), f"{name}_getiter", f"{name}_iterator_next"


def getiter(style: Style, one: Class) -> list[str]:
    """The function that begins a walk with an iterator's own type; that must stand above it."""
    name = f"{style.prefix}_{one.name}"
    return [
        f"static mp_obj_t {name}_getiter(mp_obj_t self_in, mp_obj_iter_buf_t *buffer) {{",
        "    // MicroPython lends the memory, so that a loop allocates nothing.",
        f"    {name}_iterator_t *iterator = ({name}_iterator_t *)buffer;",
        f"    iterator->base.type = (const mp_obj_type_t *)&{name}_iterator_type;",
        "    iterator->owner = self_in;",
        "    iterator->index = 0;",
        "    return MP_OBJ_FROM_PTR(iterator);",
        "}",
        "",
    ]


def _next(style: Style, one: Class, step: Function, c_name: str, key: str, *, own: bool = True) -> list[str]:
    name = f"{style.prefix}_{one.name}"
    if own:
        before = self_lines(style, one.name, "self_in")
    else:
        before = [
            f"{name}_iterator_t *iterator = MP_OBJ_TO_PTR(self_in);",
            f"{name}_t *self = MP_OBJ_TO_PTR(iterator->owner);",
            "(void)self;",
            "size_t index = iterator->index++; // 0, 1, 2 … as often as Python asks",
            "(void)index;",
        ]
    before.append("bool done = true;")
    lines = plain(style, Place(c_name, key, one.name), step, head="mp_obj_t self_in", sources=[], before=before)
    at = next(number for number, line in enumerate(lines) if "--- end of: " in line)
    stop = ["    if (done) {", "        return MP_OBJ_STOP_ITERATION;", "    }"]
    fresh = part(key, ["// done = false; // while there is another one"], indent="    ")
    begin = next(number for number, line in enumerate(lines) if "--- your code: " in line)
    return [*lines[:begin], *fresh, *stop, *lines[at + 1 :]]
