"""MicroPython's own linker files of one tree, imported and looked over the shoulder.

Only here is it known what ``tools/mpy_ld.py`` looks like inside: its function ``link_objects(env, n)``, which exists in
1.22 to 1.29, and the few fields of ``env`` in :mod:`toolchains.mpy_ld_types`.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import IO, TYPE_CHECKING, cast

from toolchains.link_checks import mixed_literals, unreachable_variables
from toolchains.quick_elf import QuickElf

if TYPE_CHECKING:  # they only describe: the child is waited for, and does without them
    from toolchains.mpy_ld_types import Archive, ArchiveTools, ElfSymbol, GotEntry, LinkEnv, LinkTool, SymbolTable


def load(path: Path, name: str, cache: Path) -> ModuleType:
    """Import one file of a tree, with its byte code kept in ``cache``: the tree itself stays untouched."""
    with contextlib.suppress(ImportError):
        import ar  # noqa: F401 - here, so that only the tree's own byte code goes to our cache
        import elftools.elf.elffile  # noqa: F401
    before = sys.pycache_prefix, sys.dont_write_bytecode
    sys.pycache_prefix, sys.dont_write_bytecode = str(cache / "pyc"), False
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

    def __init__(self, module: ModuleType, cache: Path) -> None:
        #: Why the last link was refused, by us: plain data for the reply.
        self.refused: dict[str, object] = {}
        #: What the last link's corrected pointers point into.
        self.moved: set[str] = set()
        self._env: LinkEnv | None = None
        tool = cast("LinkTool", module)
        inner = tool.link_objects

        def checked(env: LinkEnv, n_qstrs: int) -> None:
            self._refuse(tool, *unreachable_variables(env, libraries=False))
            inner(env, n_qstrs)
            _keep_apart(env)
            # Symbols that are missing come first: that complaint names the file that they are missing in.
            self._refuse(tool, *unreachable_variables(env, libraries=True), mixed=mixed_literals(env))
            self._env = env

        tool.link_objects = checked
        tool.GOTEntry = self._with_distance(tool.GOTEntry)
        # A C file may be in any encoding, and Python's default on Windows is not UTF-8.
        tool.open = _lenient_open
        if hasattr(tool, "ar_util"):  # since 1.25
            _remember_archives(tool.ar_util, cache / "archives")

    def _refuse(
        self,
        tool: LinkTool,
        statics: Sequence[object] = (),
        hidden: Sequence[object] = (),
        mixed: Sequence[object] = (),
    ) -> None:
        if statics or hidden or mixed:
            self.refused = {"statics": statics, "hidden": hidden, "mixed": mixed}
            raise tool.LinkError("this would become wrong code")

    def reset(self) -> None:
        """Forget the last link."""
        self.refused, self._env = {}, None
        self.moved.clear()

    def _with_distance(self, entry: Callable[..., GotEntry]) -> Callable[..., GotEntry]:
        """``GOTEntry`` for pointers into the middle of something that is not static (``table + 5``).

        On Xtensa ``mpy_ld.py`` keeps the distance in the entry's name alone: the pointer becomes that to the beginning,
        without an error. With GCC for the ESP8266 nearly every interned string is such a pointer, there it stops.
        """

        def made(name: str, symbol: ElfSymbol, address: int = 0) -> GotEntry:
            base, plus, distance = name.rpartition("+0x")
            # For a section's own symbol the distance is the address; entries of mp_fun_table are known by number.
            if not plus or base != symbol.name or base == "mp_fun_table":
                return entry(name, symbol, address)
            if int(distance, 16) and not base.startswith("mp_native_"):
                self.moved.add(base)
            return entry(base, symbol, address + int(distance, 16))

        return made

    def sizes(self) -> dict[str, int]:
        """Bytes of code, constants, variables and table of the last link, none counted twice."""
        env = self._env
        if env is None:
            raise RuntimeError("nothing was linked")
        rodata = sum(len(part.data) for part in env.sections if part.name.startswith((".rodata", ".data.rel.ro")))
        got = len(env.got_section.data)
        whole = len(env.full_text) + len(env.full_rodata)
        return {"text": whole - rodata - got, "rodata": rodata, "bss": len(env.full_bss), "got": got}

    def layout(self) -> list[tuple[str, str, int, int]]:
        """Where each piece of code went in the last link: object file, section, offset in the module, size; bytes."""
        env = self._env
        if env is None:
            raise RuntimeError("nothing was linked")
        return [
            (part.filename, part.name, part.addr, len(part.data))
            for part in env.sections
            if part.name.startswith(".text") and part.data and part.filename
        ]


def _keep_apart(env: LinkEnv) -> None:
    """Give several pointers into the table of interned strings an order in which none follows on another.

    ``mpy_ld.py`` makes one relocation of pointers that do, which the format cannot say for this table; there it stops.
    """
    table = [reloc for reloc in env.mpy_relocs if reloc[2] == "mp_native_qstr_table"]
    if len(table) > 1:
        env.mpy_relocs[:] = [reloc for reloc in env.mpy_relocs if reloc not in table] + table[::-1]


def _remember_archives(tools: ArchiveTools, folder: Path) -> None:
    """Keep a library's symbol table in this process, and in a folder for the next one.

    ``ar_util`` keeps it as well, but in each project's own folder, and hashes the whole library at each link. Here the
    sets of the table become lists, so that a table from the cache leads to the very order, hence the very bytes, of one
    that was just read.
    """
    load_archive, known = tools.load_archive, dict[tuple[str, int, int, int], list[object]]()
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

    tools.elffile = SimpleNamespace(ELFFile=QuickElf)
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
