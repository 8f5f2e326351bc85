"""MicroPython's own linker files of one tree, imported and looked over the shoulder.

Only here is it known what ``tools/mpy_ld.py`` looks like inside: its function ``link_objects(env, n)``, which exists in
1.25 to 1.29, and the few fields of ``env`` below.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import IO, Protocol, TypedDict, cast

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from toolchains.paths import Paths


class ElfSymbol(Protocol):
    """A symbol of an object; ``section`` is there if the linker loaded the section it is in."""

    def __getitem__(self, key: str) -> Mapping[str, str]: ...


class Relocation(Protocol):
    """A place to be filled in."""

    sym: ElfSymbol


class LinkSection(Protocol):
    """A section of an object that was loaded."""

    name: str
    filename: str
    data: bytes
    reloc: Sequence[Relocation]


class LinkArch(Protocol):
    """``name`` is the ELF name of the machine, such as ``EM_RISCV``."""

    name: str


class LinkEnv(Protocol):
    """The linker's state."""

    arch: LinkArch
    sections: Sequence[LinkSection]
    full_text: bytes
    full_rodata: bytes
    full_bss: bytes
    got_section: LinkSection


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
    load_archive: Callable[[str], list[object]]


class LinkTool(Protocol):
    """``tools/mpy_ld.py``."""

    LinkError: type[Exception]
    link_objects: Callable[..., None]
    open: Callable[..., IO[str] | IO[bytes]]
    ar_util: ArchiveTools
    main: Callable[[], None]


def load(path: Path, name: str) -> ModuleType:
    """Import one file of a tree, with its byte code kept in our cache: the tree itself stays untouched."""
    with contextlib.suppress(ImportError):
        import ar  # noqa: F401 - imported here, so that only the tree's own byte code goes to our cache
    before = sys.pycache_prefix, sys.dont_write_bytecode
    sys.pycache_prefix, sys.dont_write_bytecode = str(Paths.from_environment(os.environ).cache / "pyc"), False
    # mpy_ld.py imports ar_util from beside it, as a script would.
    sys.path[:0] = [str(path.parent), str(path.parent.parent / "py")]
    try:
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(str(path))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        del sys.path[:2]
        sys.pycache_prefix, sys.dont_write_bytecode = before
    return module


class LinkWatch:
    """Stands between ``mpy_ld.py`` and its inner step: refuses what it would miscompile, and keeps its result."""

    def __init__(self, module: ModuleType) -> None:
        self.statics: list[dict[str, object]] = []
        self._env: LinkEnv | None = None
        tool = cast(LinkTool, module)
        inner = tool.link_objects

        def checked(env: LinkEnv, n_qstrs: int) -> None:
            self.statics = hidden_bss(env)
            if self.statics:
                raise tool.LinkError("static variables in .bss")
            inner(env, n_qstrs)
            self._env = env

        tool.link_objects = checked
        # A C file may be in any encoding, and Python's default on Windows is not UTF-8.
        tool.open = _lenient_open
        _remember_archives(tool.ar_util)

    def reset(self) -> None:
        """Forget the last link."""
        self.statics, self._env = [], None

    def sizes(self) -> dict[str, int]:
        """Bytes of code, constants, variables and table of the last link, none counted twice."""
        env = self._env
        if env is None:
            raise RuntimeError("nothing was linked")
        rodata = sum(len(part.data) for part in env.sections if part.name.startswith((".rodata", ".data.rel.ro")))
        got = len(env.got_section.data)
        whole = len(env.full_text) + len(env.full_rodata)
        return {"text": whole - rodata - got, "rodata": rodata, "bss": len(env.full_bss), "got": got}


def hidden_bss(env: LinkEnv) -> list[dict[str, object]]:
    """Static zero-initialised variables that code refers to directly: file, and their names.

    On RISC-V and x86 ``mpy_ld.py`` resolves such a reference as if ``.bss`` lay inside the code, without an error, so
    that the program overwrites itself (facts.md section 0, trap 1). Xtensa reaches them through its literals, which
    works; pointers in ``.data.rel.ro`` work everywhere.
    """
    if env.arch.name == "EM_XTENSA":
        return []
    files = {
        section.filename
        for section in env.sections
        if section.name.startswith((".text", ".rodata"))
        for reloc in section.reloc
        if _is_hidden_bss(reloc.sym)
    }
    return [{"file": file, "names": _local_variables(file)} for file in sorted(files)]


def _is_hidden_bss(symbol: ElfSymbol) -> bool:
    section: LinkSection | None = getattr(symbol, "section", None)
    return section is not None and section.name.startswith(".bss") and symbol["st_info"]["bind"] == "STB_LOCAL"


def _local_variables(file: str) -> list[str]:
    """The names of the static variables in the ``.bss`` of an object, from its own symbol table."""
    if not os.path.exists(file):  # a member of a library: archive:member
        return []
    with open(file, "rb") as stream:
        elf = ELFFile(stream)
        symbols = elf.get_section_by_name(".symtab")
        if not isinstance(symbols, SymbolTableSection):
            return []
        bss = {index for index, section in enumerate(elf.iter_sections()) if section.name.startswith(".bss")}
        return [
            symbol.name
            for symbol in symbols.iter_symbols()
            if symbol["st_shndx"] in bss
            and symbol["st_info"]["type"] == "STT_OBJECT"
            and symbol["st_info"]["bind"] == "STB_LOCAL"
        ]


def _remember_archives(tools: ArchiveTools) -> None:
    """Keep a library's symbol table in this process, and in our cache for the next one.

    ``ar_util`` keeps it as well, but in each project's own folder, and hashes the whole library at each link. Here the
    sets of the table become lists, so that a table from the cache leads to the very order, hence the very bytes, of one
    that was just read.
    """
    load_archive, known = tools.load_archive, dict[tuple[str, int, int, int], list[object]]()
    folder = Paths.from_environment(os.environ).cache / "archives"
    read = tools.CachedArFile.load_symbols.__wrapped__

    def remembered(name: str) -> list[object]:
        stat = os.stat(name)
        key = (name, stat.st_size, stat.st_mtime_ns, stat.st_ino)
        if key not in known:
            known[key] = load_archive(name)
        return list(known[key])

    def load_symbols(archive: Archive) -> SymbolTable:
        with open(archive.fn, "rb") as file:
            kept = folder / f"{hashlib.file_digest(file, 'sha256').hexdigest()}.json"
        try:
            found: SymbolTable = json.loads(kept.read_text("utf-8"))
        except (OSError, ValueError):
            found = _ordered(read(archive))
            with contextlib.suppress(OSError):  # a cache that cannot be written only costs time
                folder.mkdir(parents=True, exist_ok=True)
                temporary = kept.with_name(f".{os.getpid()}-{kept.name}")
                temporary.write_text(json.dumps(found), "utf-8")
                os.replace(temporary, kept)
        return found

    tools.load_archive = remembered
    tools.CachedArFile.load_symbols = load_symbols  # type: ignore[assignment]


def _ordered(table: SymbolTable) -> SymbolTable:
    """The same table with a list, in its order of now, for each set."""
    objects = {name: {key: list(names) for key, names in one.items()} for name, one in table["objs"].items()}
    return {"objs": objects, "symbols": table["symbols"]}


def _lenient_open(file: str, mode: str = "r", encoding: str = "utf-8") -> IO[str] | IO[bytes]:
    if "b" in mode:
        return cast(IO[bytes], open(file, mode))
    return cast(IO[str], open(file, mode, encoding=encoding, errors="surrogateescape"))
