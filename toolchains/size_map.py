"""What the bytes of an .mpy are: every function, constant and string, and what changed against the last build.

Functions and constants are the symbols of the objects that were linked, C's strings those of their string sections,
names those that the file brings along. What is left (header, relocations, table, code without a symbol) is one part, so
that the parts together are the file. The parts of two builds are kept beside the module, in ``size_map.json``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from toolchains import mpyfile
from toolchains.build_folder import BuildFolder, State
from toolchains.contents import MEMO
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext

Kind = Literal["function", "constant", "string", "name", "rest"]
KINDS: tuple[Kind, ...] = ("function", "constant", "string", "name", "rest")

_FILE = "size_map.json"
_SCHEMA = 1
#: Bytes that are read of a file that anybody may have written; characters of a string that are kept.
_LARGEST, _LONGEST = 8 << 20, 200
_STRINGS_FLAG = 0x20  # SHF_STRINGS of ELF

Bytes = Mapping[tuple[Kind, str], int]


@dataclass(frozen=True)
class Part:
    """A part of a module, in bytes. ``before``: at the last build that differed, None where there was none.

    ``name`` is the symbol, the string's text (cut after 200 characters), or empty for the rest.
    """

    kind: Kind
    name: str
    now: int
    before: int | None = None

    @property
    def change(self) -> int | None:
        """The difference in bytes."""
        return None if self.before is None else self.now - self.before


@dataclass(frozen=True)
class SizeMap:
    """All parts of a module, the largest first; one that went is there with nothing. ``file``: bytes of the .mpy."""

    name: str
    file: int
    file_before: int | None
    parts: tuple[Part, ...]


def look(ctx: JobContext, folder: Path, name: str | None = None) -> SizeMap | None:
    """The parts of what was built last in this folder; None where nothing whole is.

    Remembers them for the next build, while it holds the folder alone: a build sweeps away what is half written. Raises
    DiskError, BadMpy, Cancelled.
    """
    if not (folder / "state.json").is_file():
        return None
    kept = BuildFolder(ctx.host, folder)
    with disk_errors(folder), kept.locked(ctx):
        return _look(kept, name)


def _look(folder: BuildFolder, name: str | None) -> SizeMap | None:
    state = State.load(folder.state_file)
    link, files = state.steps.get("link"), [folder.path / f"{name}.mpy"] if name else sorted(folder.path.glob("*.mpy"))
    if link is None or "module" not in state.steps or not files or not files[0].is_file():
        return None
    made = MEMO.of(files[0])
    if made != state.steps["module"]["made"]:
        return None
    kept = _load(folder.path / _FILE)
    if kept.made == made:
        now, before = kept.now, kept.before
    else:
        now, before = _bytes_of(folder.path, files[0], link), kept.now or None
        _save(folder, _Kept(made, now, before))
    parts = [
        Part(kind, text, now.get((kind, text), 0), None if before is None else before.get((kind, text), 0))
        for kind, text in {**now, **(before or {})}
    ]
    parts.sort(key=lambda one: (-one.now, KINDS.index(one.kind), one.name))
    total = None if before is None else sum(before.values())
    return SizeMap(files[0].stem, sum(now.values()), total, tuple(parts))


# --- what was built --------------------------------------------------------------------------------------------------


def _bytes_of(folder: Path, module: Path, link: Mapping[str, object]) -> Bytes:
    found: Counter[tuple[Kind, str]] = Counter()
    for file, sections in _linked(link).items():
        path = folder / file
        if path.is_file():
            found.update(dict(_object_parts(path, sections)))
        else:  # a part of a library: its pieces are known, its names are not
            found["function", Path(file).name] += sum(sections.values())
    mpy = mpyfile.read_file(module)
    for text in mpy.qstrs:
        found["name", text] += len(text.encode()) + 2  # its length before it, a zero behind it
    rest = mpy.file_size - sum(found.values())
    if rest > 0:
        found["rest", ""] = rest
    return found


def _linked(link: Mapping[str, object]) -> dict[str, dict[str, int]]:
    """Sections of code that are in the module, with their bytes, by object."""
    layout = link.get("layout")
    found: dict[str, dict[str, int]] = {}
    for file, section, _offset, size in layout if isinstance(layout, list) else ():
        found.setdefault(file, {})[section] = size
    return found


def _object_parts(path: Path, linked: Mapping[str, int]) -> Iterable[tuple[tuple[Kind, str], int]]:
    # Only here: importing it takes 50 ms.
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import SymbolTableSection

    found: Counter[tuple[Kind, str]] = Counter()
    with path.open("rb") as file:
        elf = ELFFile(file)
        sections = list(elf.iter_sections())
        table = elf.get_section_by_name(".symtab")
        for symbol in table.iter_symbols() if isinstance(table, SymbolTableSection) else ():
            index, size = symbol["st_shndx"], symbol["st_size"]
            if not size or not isinstance(index, int):
                continue
            section, kind = sections[index].name, symbol["st_info"]["type"]
            if kind == "STT_FUNC" and section in linked:
                found["function", symbol.name] += size
            strings = sections[index]["sh_flags"] & _STRINGS_FLAG
            if kind == "STT_OBJECT" and section.startswith((".rodata", ".data.rel.ro")) and not strings:
                found["constant", symbol.name] += size
        for one in sections:
            if one.name.startswith(".rodata") and one["sh_flags"] & _STRINGS_FLAG and one["sh_entsize"] == 1:
                for data in one.data().split(b"\0")[:-1]:
                    found["string", data.decode("utf-8", "replace")[:_LONGEST]] += len(data) + 1
    return found.items()


# --- what was there before -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Kept:
    made: str = ""
    now: Bytes = field(default_factory=dict)
    before: Bytes | None = None


def _load(path: Path) -> _Kept:
    """What is kept; nothing where it is missing or not as we write it."""
    try:
        with path.open("rb") as file:
            data = json.loads(file.read(_LARGEST))
        if data["schema"] != _SCHEMA or not isinstance(data["made"], str):
            return _Kept()
        return _Kept(data["made"], _from_rows(data["now"]) or {}, _from_rows(data["before"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return _Kept()


def _from_rows(rows: object) -> Bytes | None:
    if not isinstance(rows, list):
        return None
    found: dict[tuple[Kind, str], int] = {}
    for kind, name, size in rows:
        if kind not in KINDS or not isinstance(name, str) or type(size) is not int or not 0 < size < 1 << 31:
            raise ValueError(kind)
        found[kind, name] = size
    return found


def _save(folder: BuildFolder, kept: _Kept) -> None:
    data = {"schema": _SCHEMA, "made": kept.made, "now": _rows(kept.now), "before": _rows(kept.before)}
    folder.write(folder.path / _FILE, json.dumps(data, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def _rows(parts: Bytes | None) -> list[list[object]] | None:
    return None if parts is None else [[kind, name, size] for (kind, name), size in parts.items()]
