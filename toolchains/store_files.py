"""The files of an installed thing: what was put there, in a manifest inside, and whether it still is so."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from toolchains.errors import disk_errors
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.text import Text, _

STAMP = "natmod-stamp.json"
MANIFEST = "natmod-files.json"
#: What Python leaves where its programs lie; no fault, and nothing that was installed.
_CACHE = "__pycache__"
_CHUNK = 1 << 20
#: One event for so many bytes.
_STEP = 8 << 20


@dataclass(frozen=True)
class FileFault:
    """A file that is not as it was installed: its path below the folder, with slashes."""

    path: str
    kind: Literal["missing", "changed", "extra"]

    @property
    def text(self) -> Text:
        """The sentence."""
        if self.kind == "missing":
            return _("{path} is missing.", path=self.path)
        if self.kind == "changed":
            return _("{path} was changed.", path=self.path)
        return _("{path} was not installed with it.", path=self.path)


class Seal:
    """Hashes known from unpacking, so that an install need not read everything again.

    One that does not fit any more (the file was changed since) is not believed.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, int, int, str]] = {}

    def remember(self, host: Host, folder: Path, sums: Mapping[str, str]) -> None:
        """The SHA-256 (hex) of files, by their path below ``folder``."""
        there = host.extended(folder)
        for path, digest in sums.items():
            self._known[str(folder / path)] = (*_marks(os.lstat(there / path)), digest)

    def of(self, path: Path, info: os.stat_result) -> str | None:
        """The hash of the file at ``path``, spelled as when it was unpacked, or None."""
        known = self._known.get(str(path))
        return known[3] if known is not None and known[:3] == _marks(info) else None


def _marks(info: os.stat_result) -> tuple[int, int, int]:
    return info.st_size, info.st_mtime_ns, info.st_ino


#: path -> [size in bytes, sha256 in hex, whether it is a program]; a link: path -> its target.
_Row = Sequence[object] | str


def write_manifest(ctx: JobContext, folder: Path, seal: Seal | None) -> dict[str, object]:
    """Note every file of ``folder`` in a manifest inside; what the stamp should say of it: bytes, files, sha256."""
    there = ctx.host.extended(folder)
    for name in (STAMP, MANIFEST):  # of an installed thing that was packed
        (there / name).unlink(missing_ok=True)
    rows: dict[str, _Row] = {}
    total = 0
    counted: set[tuple[int, int]] = set()  # files with several names, which need their room once
    for path, info in _walk(there):
        ctx.check()
        if stat.S_ISLNK(info.st_mode):
            rows[path] = os.readlink(there / path)
            continue
        if not stat.S_ISREG(info.st_mode):
            continue
        known = seal.of(folder / path, info) if seal is not None else None
        rows[path] = [info.st_size, known or _digest(ctx, there / path), _is_program(info)]
        if info.st_nlink == 1 or (info.st_dev, info.st_ino) not in counted:
            total += info.st_size
            counted.add((info.st_dev, info.st_ino))
    data = json.dumps({"schema": 1, "files": rows}, separators=(",", ":")).encode()
    (there / MANIFEST).write_bytes(data)
    return {"bytes": total, "files": len(rows), "sha256": hashlib.sha256(data).hexdigest()}


def size_of(host: Host, folder: Path) -> int:
    """The bytes of all files below ``folder``, looked at one by one."""
    infos = [info for _path, info in _walk(host.extended(folder), whole=True)]
    return sum({(info.st_dev, info.st_ino): info.st_size for info in infos}.values())


def faults(ctx: JobContext, folder: Path, contents: object) -> list[FileFault]:
    """What is not as the manifest says; ``contents`` is what the stamp says of the manifest.

    Without a manifest that can be trusted, the manifest is the one fault.
    """
    with disk_errors(folder):
        there = ctx.host.extended(folder)
        rows = _manifest(there, contents)
        if isinstance(rows, FileFault):
            return [rows]
        found = dict(_walk(there))
        total = sum(info.st_size for info in found.values())
        done = told = 0
        wrong = [FileFault(path, "missing") for path in rows if path not in found]
        for path, info in found.items():
            ctx.check()
            if path not in rows:
                wrong.append(FileFault(path, "extra"))
            elif not _is_as(ctx, there / path, info, rows[path]):
                wrong.append(FileFault(path, "changed"))
            done += info.st_size
            if done - told >= _STEP:
                told = done
                ctx.progress(done, total)
        ctx.progress(total, total)
        return sorted(wrong, key=lambda fault: fault.path)


def _manifest(folder: Path, contents: object) -> Mapping[str, _Row] | FileFault:
    try:
        data = (folder / MANIFEST).read_bytes()
    except FileNotFoundError:
        return FileFault(MANIFEST, "missing")
    wanted = contents.get("sha256") if isinstance(contents, dict) else None
    if hashlib.sha256(data).hexdigest() != wanted:
        return FileFault(MANIFEST, "changed")
    rows: Mapping[str, _Row] = json.loads(data)["files"]
    return rows


def _is_as(ctx: JobContext, path: Path, info: os.stat_result, row: _Row) -> bool:
    if stat.S_ISLNK(info.st_mode) or isinstance(row, str):
        return stat.S_ISLNK(info.st_mode) and os.readlink(path) == row
    size, digest, program = row
    if info.st_size != size or not stat.S_ISREG(info.st_mode):
        return False
    if ctx.host.system != "windows" and _is_program(info) != program:
        return False
    return _digest(ctx, path) == digest


def _is_program(info: os.stat_result) -> bool:
    return bool(info.st_mode & stat.S_IXUSR)


def _digest(ctx: JobContext, path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            ctx.check()
    return digest.hexdigest()


def _walk(folder: Path, *, whole: bool = False) -> Iterator[tuple[str, os.stat_result]]:
    """All files and links below ``folder`` by relative path, links not followed; ours only if ``whole``."""
    todo = [""]
    while todo:
        inside = todo.pop()
        with os.scandir(folder / inside) as entries:
            for entry in entries:
                path = inside + entry.name
                if entry.is_dir(follow_symlinks=False):
                    if whole or entry.name != _CACHE:
                        todo.append(path + "/")
                elif whole or path not in (STAMP, MANIFEST):
                    yield path, os.lstat(entry.path)
