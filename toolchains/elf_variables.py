"""The variables in an object file: which of them a native module cannot have, and where they stand in the sources.

Names and sections come from the symbol table, lines from DWARF, both read with pyelftools. What that library lacks,
relocations of debug sections for RISC-V and Xtensa, is done here.
"""

from __future__ import annotations

import io
import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from elftools.dwarf.compileunit import CompileUnit
from elftools.dwarf.die import DIE
from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection
from elftools.elf.sections import Symbol, SymbolTableSection

#: The operators of a variable's address; clang joins variables, and finds one from the start of all. Of an array of
#: which not every element is used, it keeps pieces, each with an address of its own.
_DW_OP_ADDR, _DW_OP_PLUS_UCONST, _DW_OP_PIECE = 0x03, 0x23, 0x93
_ADD, _SUBTRACT = "add", "subtract"
#: How the relocations of debug sections fill in what: bytes and operation, by ELF machine and type.
_FILLS = {
    ("EM_386", 1): (4, _ADD),
    ("EM_X86_64", 1): (8, _ADD),
    ("EM_X86_64", 10): (4, _ADD),
    ("EM_ARM", 2): (4, _ADD),
    ("EM_XTENSA", 1): (4, _ADD),
    ("EM_RISCV", 1): (4, _ADD),
    ("EM_RISCV", 2): (8, _ADD),
    **{("EM_RISCV", 33 + power): (1 << power, _ADD) for power in range(4)},
    **{("EM_RISCV", 37 + power): (1 << power, _SUBTRACT) for power in range(4)},
}


@dataclass(frozen=True)
class Place:
    """Where something is declared: a file as the compiler was given it, and a line that counts from 1."""

    path: str
    line: int


def static_names(file: str) -> list[str]:
    """The static variables that start at zero; none for a file that does not exist (``archive:member``)."""
    return [symbol.name for symbol in _variables(_read(file), ".bss") if symbol["st_info"]["bind"] == "STB_LOCAL"]


def hidden_names(file: str) -> list[str]:
    """Variables that start at zero and are not static, but of hidden visibility (``-fvisibility=hidden``)."""
    found = _variables(_read(file), ".bss")
    return [symbol.name for symbol in found if symbol["st_other"]["visibility"] in ("STV_HIDDEN", "STV_INTERNAL")]


def initialised_names(file: str) -> list[str]:
    """The variables with a starting value other than zero."""
    return [symbol.name for symbol in _variables(_read(file), ".data")]


def places(data: bytes) -> dict[str, Place]:
    """Where the variables of an object with DWARF 4 stand, by symbol; those of an object without it are not told."""
    elf = ELFFile(io.BytesIO(data))
    if not elf.has_dwarf_info():
        return {}
    by_address = dict(_declared(elf, data))
    named = ((symbol.name, (symbol["st_shndx"], symbol["st_value"])) for symbol in _symbols(elf))
    return {name: by_address[where] for name, where in named if where in by_address}


def _read(file: str) -> bytes:
    if not os.path.exists(file):
        return b""
    with open(file, "rb") as stream:
        return stream.read()


def _variables(data: bytes, start: str) -> Iterable[Symbol]:
    """The symbols of variables in sections of this name, but not in those of constants with addresses in them."""
    if not data:
        return []
    elf = ELFFile(io.BytesIO(data))
    inside = {
        index
        for index, section in enumerate(elf.iter_sections())
        if section.name.startswith(start) and not section.name.startswith(".data.rel.ro")
    }
    found = [symbol for symbol in _symbols(elf) if symbol["st_shndx"] in inside]
    # An assembler's label has no type; "$d" and ".LANCHOR0" are marks of the tools.
    return [
        symbol
        for symbol in found
        if symbol["st_info"]["type"] in ("STT_OBJECT", "STT_NOTYPE") and symbol.name and symbol.name[0] not in ".$"
    ]


def _symbols(elf: ELFFile) -> Iterator[Symbol]:
    table = elf.get_section_by_name(".symtab")
    return table.iter_symbols() if isinstance(table, SymbolTableSection) else iter(())


# --- DWARF ----------------------------------------------------------------------------------------------------------

Address = tuple[Any, int]


