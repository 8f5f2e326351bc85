"""The programs that an ESP-IDF release names for a chip, by its ``tools/tools.json``; where each of them is here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from toolchains.catalog import platform_key
from toolchains.catalog_records import File
from toolchains.firmware.idf.data import idf_data
from toolchains.firmware.idf.errors import BadIdf
from toolchains.firmware.idf.places import Idf
from toolchains.host import Host
from toolchains.on_this_machine import store_root
from toolchains.paths import Paths
from toolchains.store import Store

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,100}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,60}")
_LARGEST = 2_000_000


@dataclass(frozen=True)
class Tool:
    """One tool: ``paths`` are folders below its version's that go onto PATH, ``variables`` what it wants in the
    environment (with ``${TOOL_PATH}``); ``file`` is its archive for this computer, ``stripped``: without its folder."""

    name: str
    version: str
    paths: tuple[str, ...]
    variables: tuple[tuple[str, str], ...]
    file: File | None = field(default=None, compare=False)
    stripped: bool = False

    @property
    def id(self) -> str:
        """``tool@version``, as in our store."""
        return f"{self.name}@{self.version}"


def needed(idf: Idf, chip: str, host: Host) -> tuple[Tool, ...]:
    """What a build for ``chip`` runs, debuggers left out. Raises :class:`BadIdf` for a tools.json that is none."""
    file = idf.path / "tools" / "tools.json"
    try:
        with file.open("rb") as stream:
            rows = json.loads(stream.read(_LARGEST))["tools"]
        return tuple(_tools(rows, chip, platform_key(host) or ""))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadIdf(idf.path, "tools/tools.json") from error


def _tools(rows: list[dict[str, Any]], chip: str, platform: str) -> Iterator[Tool]:
    for row in rows:
        for override in row.get("platform_overrides", ()):
            row = {**row, **override} if platform in override["platforms"] else row
        targets = row.get("supported_targets", ())
        if row["install"] != "always" or row["name"] in idf_data()["debug"] or not {chip, "all"} & set(targets):
            continue
        version = next((one for one in row["versions"] if one.get("status") == "recommended"), None)
        if version is None or not _WORD.fullmatch(row["name"]) or not _WORD.fullmatch(version["name"]):
            continue
        paths = tuple(PurePosixPath(*parts).as_posix() for parts in row["export_paths"])
        if any(path.startswith("/") or ".." in path for path in paths):
            raise ValueError(paths)
        said = row.get("export_vars", {})
        variables = tuple((key, str(value)) for key, value in said.items() if _VARIABLE.fullmatch(key))
        stripped = row.get("strip_container_dirs", 0) == 1
        yield Tool(row["name"], version["name"], paths, variables, _file(version, platform), stripped)


def _file(version: dict[str, Any], platform: str) -> File | None:
    said = version.get(platform) or version.get("any")
    if said is None or not str(said["url"]).startswith("https://"):
        return None
    name = str(said.get("rename_dist") or said["url"].rpartition("/")[2])
    return File(name, said["url"], int(said["size"]), str(said["sha256"])) if _WORD.fullmatch(name) else None


def place_of(tool: Tool, idf: Idf, paths: Paths) -> Path | None:
    """The folder of a tool in exactly this version: of the ESP-IDF's own tools, or in our store."""
    folders = [folder / tool.name / tool.version for folder in idf.tools]
    entry = Store(store_root(paths)).get(tool.id)
    folders += [entry.folder] if entry is not None else []
    return next((folder for folder in folders if _is_whole(folder, tool.paths)), None)


def _is_whole(folder: Path, paths: Sequence[str]) -> bool:
    return folder.is_dir() and all((folder / path).is_dir() for path in paths)
