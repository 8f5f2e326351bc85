"""Constants of a firmware: objects that stand in its flash, for the tables of a module or a class."""

from __future__ import annotations

import struct

from toolchains.stubs.c_names import c_string
from toolchains.stubs.c_values import c_float
from toolchains.stubs.model import Literals

#: MP_ROM_INT of a 32-bit board: what is bigger would need an object that only MicroPython's own code can lay out.
SMALLEST, BIGGEST = -(1 << 30), (1 << 30) - 1


def fits(value: Literals) -> bool:
    """Whether a firmware can keep this."""
    if isinstance(value, tuple):
        return all(map(fits, value))
    return not isinstance(value, int) or SMALLEST <= value <= BIGGEST


def rom(name: str, value: Literals) -> tuple[list[str], str]:
    """Lines that define what is needed under names that begin with ``name``, and the entry of a table."""
    if value is None:
        return [], "MP_ROM_NONE"
    if isinstance(value, bool):
        return [], "MP_ROM_TRUE" if value else "MP_ROM_FALSE"
    if isinstance(value, int):
        return [], f"MP_ROM_INT({value})"
    if isinstance(value, float):
        return _float(name, value), f"{name}_rom"
    if isinstance(value, str):
        return [f"static const MP_DEFINE_STR_OBJ({name}_obj, {c_string(value)});"], f"MP_ROM_PTR(&{name}_obj)"
    if isinstance(value, bytes):
        made = f"{{{{&mp_type_bytes}}, 0, {len(value)}, (const byte *){c_string(value)}}}"
        return [f"static const mp_obj_str_t {name}_obj = {made};"], f"MP_ROM_PTR(&{name}_obj)"
    lines, entries = list[str](), list[str]()
    for number, item in enumerate(value):
        more, entry = rom(f"{name}_{number}", item)
        lines += more
        entries.append(entry)
    if not value:
        return [], "MP_ROM_PTR(&mp_const_empty_tuple_obj)"
    items = f"{{{{&mp_type_tuple}}, {len(value)}, {{{', '.join(entries)}}}}}"
    return [*lines, f"static const mp_rom_obj_tuple_t {name}_obj = {items};"], f"MP_ROM_PTR(&{name}_obj)"


def _float(name: str, value: float) -> list[str]:
    """Boards keep floats in three ways: as an object, in 30 bits of a word, or in a 64-bit word (py/obj.h)."""
    (single,), (double,) = struct.unpack("<I", _single(value)), struct.unpack("<Q", struct.pack("<d", value))
    word = (((single & ~3) | 2) + 0x80800000) & 0xFFFFFFFF
    return [
        "#if MICROPY_OBJ_REPR == MICROPY_OBJ_REPR_C",
        f"#define {name}_rom ((mp_rom_obj_t)0x{word:08x})",
        "#elif MICROPY_OBJ_REPR == MICROPY_OBJ_REPR_D",
        f"#define {name}_rom {{((mp_obj_t)0x{(double + 0x8004000000000000) & (1 << 64) - 1:016x})}}",
        "#else",
        "static const struct {",
        "    mp_obj_base_t base;",
        "    mp_float_t value;",
        f"}} {name}_obj = {{{{&mp_type_float}}, {c_float(value)}}};",
        f"#define {name}_rom MP_ROM_PTR(&{name}_obj)",
        "#endif",
    ]


def _single(value: float) -> bytes:
    try:
        return struct.pack("<f", value)
    except OverflowError:
        return struct.pack("<f", float("inf") if value > 0 else float("-inf"))