def _declared(elf: ELFFile, data: bytes) -> Iterator[tuple[Address, Place]]:
    """The address, as section and offset, and the place of each variable with an address of its own."""
    filled = bytearray(data)
    targets = _fill(elf, filled)
    info = elf.get_section_by_name(".debug_info")
    start: int = info["sh_offset"] if info is not None else 0
    dwarf = ELFFile(io.BytesIO(bytes(filled))).get_dwarf_info(relocate_dwarf_sections=False)
    for unit in dwarf.iter_CUs():
        for entry in unit.iter_DIEs():
            location = entry.attributes.get("DW_AT_location") if entry.tag == "DW_TAG_variable" else None
            if location is None or location.form != "DW_FORM_exprloc":
                continue
            place = _place(unit, entry)
            start_of = start + location.offset + len(_uleb(len(location.value)))
            for operand, address in _addresses(location.value, elf.elfclass // 8):
                if place is not None and start_of + operand in targets:
                    yield (targets[start_of + operand], address), place


def _addresses(expression: list[int], size: int) -> Iterator[tuple[int, int]]:
    """The addresses in a variable's location: where ``DW_OP_addr`` has its operand, and it with what is added to it."""
    at = 0
    while at < len(expression):
        operator, at = expression[at], at + 1
        if operator == _DW_OP_ADDR:
            operand, at = at, at + size
            address = int.from_bytes(bytes(expression[operand:at]), "little")
            if expression[at : at + 1] == [_DW_OP_PLUS_UCONST]:
                added, at = _number(expression, at + 1)
                address += added
            yield operand, address
        elif operator == _DW_OP_PIECE:
            _bytes, at = _number(expression, at)
        else:
            return


def _number(expression: list[int], at: int) -> tuple[int, int]:
    """The ULEB128 number at a place, and the place behind it."""
    number, power = 0, 0
    while at < len(expression):
        byte, at = expression[at], at + 1
        number, power = number | (byte & 0x7F) << power, power + 7
        if byte < 0x80:
            break
    return number, at


def _uleb(number: int) -> bytes:
    """A number as ULEB128: that of a location's bytes stands before them."""
    return bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80]) + _uleb(number >> 7)


def _place(unit: CompileUnit, entry: DIE) -> Place | None:
    """Where an entry is declared, or what it completes: a static of a function that was inlined, an ``extern``."""
    while "DW_AT_decl_line" not in entry.attributes:
        more = next((one for one in ("DW_AT_specification", "DW_AT_abstract_origin") if one in entry.attributes), None)
        if more is None:
            return None
        entry = entry.get_DIE_from_attribute(more)
    number = entry.attributes["DW_AT_decl_file"].value if "DW_AT_decl_file" in entry.attributes else 1
    program = unit.dwarfinfo.line_program_for_CU(unit)
    if program is None:
        return None
    header, file = program.header, program.header["file_entry"][number - 1]
    folder = header["include_directory"][file["dir_index"] - 1] if file["dir_index"] else b""
    path = posixpath.join(folder.decode("utf-8", "replace"), file["name"].decode("utf-8", "replace"))
    return Place(path, entry.attributes["DW_AT_decl_line"].value)


def filled(elf: ELFFile, data: bytes, bases: Mapping[int, int]) -> bytes:
    """An object with the relocations of its debug sections done. ``bases``: where sections are, by number, in bytes."""
    copy = bytearray(data)
    _fill(elf, copy, bases)
    return bytes(copy)


def _fill(elf: ELFFile, data: bytearray, bases: Mapping[int, int] = MappingProxyType({})) -> dict[int, Any]:
    """Do the relocations of the debug sections in ``data``; by file offset, the section that is pointed to."""
    machine, targets = elf["e_machine"], dict[int, Any]()
    for section in elf.iter_sections():
        if not isinstance(section, RelocationSection):
            continue
        filled = elf.get_section(section["sh_info"])
        if not filled.name.startswith(".debug"):
            continue
        symbols = elf.get_section(section["sh_link"])
        assert isinstance(symbols, SymbolTableSection)
        for reloc in section.iter_relocations():
            fill = _FILLS.get((machine, reloc["r_info_type"]))
            if fill is not None:
                symbol, at = symbols.get_symbol(reloc["r_info_sym"]), filled["sh_offset"] + reloc["r_offset"]
                value = symbol["st_value"] + bases.get(symbol["st_shndx"], 0)
                _write(data, at, fill, value + (reloc["r_addend"] if reloc.is_RELA() else 0))
                targets[at] = symbol["st_shndx"]
    return targets


def _write(data: bytearray, at: int, fill: tuple[int, str], value: int) -> None:
    """What is in the file counts too: with RELA it is zero, except on Xtensa, which has a part of the offset there."""
    size, operation = fill
    value = int.from_bytes(data[at : at + size], "little") + (-value if operation == _SUBTRACT else value)
    data[at : at + size] = (value % (1 << 8 * size)).to_bytes(size, "little")
