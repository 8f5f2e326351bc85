"""A whole module in C: as a native module (filled in when it is loaded), or for a firmware (tables in its flash)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from toolchains.stubs import c_classes
from toolchains.stubs.c_classes import Slots
from toolchains.stubs.c_functions import Place, Style, function
from toolchains.stubs.c_names import comment_lines, function_name
from toolchains.stubs.c_values import expression
from toolchains.stubs.exceptions import BUILT_IN
from toolchains.stubs.kept import part, sealed
from toolchains.stubs.model import Class, Exceptional, Function, Literals, Module
from toolchains.stubs.rom import rom

#: A native module (.mpy), or a C module that is compiled into a firmware.
Target = Literal["natmod", "usermod"]


def c_source(module: Module, target: Target) -> str:
    """The C file, complete, with empty parts for the user's code. It compiles without warnings."""
    style = style_of(module, target)
    lines = [_head(module, target), *comment_lines(module.doc), "", *_includes(target), ""]
    lines += [*part("module:top", ["// #include, structures, variables, helpers: whatever the functions need."]), ""]
    slots = dict[str, Slots]()
    for own in module.exceptions:
        lines += _exception_type(style, own)
    for one in module.classes:
        lines += [*c_classes.structure(style, one), *_declared_type(style, one), ""]
    code = list[str]()
    for one in module.classes:
        more, slots[one.name] = c_classes.code(style, one)
        code += more
        if slots[one.name].iterator:
            code += [*_iterator_type(style, one, slots[one.name]), *c_classes.getiter(style, one)]
    for each in module.functions:
        code += function(style, Place(_c_name(module, each), each.name), each)
    makers = [lines for one in module.classes for lines in c_classes.makers(style, one)]
    lines += [*_used(makers, code), *code]
    lines += _usermod(style, module, slots) if style.static_tables else _natmod(style, module, slots)
    return sealed("\n".join(_without_double_blanks(lines)) + "\n")


def c_function(name: str, one: Function, target: Target) -> str:
    """One function of the module ``name``, with its function object."""
    return (
        "\n".join(function(style_of(Module(name), target), Place(f"{name}_{one.name}", one.name), one)).rstrip() + "\n"
    )


def style_of(module: Module, target: Target) -> Style:
    """How the code of this module is written for that target."""
    return Style(module.name, target == "usermod", tuple(one.name for one in module.exceptions))


def _c_name(module: Module, one: Function) -> str:
    return function_name(module.name, one.name, frozenset(each.name for each in module.classes))


def _head(module: Module, target: Target) -> str:
    kind = "a native module" if target == "natmod" else "a C module for a firmware"
    origin = re.sub(r"[^\w. -]", "_", module.origin) or "signatures"
    return f"// {module.name}: {kind}, made by natmod stub from {origin}. Write between the marked lines only."


def _includes(target: Target) -> list[str]:
    if target == "natmod":
        return ['#include "py/dynruntime.h"']
    return [f'#include "py/{name}.h"' for name in ("runtime", "obj", "objstr", "objtuple", "objtype", "objexcept")]


def _used(makers: Sequence[list[str]], code: Sequence[str]) -> list[str]:
    """The helpers that something calls; a static function that nobody calls is a warning."""
    text, found = "\n".join(code), list[str]()
    for lines in makers:
        name = re.search(r"(\w+)\(", lines[1])
        found += lines if name is not None and f"{name[1]}(" in text else []
    return found


def _without_double_blanks(lines: Sequence[str]) -> Iterator[str]:
    last = ""
    for line in lines:
        if line or last:
            yield line
        last = line


# --- types ---


def _full(style: Style, name: str) -> str:
    return f"{style.prefix}_{name}_type"


def _declared_type(style: Style, one: Class) -> list[str]:
    """The type as far as functions above it need it."""
    name = _full(style, one.name)
    if style.static_tables:
        return [f"extern const mp_obj_type_t {name};"]
    return [
        "// Filled in by mpy_init. It must not be static: the linker cannot reach static variables.",
        f"mp_obj_full_type_t {name};",
    ]


