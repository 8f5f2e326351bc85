"""Toolchains that are on this computer already: ours, those that other programs keep, and what is on PATH.

Where other programs keep theirs is data, ``places`` in ``resources/compilers.json``. Only folders are looked at, and
nothing is run: what a program can do is found out by :mod:`toolchains.compiler_probe`, when it is asked for.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolchains.host import Host
from toolchains.paths import Paths
from toolchains.store_files import STAMP
from toolchains.zig import compiler_data

STORE = "store"
ON_PATH = "PATH"
_FOLDER = "toolchains"


@dataclass(frozen=True)
class Place:
    """A folder of programs: whose it is (``where``), the tool and its version as its path or its papers say.

    ``folder`` is the whole toolchain, ``bin`` its programs. ``id`` is ``tool@version``.
    """

    tool: str
    version: str
    folder: Path
    bin: Path
    where: str

    @property
    def id(self) -> str:
        """``tool@version``; the tool alone where its version is not known without running it."""
        return f"{self.tool}@{self.version}" if self.version else self.tool

    def program(self, name: str, host: Host) -> Path | None:
        """A program in it, or None."""
        found = self.bin / f"{name}{host.exe_suffix}"
        return found if found.is_file() else None


def store_root(paths: Paths) -> Path:
    """Where our toolchains are."""
    return paths.store / _FOLDER


def downloads(paths: Paths) -> Path:
    """Where archives of toolchains stay after they were unpacked."""
    return paths.cache / _FOLDER


def pack_caches(paths: Paths) -> tuple[Path, ...]:
    """Where what was made or fetched for packs stays, so that the next one is quick."""
    return paths.cache / "packs", paths.cache / "packs" / "wheels", paths.cache / "firmware"


def in_store(paths: Paths) -> list[Place]:
    """What is in our store, newest version first."""
    found = []
    for folder in _folders(store_root(paths)):
        name = folder.name.partition("~")[0]
        tool, at, version = name.partition("@")
        version = version if at else str(_loaded(folder / STAMP).get("version", ""))
        found += [Place(tool, version, folder, path, STORE) for path in _bins(folder)]
    return sorted(found, key=lambda place: (version_key(place.version), place.tool), reverse=True)


def elsewhere(host: Host) -> Iterator[Place]:
    """What other programs keep, place by place, newest version first in each."""
    for row in compiler_data()["places"]:
        if host.system not in row.get("systems", (host.system,)):
            continue
        root = expanded(row["root"], host)
        if root is not None:
            for pattern in row["patterns"]:
                found = [_place(root, path, pattern, row["where"]) for path in _matching(root, pattern.split("/"))]
                yield from sorted(found, key=lambda place: (version_key(place.version), place.tool), reverse=True)


def version_key(version: str) -> tuple[int, ...]:
    """The numbers of a version, to compare: ``esp-14.2.0_20241119``."""
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _bins(folder: Path) -> list[Path]:
    """``bin`` in it, or one level deeper, as Espressif's archives have it."""
    direct = folder / "bin"
    return [direct] if direct.is_dir() else [path for one in _folders(folder) if (path := one / "bin").is_dir()]


def _folders(root: Path) -> list[Path]:
    with suppress(OSError), os.scandir(root) as entries:
        return sorted(Path(one.path) for one in entries if not one.name.startswith(".") and one.is_dir())
    return []


def expanded(root: str, host: Host) -> Path | None:
    """``~`` and ``${NAME}`` filled in from the host's environment; None where that lacks one."""
    values = {"~": "USERPROFILE" if host.system == "windows" else "HOME"}
    missing = False

    def value(match: re.Match[str]) -> str:
        nonlocal missing
        name = values.get(match[0]) or match[1]
        found = host.environ.get(name, "")
        missing = missing or not found
        return found

    text = re.sub(r"^~|\$\{(\w+)\}", value, root)
    return None if missing else Path(text)


def _matching(root: Path, parts: Sequence[str]) -> list[Path]:
    """The folders that a pattern leads to; each part is a name or ``*`` or ``TOOL`` or ``VERSION``."""
    found = [root]
    for part in parts:
        if part in ("*", "TOOL", "VERSION"):
            found = [child for folder in found for child in _folders(folder)]
        else:
            found = [child for folder in found if (child := folder / part).is_dir()]
    return found


def _place(root: Path, path: Path, pattern: str, where: str) -> Place:
    parts = pattern.split("/")
    names = dict(zip(parts, path.relative_to(root).parts, strict=True))
    tool = names.get("TOOL", path.parent.name)
    # The last folder that a wildcard named is the whole toolchain's.
    last = max(index for index, part in enumerate(parts) if part in ("TOOL", "VERSION"))
    folder = root.joinpath(*path.relative_to(root).parts[: last + 1])
    return Place(tool, names.get("VERSION") or _papers(folder), folder, path, where)


def _papers(folder: Path) -> str:
    """The version that PlatformIO's ``package.json`` has; empty without one."""
    return str(_loaded(folder / "package.json").get("version", ""))


def _loaded(path: Path) -> dict[str, Any]:
    try:
        loaded: Any = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}
