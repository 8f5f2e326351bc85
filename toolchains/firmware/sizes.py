"""What a firmware weighs: memories, parts, files and symbols, from its ELF file and the linker's map.

Symbols and their sizes are the ELF's (pyelftools); which file a symbol came from is the map's. Frozen Python is told
apart by the names that MicroPython's freezing gives to its data.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import Section, SymbolTableSection

from toolchains.errors import disk_errors
from toolchains.firmware import map_file
from toolchains.firmware.image import BadImage
from toolchains.firmware.map_file import LinkMap

Region = Literal["code", "constants", "data", "zeroed"]
REGIONS: tuple[Region, ...] = ("code", "constants", "data", "zeroed")
_WRITE, _EXECUTE, _ALLOCATED = 1, 4, 2  # flags of ELF sections
_FROZEN = re.compile(r"^frozen_module_(\w+)$")
_FROZEN_DATA = re.compile(
    r"^(?:frozen_module|children|proto_fun|fun_data|const_qstr_table_data|const_obj_table_data|const_obj|const_table_data"
    r"|qstr_table_data|raw_code|prelude|native_\w+?|viper_\w+?)_(?=\w)"
)
#: Bytes of padding and of what has no symbol.
OTHER = ""


@dataclass(frozen=True)
class Piece:
    """Bytes of an image. ``group`` is a library, a part of the tree, ``module NAME`` or ``frozen NAME``; ``file`` the
    object, ``symbol`` empty for what has none."""

    region: Region
    group: str
    file: str
    symbol: str
    size: int


@dataclass(frozen=True)
class Sizes:
    """All pieces of an image, the largest first; ``totals`` by region are the sections' own."""

    pieces: tuple[Piece, ...]
    totals: Mapping[Region, int]

    @property
    def flash(self) -> int:
        """Bytes that are stored: code, constants, and what data begins with."""
        return sum(self.totals.get(one, 0) for one in ("code", "constants", "data"))

    @property
    def ram(self) -> int:
        """Bytes of memory that are taken before anything runs."""
        return sum(self.totals.get(one, 0) for one in ("data", "zeroed"))

    def of_groups(self) -> dict[str, int]:
        """Stored bytes of each group, the largest first."""
        found: dict[str, int] = defaultdict(int)
        for piece in self.pieces:
            if piece.region != "zeroed":
                found[piece.group] += piece.size
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def read(elf: Path, map_path: Path | None = None, modules: Mapping[str, str] | None = None) -> Sizes:
    """Weigh an image. ``modules``: names of user modules by the folder that their objects are in.

    Raises :class:`BadImage`, ``DiskError``.
    """
    linked = map_file.read(map_path) if map_path is not None and map_path.is_file() else LinkMap()
    with disk_errors(elf), elf.open("rb") as stream:
        try:
            pieces, totals = _weigh(ELFFile(stream), linked, modules or {})
        except (ELFError, ValueError, KeyError) as error:
            raise BadImage(elf, str(error)) from error
    return Sizes(tuple(sorted(pieces, key=lambda one: -one.size)), totals)


def _weigh(elf: ELFFile, linked: LinkMap, modules: Mapping[str, str]) -> tuple[list[Piece], dict[Region, int]]:
    regions = {number: _region(section) for number, section in enumerate(elf.iter_sections())}
    totals: dict[Region, int] = dict.fromkeys(REGIONS, 0)
    for number, section in enumerate(elf.iter_sections()):
        region = regions[number]
        if region is not None:
            totals[region] += section["sh_size"]
    rows = list(_symbols(elf, regions))
    frozen = sorted((name[1] for _r, text, _a, _s in rows if (name := _FROZEN.match(text))), key=len, reverse=True)
    pieces = [
        Piece(region, *_place(name, linked.object_at(address), frozen, modules), name, size)
        for region, name, address, size in rows
    ]
    weighed: dict[Region, int] = dict.fromkeys(REGIONS, 0)
    for piece in pieces:
        weighed[piece.region] += piece.size
    rest = [Piece(one, OTHER, "", "", totals[one] - weighed[one]) for one in REGIONS if totals[one] > weighed[one]]
    return [*pieces, *rest], totals


def _region(section: Section) -> Region | None:
    flags = section["sh_flags"]
    if not flags & _ALLOCATED:
        return None
    if section["sh_type"] == "SHT_NOBITS":
        return "zeroed" if "stack" not in section.name and "heap" not in section.name else None
    if flags & _EXECUTE:
        return "code"
    return "data" if flags & _WRITE and not section.name.startswith(".data.rel.ro") else "constants"


def _symbols(elf: ELFFile, regions: Mapping[int, Region | None]) -> Iterator[tuple[Region, str, int, int]]:
    """Region, name, address and bytes of each symbol that has some; one that has two names is there once."""
    seen = set[int]()
    for section in elf.iter_sections():
        if not isinstance(section, SymbolTableSection):
            continue
        for symbol in section.iter_symbols():
            number, address, size = symbol["st_shndx"], symbol["st_value"], symbol["st_size"]
            region = regions.get(number) if isinstance(number, int) else None
            if region is not None and size and address not in seen:
                seen.add(address)
                yield region, symbol.name, address, size


def _place(name: str, file: str | None, frozen: Iterable[str], modules: Mapping[str, str]) -> tuple[str, str]:
    """The group and the file of a symbol."""
    known = _FROZEN_DATA.sub("", name) if _FROZEN_DATA.match(name) else ""
    if known:
        module = next((one for one in frozen if known == one or known.startswith(f"{one}_")), None)
        if module is not None:
            return f"frozen {module.removesuffix('___init__')}", "frozen_content.c"
    if file is None:
        return OTHER, ""
    archive, _open, member = file.partition("(")
    if member:
        return PurePosixPath(archive.replace("\\", "/")).name, member.rstrip(")")
    parts = PurePosixPath(file.replace("\\", "/")).parts
    for part in reversed(parts[:-1]):
        if part in modules:
            return f"module {modules[part]}", parts[-1]
    below = parts[parts.index("build") + 1 :] if "build" in parts else parts[-2:]
    return (below[0] if len(below) > 1 else "port"), "/".join(below)
