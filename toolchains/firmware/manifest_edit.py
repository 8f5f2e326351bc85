"""Changes of the table ``[firmware]`` of natmod.toml as edits: its target, its modules, what is frozen, its settings.

An edit whose result could not be read is refused with the reader's own words, so that a project is never broken by it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from toolchains.edits import TextEdit, edited, read_text
from toolchains.firmware import table as tables
from toolchains.firmware.table import OWN, FirmwareTable
from toolchains.project import Project
from toolchains.project_edits import Reader, Value, set_keys
from toolchains.project_file import Document
from toolchains.sdk_tree import SdkTree

TABLE = "firmware"
#: Where micropython-lib lies in a tree, and its parts that boards take packages from.
_LIBRARY = Path("lib") / "micropython-lib"
_PARTS = ("micropython", "python-stdlib", "python-ecosys")
_DEEPEST = 4

Kind = Literal["module", "package", "library", "manifest"]
ListKey = Literal["modules", "freeze", "require", "native", "defines", "sdkconfig"]


@dataclass(frozen=True)
class Frozen:
    """One entry of what is frozen. ``native``: as machine code, not as bytecode."""

    kind: Kind
    name: str
    native: bool = False


def frozen(table: FirmwareTable, root: Path) -> tuple[Frozen, ...]:
    """All that a table freezes: its own files and packages, then names of micropython-lib, then its own manifest."""
    found = [
        Frozen("package" if (root / path).is_dir() else "module", path, path in table.native) for path in table.freeze
    ]
    found += [Frozen("library", name) for name in table.require]
    if table.manifest:
        found.append(Frozen("manifest", table.manifest))
    return tuple(found)


def without(project: Project, entry: Frozen, read: Reader = read_text) -> TextEdit | None:
    """Freeze this no longer."""
    table = project.firmware
    if table is None:
        return None
    match entry.kind:
        case "library":
            return change(project, {"require": _but(table.require, entry.name)}, read)
        case "manifest":
            return change(project, {"manifest": None}, read)
        case _:
            keys = {"freeze": _but(table.freeze, entry.name), "native": _but(table.native, entry.name)}
            return change(project, keys, read)


def with_native(project: Project, entry: Frozen, *, native: bool, read: Reader = read_text) -> TextEdit | None:
    """Freeze a file or package as machine code, or as bytecode again."""
    table = project.firmware
    if table is None or entry.kind not in ("module", "package"):
        return None
    left = _but(table.native, entry.name) or []
    return change(project, {"native": [*left, entry.name] if native else left or None}, read)


def add(project: Project, key: ListKey, value: str, read: Reader = read_text) -> TextEdit | None:
    """Append to a list of the table; None where it is in there already."""
    have = tuple(getattr(project.firmware, key, ()))
    return None if value in have else change(project, {key: [*have, value]}, read)


def take(project: Project, key: ListKey, value: str, read: Reader = read_text) -> TextEdit | None:
    """Take one element out of a list of the table."""
    return change(project, {key: _but(tuple(getattr(project.firmware, key, ())), value)}, read)


def change(project: Project, values: Mapping[str, Value | None], read: Reader = read_text) -> TextEdit | None:
    """Give keys of the table values; None takes one out. None when they have them already.

    Raises ``ProjectFileError`` (and nothing is to be done) for what could not be read afterwards, ``DiskError``.
    """
    edit = set_keys(project, TABLE, values, read)
    if edit is not None:
        text = edited(read(edit.path) if edit.path.is_file() else "", (edit,))
        tables.read(Document(edit.path, text, tomllib.loads(text)).table((TABLE,)))
    return edit


def begin(project: Project, target: FirmwareTable) -> dict[str, Value | None]:
    """The keys of a first table for a project: its native module is built in, its Python program is frozen."""
    values: dict[str, Value | None] = {"port": target.port}
    if target.board:
        values["board"] = target.board
    if target.variant:
        values["variant"] = target.variant
    if project.native and project.sources:
        values["modules"] = [OWN]
    return values


def library_names(sdk: SdkTree) -> tuple[str, ...]:
    """What ``require`` may name: the packages of micropython-lib in a tree, sorted; none where the tree lacks it."""
    place = sdk.path / _LIBRARY
    found = {
        path.parent.name
        for part in _PARTS
        if (place / part).is_dir()
        for path in (place / part).rglob("manifest.py")
        if len(path.relative_to(place).parts) <= _DEEPEST + 1
    }
    return tuple(sorted(found))


def _but(values: tuple[str, ...], unwanted: str) -> list[str] | None:
    return [one for one in values if one != unwanted] or None
