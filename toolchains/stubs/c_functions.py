"""One function in C: arguments in, the user's part, the result out; and the object that Python calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from toolchains.stubs.c_names import Locals, c_string, comment_lines
from toolchains.stubs.c_values import PLAIN, Source, c_int, give, take
from toolchains.stubs.exceptions import BUILT_IN
from toolchains.stubs.kept import part
from toolchains.stubs.model import MISSING, Argument, Function, Kind, Type
from toolchains.stubs.signature_text import signature

_INDENT = "    "
#: MP_DEFINE_CONST_FUN_OBJ_0 to _3.
_MOST_FIXED = 3


@dataclass(frozen=True)
class Style:
    """Where code is for: ``prefix`` (the module's name) begins its C names, ``static_tables`` where constants of the
    interned strings may stand in tables (a firmware; in a native module they are known when it runs)."""

    prefix: str
    static_tables: bool
    own_exceptions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Which function: its C name, the key of its part, the class whose method it is (or none)."""

    c_name: str
    key: str
    owner: str = ""


def function(style: Style, place: Place, one: Function) -> list[str]:
    """The C function and its function object ``C_NAME_obj``."""
    method = bool(place.owner) and not one.static
    lines = comment_lines(f"{signature(one, name=place.key, method=method)}\n{one.doc}")
    own = 1 if method else 0
    define = f"static MP_DEFINE_CONST_FUN_OBJ_{{}}({place.c_name}_obj, {{}}{place.c_name});"
    if one.keywords:
        head = "size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args"
        # MicroPython counts by position only; what is missing is found by mp_arg_parse_all.
        end = define.format("KW", f"{own}, ")
        return [*lines, *_whole(style, place, one, head, _Calls.keywords), end, ""]
    if one.many or one.least != one.most or (one.most or 0) + own > _MOST_FIXED:
        head = "size_t n_args, const mp_obj_t *args"
        least, most = one.least + own, None if one.most is None else one.most + own
        end = define.format("VAR", f"{least}, ") if most is None else define.format("VAR_BETWEEN", f"{least}, {most}, ")
        return [*lines, *_whole(style, place, one, head, _Calls.array), end, ""]
    words = ["self_in"] if method else []
    words += [f"{argument.name}_in" for argument in one.arguments]
    head = ", ".join(f"mp_obj_t {word}" for word in words) or "void"
    return [*lines, *_whole(style, place, one, head, _Calls.fixed), define.format(len(words), ""), ""]


class _Calls:
    """The ways in which MicroPython hands arguments over."""

    fixed, array, keywords = "fixed", "array", "keywords"


def _whole(style: Style, place: Place, one: Function, head: str, how: str) -> list[str]:
    used = _locals(one)
    own = 1 if place.owner and not one.static else 0
    lines = list[str]()
    if own:
        first = {"fixed": "self_in", "array": "args[0]", "keywords": "pos_args[0]"}[how]
        lines += self_lines(style, place.owner, first)
    if how == _Calls.keywords:
        rest = ("n_args - 1, pos_args + 1", "n_args, pos_args")[1 - own]
        lines += parse_lines(style, one, f"mp_arg_parse_all({rest}, kw_args", used)
        sources = parsed_sources(one)
    elif how == _Calls.array:
        sources = array_sources(one, "args", own)
    else:
        sources = [Source(f"{argument.name}_in") for argument in one.arguments]
    lines += body(style, place, one, sources, used)
    return [f"static mp_obj_t {place.c_name}({head}) {{", *_indented(lines), "}"]


def _locals(one: Function) -> Locals:
    fixed = [f"{argument.name}_in" for argument in one.arguments]
    return Locals(
        *(
            "self",
            "self_in",
            "n_args",
            "n_kw",
            "args",
            "pos_args",
            "kw_args",
            "allowed",
            "values",
            "result",
            "result_len",
        ),
        *fixed,
    )


def self_lines(style: Style, owner: str, source: str) -> list[str]:
    """``self`` as a structure."""
    return [f"{style.prefix}_{owner}_t *self = MP_OBJ_TO_PTR({source});", "(void)self;"]


def parse_lines(style: Style, one: Function, call: str, used: Locals) -> list[str]:
    """The table of the arguments, and the call that fills ``values`` from what Python gave. ``call`` lacks its end."""
    count = len(one.arguments)
    rows = [_row(argument, style.static_tables) for argument in one.arguments]
    if style.static_tables:
        lines = ["static const mp_arg_t allowed[] = {", *(f"    {row}," for row in rows), "};"]
    else:  # interned strings of a native module get their numbers when it is loaded
        lines = [f"mp_arg_t allowed[{count}];"]
        lines += [f"allowed[{number}] = (mp_arg_t) {row};" for number, row in enumerate(rows)]
    return [*lines, f"mp_arg_val_t values[{count}];", f"{call}, {count}, allowed, values);"]


def _row(argument: Argument, static: bool) -> str:
    flags = ["MP_ARG_KW_ONLY"] if argument.how == "name" else []
    flags += ["MP_ARG_REQUIRED"] if argument.needed else []
    default = argument.default
    if argument.type.kind is Kind.INT and not argument.type.optional:
        flags, value = [*flags, "MP_ARG_INT"], f".u_int = {0 if default is MISSING else c_int(int(str(default)))}"
    elif argument.type.kind is Kind.BOOL and not argument.type.optional:
        flags, value = [*flags, "MP_ARG_BOOL"], f".u_bool = {str(default is True).lower()}"
    else:
        value = ".u_obj = MP_OBJ_NULL"
        flags.append("MP_ARG_OBJ")
        if default is None:
            value = ".u_rom_obj = MP_ROM_NONE" if static else ".u_obj = mp_const_none"
    return f"{{MP_QSTR_{argument.name}, {' | '.join(flags)}, {{{value}}}}}"


def parsed_sources(one: Function) -> list[Source]:
    """Where the arguments are after ``mp_arg_parse_all``."""
    found = []
    for number, argument in enumerate(one.arguments):
        value = f"values[{number}]"
        kind = argument.type
        if kind.kind in (Kind.INT, Kind.BOOL) and not kind.optional:
            found.append(Source(f"{value}.u_{kind.kind.value}", ready=True))
        elif argument.default is MISSING or argument.default is None:
            found.append(Source(f"{value}.u_obj"))
        else:
            found.append(Source(f"{value}.u_obj", f"{value}.u_obj != MP_OBJ_NULL", argument.default))
    return found


def array_sources(one: Function, array: str, first: int = 0) -> list[Source]:
    """Where the arguments are in an array; ``first`` is how many others stand before them."""
    found = []
    for number, argument in enumerate(one.arguments, first):
        given = "" if argument.needed or argument.how == "many" else f"n_args > {number}"
        found.append(Source(f"{array}[{number}]", given, argument.default))
    return found


def body(style: Style, place: Place, one: Function, sources: Sequence[Source], used: Locals) -> list[str]:
    """Arguments as C variables, the user's part, and ``return``."""
    lines, names = list[str](), list[str]()
    for argument, source in zip(one.arguments, sources, strict=True):
        if argument.how == "many":
            array, _bracket, index = source.object.partition("[")
            rest, size = used.fresh(argument.name), used.fresh(f"{argument.name}_len")
            at = index.rstrip("]")
            lines += [f"size_t {size} = n_args - {at};", f"const mp_obj_t *{rest} = {array} + {at};"]
            names += [rest, size]
            continue
        taken = take(style.prefix, argument.type, argument.name, source, used)
        lines += taken.lines
        names += taken.names
    given = give(style.prefix, one.returns, Locals())
    unused = [f"(void){name};" for name in names]
    hints = list(_hints(style, one, given.hint))
    return [
        *lines,
        *unused,
        *given.lines,
        *part(place.key, hints or [""]),
        f"return {given.result};",
    ]


def _hints(style: Style, one: Function, result: str) -> Iterator[str]:
    """Lines of comment that show how things are done that this function says it does."""
    if result:
        yield f"// {result}"
    for argument in one.arguments:
        if argument.type.kind is Kind.CALLBACK:
            count = max(len(argument.type.items) - 1, 0)
            made = ", ".join(_made(kind) for kind in argument.type.items[:-1])
            if count:
                yield f"// mp_call_function_n_kw({argument.name}, {count}, 0, ((mp_obj_t[]) {{{made}}}));"
            else:
                yield f"// mp_call_function_n_kw({argument.name}, 0, 0, NULL);"
        elif argument.type.kind in (Kind.LIST, Kind.SEQUENCE) and argument.type.items[:1]:
            kind = argument.type.items[0]
            if kind.kind in PLAIN:
                yield f"// {PLAIN[kind.kind][0]} first = {PLAIN[kind.kind][1].format(f'{argument.name}[0]')};"
    for name, when in one.raises:
        text = f"MP_ERROR_TEXT({c_string(when[:80] or name)})"
        if name in style.own_exceptions:
            yield f"// mp_raise_msg((const mp_obj_type_t *)&{style.prefix}_{name}_type, {text});"
        elif name in BUILT_IN:
            yield f"// mp_raise_msg(&mp_type_{name}, {text});"


def _made(kind: Type) -> str:
    return PLAIN[kind.kind][2].format(0) if kind.kind in PLAIN else "mp_const_none"


def plain(
    style: Style, place: Place, one: Function, *, head: str, sources: Sequence[Source], before: Sequence[str] = ()
) -> list[str]:
    """A C function that Python does not see: the same inside, with another head and no object."""
    used = _locals(one)
    lines = comment_lines(f"{signature(one, name=place.key, method=True)}\n{one.doc}")
    lines += [
        f"static mp_obj_t {place.c_name}({head}) {{",
        *_indented([*before, *body(style, place, one, sources, used)]),
    ]
    return [*lines, "}", ""]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"{_INDENT}{line}".rstrip() for line in lines]
