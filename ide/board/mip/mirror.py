"""A part of an index as a folder in the index's own shape: for packs, and to be served or read without a network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ide.board.mip.addresses import understand
from ide.board.mip.errors import PackageBroken, PackageUnknown
from ide.board.mip.library import Library
from ide.board.mip.package_json import PackageJson
from ide.board.mip.records import LATEST
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.text import _

#: What boards of today read: .mpy of version 6, and Python.
KEYS = ("6", "py")
#: As a name: all packages of the index.
ALL = "all"


def mirror(
    ctx: JobContext, library: Library, names: Sequence[str], folder: Path, keys: Sequence[str] = KEYS
) -> tuple[str, ...]:
    """Write the newest version of these packages, and of all that they need, to ``folder``; their names.

    Raises PackageUnknown, PackageBroken, PackageDamaged, the errors of a download, DiskError.
    """
    listed = {one.name: one for one in library.listed(ctx)}
    wanted = list(listed) if tuple(names) == (ALL,) else list(names)
    done: dict[str, None] = {}
    with ctx.step(_("Get packages")):
        while wanted:
            name = wanted.pop()
            if name in done:
                continue
            done[name] = None
            wanted += [need for key in keys for need in _one(ctx, library, name, key, folder) if need not in done]
            ctx.progress(len(done), len(done) + len(wanted), "")
    rows = [listed[name].to_json() for name in sorted(done) if name in listed]
    _write(folder / "index.json", json.dumps({"v": 2, "packages": rows}).encode())
    unknown = [name for name in done if not _is_there(folder, name, keys)]
    if unknown:
        raise PackageUnknown(unknown[0])
    return tuple(sorted(done))


def _one(ctx: JobContext, library: Library, name: str, key: str, folder: Path) -> list[str]:
    """Write one package for one .mpy version; the packages of the index that it needs."""
    word = understand(name, local=False)
    if word.kind != "index":
        raise PackageBroken(name, _("Only packages of an index can be packed."))
    raw = library.package(ctx, key, word.name, word.version)
    if raw is None:
        return []
    said = PackageJson(word.shown, raw)
    for path, prefix, _tag in said.hashes:
        _write(folder / "file" / prefix[:2] / prefix, library.by_hash(ctx, name, path, prefix))
    for version in {LATEST, said.version} - {""}:
        _write(folder / "package" / key / word.name / f"{version}.json", raw)
    return [need.name for need in said.deps if need.kind == "index"]


def _is_there(folder: Path, name: str, keys: Sequence[str]) -> bool:
    return any((folder / "package" / key / name.partition("@")[0]).is_dir() for key in keys)


def _write(path: Path, data: bytes) -> None:
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
