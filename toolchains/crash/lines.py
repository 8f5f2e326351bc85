"""Where each instruction of a native module comes from: DWARF of its objects, put where mpy_ld.py put their code.

mpy_ld.py keeps no debug information. So the objects are compiled again with ``-g`` (:mod:`toolchains.crash.module`),
and their debug sections are relocated here to the places that the linker gave the code: addresses in the result are
offsets in the module's code. pyelftools reads the rest.
"""

from __future__ import annotations

import io
import posixpath
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from elftools.common.exceptions import DWARFError, ELFError
from elftools.dwarf.callframe import FDE, ZERO
from elftools.dwarf.compileunit import CompileUnit
from elftools.dwarf.descriptions import describe_form_class
from elftools.dwarf.die import DIE
from elftools.dwarf.dwarfinfo import DWARFInfo
from elftools.dwarf.ranges import BaseAddressEntry
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from toolchains.elf_variables import filled

#: Functions of compilers' libraries and chains of inlined ones are not deeper.
_MOST_DEEP = 64
#: What compilers add to the name of a function that they made a version of: ``store.constprop.0``.
_PART = re.compile(r"[.$]")
#: DWARF numbers of registers of RISC-V.
_RA, _SP = 1, 2


@dataclass(frozen=True)
class Spot:
    """A function and a line of it; ``path`` as the compiler was given it. ``inlined``: it is part of the next one."""

    function: str
    path: str | None
    line: int | None
    inlined: bool = False


@dataclass(frozen=True)
class Saved:
    """What a RISC-V function has put on the stack at an instruction: bytes from the stack pointer up to where it was
    in the caller, and from there to the word with the return address (None: it is still in the register)."""

    size: int
    return_at: int | None


@dataclass(frozen=True)
class ObjectCode:
    """An object, where the linker put its code sections (by name, bytes), and the functions whose code is not exactly
    what was linked."""

    data: bytes
    offsets: Mapping[str, int]
    differ: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Function:
    name: str
    start: int
    end: int
    exact: bool


@dataclass
class LineTable:
    """The lines of one module. Offsets count from the beginning of its code, in bytes."""

    _rows: list[tuple[int, str | None, int | None]] = field(default_factory=list)
    _functions: list[_Function] = field(default_factory=list)
    _infos: list[DWARFInfo] = field(default_factory=list)

    @staticmethod
    def of(objects: Iterable[ObjectCode]) -> LineTable:
        """The table of objects with DWARF.

        An object without DWARF gives the names of its functions alone; one that cannot be read gives nothing.
        """
        table = LineTable()
        for one in objects:
            table._add(one)
        table._rows.sort(key=lambda row: (row[0], row[2] is not None))  # an end before what begins there
        table._functions.sort(key=lambda one: one.start)
        return table

    def _add(self, one: ObjectCode) -> None:
        data, offsets = one.data, one.offsets
        try:
            elf = ELFFile(io.BytesIO(data))
            names = [section.name for section in elf.iter_sections()]
            bases = {index: offsets[name] for index, name in enumerate(names) if name in offsets}
            self._functions += _functions(elf, bases, one.differ)
            if elf.has_dwarf_info():
                info = ELFFile(io.BytesIO(filled(elf, data, bases))).get_dwarf_info(relocate_dwarf_sections=False)
                self._rows += [row for unit in info.iter_CUs() for row in line_rows(info, unit)]
                self._infos.append(info)
        except (ELFError, DWARFError):
            return

    def function(self, offset: int) -> str:
        """The function with an instruction in it, or empty."""
        return next((one.name for one in self._functions if one.start <= offset < one.end), "")

    def exact(self, offset: int) -> bool:
        """Whether the lines of a function are those of the very code that was linked."""
        return next((one.exact for one in self._functions if one.start <= offset < one.end), True)

    def spots(self, offset: int) -> list[Spot]:
        """Function and line of an instruction, and what it was inlined into; the innermost first."""
        row = self._row(offset)
        path, line = (row[1], row[2]) if row is not None else (None, None)
        name = self.function(offset)
        chain = self._inlined(offset)
        found: list[Spot] = []
        for inner, called_path, called_line in chain:
            found.append(Spot(inner, path, line, inlined=True))
            path, line = called_path or path, called_line
        return [*found, Spot(name, path, line)] if name or line else []

    def _row(self, offset: int) -> tuple[int, str | None, int | None] | None:
        at = bisect_right(self._rows, offset, key=lambda row: row[0]) - 1
        return self._rows[at] if at >= 0 and self._rows[at][2] is not None else None

    def _inlined(self, offset: int) -> list[tuple[str, str | None, int | None]]:
        """The inlined calls around an instruction: name, and where it is called; the innermost first."""
        for info in self._infos:
            for unit in info.iter_CUs():
                for entry in unit.get_top_DIE().iter_children():
                    if entry.tag == "DW_TAG_subprogram" and _covers(info, unit, entry, offset):
                        return _chain(info, unit, entry, offset)[::-1]
        return []

    def saved(self, offset: int) -> Saved | None:
        """What a RISC-V function has saved at an instruction; None where DWARF does not tell."""
        for info in self._infos:
            for entry in info.CFI_entries() if info.has_CFI() else ():
                if isinstance(entry, FDE) and not isinstance(entry, ZERO):
                    start = entry["initial_location"]
                    if start <= offset < start + entry["address_range"]:
                        return _saved(entry, offset)
        return None


