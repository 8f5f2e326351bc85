"""MicroPython's own functions, out of the ELF file of a firmware: the one published beside the .bin, or our own.

Only what an address needs is read: names from the symbol table, and a line where the file has DWARF.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from elftools.common.exceptions import DWARFError, ELFError
from elftools.dwarf.dwarfinfo import DWARFInfo
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from toolchains.crash.lines import Spot, line_rows
from toolchains.errors import ProjectError, disk_errors
from toolchains.text import _

#: An ESP32's has 15 MB with DWARF.
_MOST_BYTES = 256 << 20


class NotAnElf(ProjectError):
    """A file that should be a firmware's ELF file is not one. Field: ``path``."""

    code = "crash.elf"

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(
            _("{name} is not the ELF file of a firmware.", name=path.name),
            next_step=_("Take the .elf file that is offered beside the .bin file, on micropython.org."),
            detail=detail,
            path=str(path),
        )


@dataclass(frozen=True)
class FirmwareMap:
    """Functions of a firmware by address. ``sha256``: the file's own, by which ESP-IDF's dumps name their firmware."""

    _starts: tuple[int, ...]
    _ends: tuple[int, ...]
    _names: tuple[str, ...]
    sha256: str
    _dwarf: DWARFInfo | None

    def spot(self, address: int) -> Spot | None:
        """The function with an instruction in it, with its line where the file tells."""
        at = bisect_right(self._starts, address) - 1
        if at < 0 or address >= self._ends[at]:
            return None
        path, line = self._line(address)
        return Spot(self._names[at], path, line)

    def _line(self, address: int) -> tuple[str | None, int | None]:
        if self._dwarf is None:
            return None, None
        try:
            ranges = self._dwarf.get_aranges()
            offset = ranges.cu_offset_at_addr(address) if ranges is not None else None
            if offset is None:
                return None, None
            rows = sorted(line_rows(self._dwarf, self._dwarf.get_CU_at(offset)), key=lambda row: row[0])
        except (DWARFError, ELFError, KeyError, ValueError):
            return None, None
        at = bisect_right(rows, address, key=lambda row: row[0]) - 1
        return (rows[at][1], rows[at][2]) if at >= 0 else (None, None)


def firmware_map(path: Path) -> FirmwareMap:
    """Read a firmware's ELF file. Raises :class:`NotAnElf`, ``DiskError``."""
    import hashlib

    with disk_errors(path), path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise NotAnElf(path)
    try:
        elf = ELFFile(io.BytesIO(data))
        table = elf.get_section_by_name(".symtab")
        symbols = table.iter_symbols() if isinstance(table, SymbolTableSection) else iter(())
        found = sorted(
            (symbol["st_value"], symbol["st_size"], symbol.name)
            for symbol in symbols
            if symbol["st_info"]["type"] == "STT_FUNC" and symbol["st_size"]
        )
        dwarf = elf.get_dwarf_info() if elf.has_dwarf_info() else None
    except (ELFError, DWARFError) as error:
        raise NotAnElf(path, str(error)) from error
    return FirmwareMap(
        tuple(start for start, _size, _name in found),
        tuple(start + size for start, size, _name in found),
        tuple(name for _start, _size, name in found),
        hashlib.sha256(data).hexdigest(),
        dwarf,
    )