def _exception_type(style: Style, own: Exceptional) -> list[str]:
    name = _full(style, own.name)
    raising = f'mp_raise_msg((const mp_obj_type_t *)&{name}, MP_ERROR_TEXT("…"));'
    text = comment_lines(f"{own.name}, which is raised with: {raising}")
    if not style.static_tables:
        return [*text, *comment_lines(own.doc), f"mp_obj_full_type_t {name};", ""]
    words = ["make_new, mp_obj_exception_make_new", "print, mp_obj_exception_print", "attr, mp_obj_exception_attr"]
    words.append(f"parent, {_base(style, own)}")
    return [
        *text,
        *comment_lines(own.doc),
        f"MP_DEFINE_CONST_OBJ_TYPE({name}, MP_QSTR_{own.name}, MP_TYPE_FLAG_NONE,",
        *(f"    {word}," for word in words[:-1]),
        f"    {words[-1]});",
        "",
    ]


def _base(style: Style, own: Exceptional) -> str:
    return f"&mp_type_{own.base}" if own.base in BUILT_IN else f"(const mp_obj_type_t *)&{_full(style, own.base)}"


def _iterator_type(style: Style, one: Class, slots: Slots) -> list[str]:
    name = f"{style.prefix}_{one.name}_iterator"
    if not style.static_tables:
        return [f"mp_obj_full_type_t {name}_type;", ""]
    return [
        f"static MP_DEFINE_CONST_OBJ_TYPE({name}_type, MP_QSTR_iterator, MP_TYPE_FLAG_ITER_IS_ITERNEXT,",
        f"    iter, {slots.iterator});",
        "",
    ]


def _entries(style: Style, one: Class) -> list[tuple[str, str, Literals]]:
    """The names of a class: a function object, or a value."""
    found: list[tuple[str, str, Literals]] = []
    found += [(method.name, f"{c_classes.method_c_name(style, one, method)}_obj", None) for method in one.methods]
    found += [(constant.name, "", constant.value) for constant in one.constants]
    return found


# --- a native module ---


def _natmod(style: Style, module: Module, slots: dict[str, Slots]) -> list[str]:
    lines = list[str]()
    for one in module.classes:
        count = len(_entries(style, one))
        if count:
            name = f"{style.prefix}_{one.name}_names"
            lines += [
                f"mp_map_elem_t {name}_table[{count}];",
                f"static MP_DEFINE_CONST_DICT({name}, {name}_table);",
                "",
            ]
    lines += [
        "// What MicroPython calls when the module is imported.",
        "mp_obj_t mpy_init(mp_obj_fun_bc_t *self, size_t n_args, size_t n_kw, mp_obj_t *args) {",
        "    MP_DYNRUNTIME_INIT_ENTRY",
        "",
    ]
    for own in module.exceptions:
        name = _full(style, own.name)
        lines.append(f"    mp_obj_exception_init(&{name}, MP_QSTR_{own.name}, {_base(style, own)});")
        lines += [f"    mp_store_global(MP_QSTR_{own.name}, MP_OBJ_FROM_PTR(&{name}));", ""]
    for one in module.classes:
        lines += [*(f"    {line}" for line in _filled(style, one, slots[one.name])), ""]
    for each in module.functions:
        lines.append(f"    mp_store_global(MP_QSTR_{each.name}, MP_OBJ_FROM_PTR(&{_c_name(module, each)}_obj));")
    for constant in module.constants:
        lines.append(f"    mp_store_global(MP_QSTR_{constant.name}, {expression(constant.value)});")
    lines += ["", *part("module:init", ["// What happens once, when the module is imported."], indent="    ")]
    return [*lines, "    MP_DYNRUNTIME_INIT_EXIT", "}"]


def _filled(style: Style, one: Class, slots: Slots) -> list[str]:
    """The lines of mpy_init that make a type."""
    name = f"{style.prefix}_{one.name}"
    lines = []
    for number, (word, function_object, value) in enumerate(_entries(style, one)):
        static = any(method.static and method.name == word for method in one.methods)
        entry = f"MP_OBJ_FROM_PTR(&{function_object})" if function_object else expression(value)
        if static:
            wrap = "mp_call_function_n_kw(mp_load_global(MP_QSTR_staticmethod), 1, 0, ((mp_obj_t[]) {"
            entry = f"{wrap}{entry}}}))"
        lines.append(f"{name}_names_table[{number}] = (mp_map_elem_t) {{MP_OBJ_NEW_QSTR(MP_QSTR_{word}), {entry}}};")
    wanted = [*slots.slots, *([("locals_dict", f"(void *)&{name}_names")] if lines else [])]
    if slots.iterator:
        lines += _type_lines(f"{name}_iterator_type", "iterator", ("MP_TYPE_FLAG_ITER_IS_ITERNEXT",))
        lines.append(f"MP_OBJ_TYPE_SET_SLOT(&{name}_iterator_type, iter, {slots.iterator}, 0);")
    lines += _type_lines(f"{name}_type", one.name, slots.flags)
    lines += [
        f"MP_OBJ_TYPE_SET_SLOT(&{name}_type, {slot}, {value}, {number});" for number, (slot, value) in enumerate(wanted)
    ]
    return [*lines, f"mp_store_global(MP_QSTR_{one.name}, MP_OBJ_FROM_PTR(&{name}_type));"]