def _saved(entry: FDE, offset: int) -> Saved | None:
    rows = [row for row in entry.get_decoded().table if row["pc"] <= offset]
    if not rows or rows[-1]["cfa"].reg != _SP:
        return None
    rule = rows[-1].get(_RA)
    return Saved(rows[-1]["cfa"].offset, rule.arg if rule is not None and rule.type == "OFFSET" else None)


def _functions(elf: ELFFile, bases: Mapping[int, int], differ: frozenset[str]) -> Iterator[_Function]:
    table = elf.get_section_by_name(".symtab")
    for symbol in table.iter_symbols() if isinstance(table, SymbolTableSection) else ():
        base = bases.get(symbol["st_shndx"])
        if base is not None and symbol["st_info"]["type"] == "STT_FUNC":
            thumb = 1 if elf["e_machine"] == "EM_ARM" else 0  # the lowest bit says how the code is written
            start = base + (symbol["st_value"] & ~thumb)
            name = _PART.split(symbol.name)[0] or symbol.name
            yield _Function(name, start, start + max(symbol["st_size"], 1), symbol.name not in differ)


def line_rows(info: DWARFInfo, unit: CompileUnit) -> Iterator[tuple[int, str | None, int | None]]:
    """Address, path and line of each piece of code; a path of None ends a run of them."""
    program = info.line_program_for_CU(unit)
    if program is None:
        return
    names = _paths(program.header)
    for one in program.get_entries():
        state = one.state
        if state is None:
            continue
        if state.end_sequence:
            yield state.address, None, None
        elif state.line:  # 0: made by the compiler itself
            yield state.address, names.get(state.file), state.line


def _paths(header: object) -> dict[int, str]:
    """The paths of a line program (DWARF 4: numbers from 1), as the compiler was given them."""
    folders = [part.decode("utf-8", "replace") for part in header["include_directory"]]  # type: ignore[index]
    found = {}
    for number, file in enumerate(header["file_entry"], 1):  # type: ignore[index]
        folder = folders[file["dir_index"] - 1] if 0 < file["dir_index"] <= len(folders) else ""
        found[number] = posixpath.join(folder, file["name"].decode("utf-8", "replace"))
    return found


def _covers(info: DWARFInfo, unit: CompileUnit, entry: DIE, offset: int) -> bool:
    return any(start <= offset < end for start, end in _ranges(info, unit, entry))


def _ranges(info: DWARFInfo, unit: CompileUnit, entry: DIE) -> Iterator[tuple[int, int]]:
    attributes = entry.attributes
    if "DW_AT_low_pc" in attributes and "DW_AT_high_pc" in attributes:
        start, high = attributes["DW_AT_low_pc"].value, attributes["DW_AT_high_pc"]
        yield start, high.value if describe_form_class(high.form) == "address" else start + high.value
    elif "DW_AT_ranges" in attributes:
        lists = info.range_lists()
        if lists is None:
            return
        base = unit.get_top_DIE().attributes.get("DW_AT_low_pc")
        at = base.value if base is not None else 0
        for one in lists.get_range_list_at_offset(attributes["DW_AT_ranges"].value, unit):
            if isinstance(one, BaseAddressEntry):
                at = one.base_address
            else:
                start = 0 if one.is_absolute else at
                yield start + one.begin_offset, start + one.end_offset


def _chain(info: DWARFInfo, unit: CompileUnit, entry: DIE, offset: int) -> list[tuple[str, str | None, int | None]]:
    """The inlined calls with the instruction in them, the outermost first."""
    found: list[tuple[str, str | None, int | None]] = []
    todo = [entry]
    while todo and len(found) < _MOST_DEEP:
        inside = todo.pop()
        for child in inside.iter_children():
            if child.tag == "DW_TAG_lexical_block":
                todo.append(child)
            elif child.tag == "DW_TAG_inlined_subroutine" and _covers(info, unit, child, offset):
                found.append((_name(child), _called_in(info, unit, child), _number(child, "DW_AT_call_line")))
                todo = [child]
                break
    return found


def _number(entry: DIE, name: str) -> int | None:
    return entry.attributes[name].value if name in entry.attributes else None


def _called_in(info: DWARFInfo, unit: CompileUnit, entry: DIE) -> str | None:
    number, program = _number(entry, "DW_AT_call_file"), info.line_program_for_CU(unit)
    return _paths(program.header).get(number) if number and program is not None else None


def _name(entry: DIE) -> str:
    for _step in range(_MOST_DEEP):
        if "DW_AT_name" in entry.attributes:
            value: bytes = entry.attributes["DW_AT_name"].value
            return value.decode("utf-8", "replace")
        if "DW_AT_abstract_origin" not in entry.attributes:
            return ""
        entry = entry.get_DIE_from_attribute("DW_AT_abstract_origin")
    return ""
