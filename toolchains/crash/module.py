"""What was built, for a crash in it: the lines of a module's code, from a second object of each source.

Objects of a build have no DWARF (it costs a RISC-V link five times its time, and with some compilers it changes the
code). So each source is compiled again with ``-g`` when there is a crash to explain. Whether the code is the same is
looked at, function by function; where it is not, lines are not told.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from toolchains.build_folder import State
from toolchains.build_records import BuildRequest
from toolchains.compile_step import Compilation, compiled_again
from toolchains.contents import MEMO
from toolchains.crash.lines import LineTable, ObjectCode
from toolchains.jobs import JobContext
from toolchains.link_causes import shown_path, source_of
from toolchains.linker import LinkerPool
from toolchains.native_part import code_of
from toolchains.natmod import describe
from toolchains.one_unit import joined

_FLAGS = ("-g", "-gdwarf-4", "-fno-eliminate-unused-debug-symbols")


@dataclass(frozen=True)
class ModuleMap:
    """The code of a module that was built, its lines, and whether the sources are still those of then.

    ``code`` is what the loader puts at the module's address, before it fills in addresses.
    """

    name: str
    root: Path
    code: bytes
    lines: LineTable
    current: bool

    def path(self, path: str | None) -> str | None:
        """A path of DWARF as the project has it."""
        return shown_path(self.root, path) if path else None


def module_map(ctx: JobContext, request: BuildRequest, linkers: LinkerPool) -> ModuleMap | None:
    """The map of what was built last for this request; None where nothing whole was, or its folder was cleaned.

    Raises what :func:`toolchains.natmod.describe` raises.
    """
    what = describe(ctx, request, linkers)
    state = State.load(what.folder.state_file)
    link, module = state.steps.get("link"), state.steps.get("module")
    target = what.folder.path / f"{what.recipe.name}.mpy"
    if link is None or module is None or MEMO.of(target) != module.get("made"):
        return None
    current = _current(what, state)
    if link["together"]:
        what = joined(what)
    pieces: dict[str, dict[str, int]] = {}
    for file, section, offset, _size in link["layout"]:
        pieces.setdefault(file, {})[section] = offset
    code = code_of(target.read_bytes())
    return ModuleMap(what.recipe.name, what.recipe.root, code, LineTable.of(_objects(ctx, what, pieces)), current)


def _objects(ctx: JobContext, what: Compilation, pieces: Mapping[str, Mapping[str, int]]) -> Iterator[ObjectCode]:
    for file, offsets in pieces.items():
        path = what.folder.path / file
        built = path.read_bytes() if path.is_file() else b""
        source = source_of(what, file)
        if source is None or source.endswith(".o"):
            if built:
                yield ObjectCode(built, offsets)
            continue
        again = compiled_again(ctx, what, source, _FLAGS)
        differ = _different(built, again) if again else None
        yield ObjectCode(built, offsets) if differ is None else ObjectCode(again, offsets, differ)


def _different(built: bytes, again: bytes) -> frozenset[str] | None:
    """The functions of which two objects have other instructions; None where not even their places are the same.

    GCC 13 for Xtensa orders a few instructions otherwise with ``-g``: the lines near them are then nearly right.
    """
    try:
        first, second = _code(built), _code(again)
    except ELFError:
        return None
    if {name: len(code) for name, code in first.items()} != {name: len(code) for name, code in second.items()}:
        return None
    return frozenset(name.rpartition(":")[2] for name, code in first.items() if second[name] != code)


def _code(data: bytes) -> dict[str, bytes]:
    """The bytes of each function, by section, place and name."""
    elf = ELFFile(io.BytesIO(data))
    sections = list(elf.iter_sections())
    table = elf.get_section_by_name(".symtab")
    found = {}
    for symbol in table.iter_symbols() if isinstance(table, SymbolTableSection) else ():
        if symbol["st_info"]["type"] == "STT_FUNC" and isinstance(symbol["st_shndx"], int):
            section, start = sections[symbol["st_shndx"]], symbol["st_value"]
            found[f"{section.name}:{start}:{symbol.name}"] = section.data()[start : start + symbol["st_size"]]
    return found


def _current(what: Compilation, state: State) -> bool:
    """Whether the sources are as they were when the module was built."""
    root = what.recipe.root
    records = (state.objects.get(source) for source in what.recipe.sources)
    return all(
        record is not None and all(MEMO.of(root / path) == content for path, content in record["inputs"].items())
        for record in records
    )
