"""What ``mpy_ld.py`` would turn into wrong code without a word, found in its own tables before it does.

Runs in the linker's child, on the state of ``mpy_ld.py`` after all objects were loaded (facts.md section 0, traps 1 and
3).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolchains.mpy_ld_types import ElfSymbol, LinkEnv, LinkSection, Relocation

#: Relocations that reach a variable directly, not through the global offset table, by ELF machine.
_DIRECT = {
    "EM_386": {2, 9},  # PC32, GOTOFF
    "EM_X86_64": {2, 4},  # PC32, PLT32
    "EM_ARM": {3, 24},  # REL32, GOTOFF32
    "EM_RISCV": {23, 26, 57},  # PCREL_HI20, HI20, 32_PCREL
}
#: R_ARM_ABS32: becomes a relocation of the .mpy file, which works for any variable.
_RELOCATED = ("EM_ARM", 2)

Refusal = dict[str, object]


def unreachable_variables(env: LinkEnv, *, libraries: bool) -> tuple[list[Refusal], list[Refusal]]:
    """Zero-initialised variables that code refers to directly, by file: static ones, and those of hidden visibility.

    Looked for in the files of ``libraries`` (``archive:member``), or in all others.

    On RISC-V and x86 ``mpy_ld.py`` resolves such a reference as if ``.bss`` lay inside the code, without an error, so
    that the program overwrites itself. Xtensa reaches them through its literals, which works; pointers in
    ``.data.rel.ro`` work everywhere.
    """
    files, hidden = set[str](), set[tuple[str, str]]()
    for section in env.sections if env.arch.name in _DIRECT else ():
        code = section.name.startswith((".text", ".rodata"))
        if code and libraries == (not os.path.exists(section.filename)):
            for reloc in section.reloc:
                reached = _reached(env, reloc)
                if reached == "":
                    files.add(section.filename)
                elif reached:
                    hidden.add((section.filename, reached))
    if not files:
        return [], [{"file": file, "names": [name]} for file, name in sorted(hidden)]
    from toolchains.elf_variables import hidden_names, static_names

    # Compilers reach several variables from a mark of their own (.LANCHOR0), so that not all names are known here.
    hidden |= {(file, name) for file in files for name in hidden_names(file)}
    statics: list[Refusal] = [{"file": file, "names": static_names(file)} for file in sorted(files)]
    only_hidden = {file for file, _name in hidden}
    return (
        [one for one in statics if one["names"] or one["file"] not in only_hidden],
        [{"file": file, "names": [name]} for file, name in sorted(hidden)],
    )


def _reached(env: LinkEnv, reloc: Relocation) -> str | None:
    """The variable that a relocation reaches directly: "" for one that only its own object knows, None for none."""
    symbol, kind = reloc.sym, reloc["r_info_type"]
    section = _section(symbol) or _section(env.known_syms.get(symbol.name))
    if section is None or not section.name.startswith(".bss"):
        return None
    if symbol["st_info"]["bind"] == "STB_LOCAL":
        return None if (env.arch.name, kind) == _RELOCATED else ""
    return symbol.name if kind in _DIRECT[env.arch.name] else None


def _section(symbol: ElfSymbol | None) -> LinkSection | None:
    return getattr(symbol, "section", None)


# --- Xtensa's literals ----------------------------------------------------------------------------------------------


def mixed_literals(env: LinkEnv) -> list[tuple[str, str, str]]:
    """Literals that ``mpy_ld.py`` takes for one although they mean different things: two files, and its name for both.

    ``build_got_xtensa`` knows a pointer by the name of a local symbol, or by the name of a section and the offset in
    it, and a literal by its file and offset, whatever its section (micropython issue #19276).
    """
    if env.arch.name != "EM_XTENSA":
        return []
    seen: dict[str, tuple[object, str]] = {}
    found: dict[tuple[str, str], str] = {}
    for file, name, meaning in (*_pointers(env), *_places(env)):
        first, other = seen.setdefault(name, (meaning, file))
        if first != meaning:
            found.setdefault((other, file), name)
    return [(one, other, name) for (one, other), name in found.items()]


def _pointers(env: LinkEnv) -> Iterator[tuple[str, str, object]]:
    for section in env.literal_sections:
        for reloc in section.reloc:
            symbol = reloc.sym
            target = _section(symbol)
            (offset,) = struct.unpack_from("<I", section.data, reloc["r_offset"])
            if symbol["st_info"]["type"] == "STT_SECTION":
                if target is not None:
                    yield section.filename, f"{target.name}+0x{offset:x}", (id(target), offset)
            else:
                local = symbol["st_info"]["bind"] == "STB_LOCAL" and target is not None
                more = reloc["r_addend"]
                yield section.filename, f"{symbol.name}+0x{more:x}", (id(target), symbol["st_value"]) if local else None


def _places(env: LinkEnv) -> Iterator[tuple[str, str, object]]:
    """A second section of literals in a file (``-ffunction-sections``): its offsets are those of the first."""
    for section in env.literal_sections:
        yield section.filename, f"{section.filename}+0x0", id(section)
