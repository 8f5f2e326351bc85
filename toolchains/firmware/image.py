"""What is in a built firmware: read from its ELF file by pyelftools."""

from __future__ import annotations

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
    """The names of all symbols of an ELF file. Raises :class:`BadImage`, ``DiskError``."""
    with disk_errors(path), path.open("rb") as stream:
        try:
            elf = ELFFile(stream)
            return frozenset(
                symbol.name
                for section in elf.iter_sections()
                if isinstance(section, SymbolTableSection)
                for symbol in section.iter_symbols()
                if symbol["st_shndx"] != "SHN_UNDEF"
            )
        except (ELFError, ValueError, KeyError) as error:
            raise BadImage(path, str(error)) from error