def _type_lines(name: str, shown: str, flags: Sequence[str]) -> list[str]:
    return [
        f"{name}.base.type = (void *)&mp_type_type;",
        f"{name}.flags = {' | '.join(flags) or 'MP_TYPE_FLAG_NONE'};",
        f"{name}.name = MP_QSTR_{shown};",
    ]


# --- a firmware's module ---


def _usermod(style: Style, module: Module, slots: dict[str, Slots]) -> list[str]:
    lines = list[str]()
    for one in module.classes:
        lines += _const_type(style, one, slots[one.name])
    rows = ["{MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_" + module.name + ")},"]
    types = [*(own.name for own in module.exceptions), *(one.name for one in module.classes)]
    rows += [_row(each, f"MP_ROM_PTR(&{_full(style, each)})") for each in types]
    rows += [_row(one.name, f"MP_ROM_PTR(&{_c_name(module, one)}_obj)") for one in module.functions]
    for constant in module.constants:
        more, entry = rom(f"{style.prefix}_{constant.name}", constant.value)
        lines += more
        rows.append(_row(constant.name, entry))
    init = f"{style.prefix}___init__"
    rows.append(_row("__init__", f"MP_ROM_PTR(&{init}_obj)"))
    name = f"{style.prefix}_globals"
    return [
        *lines,
        "",
        f"static mp_obj_t {init}(void) {{",
        *part("module:init", ["// What happens once, when the module is imported."], indent="    "),
        "    return mp_const_none;",
        "}",
        f"static MP_DEFINE_CONST_FUN_OBJ_0({init}_obj, {init});",
        "",
        f"static const mp_rom_map_elem_t {name}_table[] = {{",
        *(f"    {row}" for row in rows),
        "};",
        f"static MP_DEFINE_CONST_DICT({name}, {name}_table);",
        "",
        f"const mp_obj_module_t {style.prefix}_module = {{",
        "    .base = {&mp_type_module},",
        f"    .globals = (mp_obj_dict_t *)&{name},",
        "};",
        "",
        f"MP_REGISTER_MODULE(MP_QSTR_{module.name}, {style.prefix}_module);",
    ]


def _row(name: str, entry: str) -> str:
    return f"{{MP_ROM_QSTR(MP_QSTR_{name}), {entry}}},"


def _const_type(style: Style, one: Class, slots: Slots) -> list[str]:
    name = f"{style.prefix}_{one.name}"
    lines, rows = list[str](), list[str]()
    for word, function_object, value in _entries(style, one):
        entry = f"MP_ROM_PTR(&{function_object})"
        if not function_object:
            more, entry = rom(f"{name}_{word}", value)
            lines += more
        elif any(method.static and method.name == word for method in one.methods):
            wrapped = f"{function_object[:-4]}_static"
            lines.append(f"static MP_DEFINE_CONST_STATICMETHOD_OBJ({wrapped}, {entry});")
            entry = f"MP_ROM_PTR(&{wrapped})"
        rows.append(_row(word, entry))
    wanted = [*slots.slots]
    if rows:
        lines += [f"static const mp_rom_map_elem_t {name}_names_table[] = {{", *(f"    {row}" for row in rows), "};"]
        lines += [f"static MP_DEFINE_CONST_DICT({name}_names, {name}_names_table);", ""]
        wanted.append(("locals_dict", f"&{name}_names"))
    flags = " | ".join(slots.flags) or "MP_TYPE_FLAG_NONE"
    words = [f"{slot}, {value}" for slot, value in wanted]
    return [
        *lines,
        f"MP_DEFINE_CONST_OBJ_TYPE({name}_type, MP_QSTR_{one.name}, {flags},",
        *(f"    {word}," for word in words[:-1]),
        f"    {words[-1]});",
        "",
    ]
