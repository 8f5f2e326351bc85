"""What is in a built firmware: read from its ELF file by pyelftools."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from toolchains.errors import FirmwareError, disk_errors
from toolchains.text import _


class BadImage(FirmwareError):
    """The file is no ELF file."""

    code = "firmware.image"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            _("{file} cannot be read as a firmware.", file=path.name),
            next_step=_("Build it again."),
            detail=reason,
            path=str(path),
        )


def symbols_of(path: Path) -> frozenset[str]:
    """The names of all symbols of an ELF file. Raises :class:`BadImage`, ``DiskError``.

    The rows of the table are read here: pyelftools makes an object of each, a second for a unix firmware.
    """
    with disk_errors(path), path.open("rb") as stream:
        try:
            elf = ELFFile(stream)
            tables = [one for one in elf.iter_sections() if isinstance(one, SymbolTableSection)]
            return frozenset(name for table in tables for name in _defined(elf, table))
        except (ELFError, ValueError, KeyError, struct.error) as error:
            raise BadImage(path, str(error)) from error


def _defined(elf: ELFFile, table: SymbolTableSection) -> Iterator[str]:
    wide = elf.elfclass == 64
    row = struct.Struct(("<" if elf.little_endian else ">") + ("IBBHQQ" if wide else "IIIBBH"))
    names = elf.get_section(table["sh_link"]).data()
    for fields in row.iter_unpack(table.data()):
        if fields[3 if wide else 5]:  # else it is defined elsewhere
            yield names[fields[0] : names.index(b"\0", fields[0])].decode("utf-8", "replace")
