"""What changed in size against the last build: the sections, and the functions and constants in the objects.

The last build is what lies in the build folder before the next one; nothing is kept for it. After a build that failed,
the objects may be newer than the module: then only the sections are compared, and it is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from toolchains.build_folder import State
from toolchains.contents import MEMO

#: A section of an object, by the beginning of its name, and what it becomes.
_SECTIONS = {".text": "text", ".literal": "text", ".rodata": "rodata", ".data.rel.ro": "rodata", ".bss": "bss"}

Symbols = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Snapshot:
    """The sizes of a build in bytes: ``sections`` by name (text, rodata, bss, got, file), symbols by (section, name).

    ``symbols`` is None where the objects are not those of the module.
    """

    sections: Mapping[str, int]
    symbols: Symbols | None


@dataclass(frozen=True)
class Change:
    """One size that is not what it was: bytes before and now, 0 for what was not or is no more there.

    ``kind`` is ``section``, or the section that a symbol is in.
    """

    kind: str
    name: str
    before: int
    now: int

    def to_json(self) -> dict[str, object]:
        """One entry of ``natmod build --diff --json``."""
        return {**asdict(self), "change": self.now - self.before}


def snapshot(folder: Path, name: str | None = None) -> Snapshot | None:
    """What the last build in this folder made; None if there is no whole one. ``name``: the module's, if known."""
    state = State.load(folder / "state.json")
    link, module = state.steps.get("link"), state.steps.get("module")
    files = [folder / f"{name}.mpy"] if name else sorted(folder.glob("*.mpy"))
    if link is None or module is None or not files or not files[0].is_file():
        return None
    sections = {**module["sizes"], "file": files[0].stat().st_size}
    return Snapshot(sections, _symbols(folder, link) if module["sizes"] == link["sizes"] else None)


def _symbols(folder: Path, link: Mapping[str, Any]) -> Symbols | None:
    """The symbols of what was linked, if the files are still those."""
    objects: dict[str, str] = {
        **link.get("objects", {}),
        **{path: content for path, content in link["inputs"].items() if path.endswith(".o")},
    }
    if not objects or any(MEMO.of(folder / path) != content for path, content in objects.items()):
        return None
    found: Counter[tuple[str, str]] = Counter()
    for path in objects:
        found.update(dict(_symbols_of(folder / path)))
    return found


def _symbols_of(path: Path) -> Iterable[tuple[tuple[str, str], int]]:
    # Only here: importing it takes 50 ms.
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import SymbolTableSection

    found: Counter[tuple[str, str]] = Counter()
    with path.open("rb") as file:
        elf = ELFFile(file)
        table = elf.get_section_by_name(".symtab")
        names = [section.name for section in elf.iter_sections()]
        for symbol in table.iter_symbols() if isinstance(table, SymbolTableSection) else ():
            index, size = symbol["st_shndx"], symbol["st_size"]
            if size and isinstance(index, int) and symbol["st_info"]["type"] in ("STT_FUNC", "STT_OBJECT"):
                kind = next((kind for start, kind in _SECTIONS.items() if names[index].startswith(start)), None)
                if kind is not None:
                    found[kind, symbol.name] += size
    return found.items()


def changes(before: Snapshot, now: Snapshot) -> list[Change]:
    """What is not as it was: the sections first, then the symbols, the largest change first."""
    sections = [
        Change("section", name, before.sections[name], now.sections[name])
        for name in now.sections
        if before.sections.get(name) != now.sections[name] and name in before.sections
    ]
    if before.symbols is None or now.symbols is None:
        return sections
    old, new = before.symbols, now.symbols
    symbols = [
        Change(kind, name, old.get((kind, name), 0), new.get((kind, name), 0))
        for kind, name in {**old, **new}
        if old.get((kind, name)) != new.get((kind, name))
    ]
    return [*sections, *sorted(symbols, key=lambda one: (-abs(one.now - one.before), one.name))]
