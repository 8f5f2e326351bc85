"""The few names inside ``tools/mpy_ld.py`` that this project looks at: as from 1.22 to 1.29 (ar_util: from 1.25)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import IO, Any, Protocol, TypedDict


class ElfSymbol(Protocol):
    """A symbol of an object. It has a ``section`` too if the linker loaded the section it is in."""

    name: str

    def __getitem__(self, key: str) -> Any: ...  # noqa: ANN401 - numbers, names, and containers of them


class Relocation(Protocol):
    """A place to be filled in."""

    sym: ElfSymbol

    def __getitem__(self, key: str) -> int: ...


class LinkSection(Protocol):
    """A section of an object that was loaded."""

    name: str
    filename: str
    data: bytes
    addr: int
    reloc: Sequence[Relocation]


class LinkArch(Protocol):
    """``name`` is the ELF name of the machine, such as ``EM_RISCV``."""

    name: str


class LinkEnv(Protocol):
    """The linker's state."""

    arch: LinkArch
    sections: Sequence[LinkSection]
    literal_sections: Sequence[LinkSection]
    known_syms: Mapping[str, ElfSymbol]
    full_text: bytes
    full_rodata: bytes
    full_bss: bytes
    got_section: LinkSection
    #: Section, offset in it in bytes, and what is added to the word there.
    mpy_relocs: list[tuple[str, int, str | int]]


class GotEntry(Protocol):
    """A word of the global offset table, and what it points to."""

    name: str


class SymbolTable(TypedDict):
    """A library: by object, names under ``def``, ``undef`` and ``weak``; by symbol, the object that has it."""

    objs: dict[str, dict[str, list[str]]]
    symbols: dict[str, str]


class Archive(Protocol):
    """An opened library."""

    fn: str


class CachedMethod(Protocol):
    """A method behind ``ar_util``'s own disk cache."""

    def __wrapped__(self, archive: Archive) -> SymbolTable:
        """The method without the cache."""


class ArchiveClass(Protocol):
    """The class of an opened library."""

    load_symbols: CachedMethod


class ArchiveTools(Protocol):
    """``tools/ar_util.py``."""

    CachedArFile: ArchiveClass
    elffile: SimpleNamespace
    load_archive: Callable[[str], list[object]]


class LinkTool(Protocol):
    """``tools/mpy_ld.py``."""

    LinkError: type[Exception]
    link_objects: Callable[..., None]
    GOTEntry: Callable[..., GotEntry]
    open: Callable[..., IO[str] | IO[bytes]]
    ar_util: ArchiveTools
    main: Callable[[], None]
