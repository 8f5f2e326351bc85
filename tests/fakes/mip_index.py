"""An index in the shape of micropython.org/pi/v2, as a folder: served (:mod:`tests.fakes.http_folder`) or read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from toolchains import bytecode
from toolchains.jobs import JobContext


class MipIndex:
    """Add packages to it; each has Python files, which also become .mpy files of version 6."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._rows: dict[str, dict] = {}

    def add(
        self,
        name: str,
        files: Mapping[str, bytes],
        version: str = "1.0",
        *,
        deps: Sequence[Sequence[str]] = (),
        keys: Sequence[str] = ("py",),
        description: str = "",
    ) -> None:
        """A package with these files, for these .mpy versions."""
        for key in keys:
            hashes = [[path, self.file(data)] for path, data in files.items()]
            said = {"v": 1, "version": version, "hashes": hashes, "urls": [], "deps": [list(dep) for dep in deps]}
            for number in (version, "latest"):
                self.write(f"package/{key}/{name}/{number}.json", json.dumps(said).encode())
        row = self._rows.setdefault(name, {"name": name, "description": description, "license": "MIT", "versions": {}})
        row["version"] = version
        for key in keys:
            row["versions"].setdefault(key, []).append(version)
        self.write("index.json", json.dumps({"v": 2, "updated": 0, "packages": list(self._rows.values())}).encode())

    def add_raw(self, name: str, package_json: object, *, key: str = "py") -> None:
        """A package.json as somebody wrote it who means no good, or knows no better."""
        raw = package_json if isinstance(package_json, bytes) else json.dumps(package_json).encode()
        self.write(f"package/{key}/{name}/latest.json", raw)

    def file(self, data: bytes) -> str:
        """A file by its hash: the digits that the index calls it by."""
        prefix = hashlib.sha256(data).hexdigest()[:8]
        self.write(f"file/{prefix[:2]}/{prefix}", data)
        return prefix

    def spoil(self, data: bytes, with_what: bytes) -> None:
        """Another content under the name of that file."""
        prefix = hashlib.sha256(data).hexdigest()[:8]
        self.write(f"file/{prefix[:2]}/{prefix}", with_what)

    def write(self, inside: str, data: bytes) -> None:
        """Any file of it."""
        path = self.folder / inside
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def mpy(ctx: JobContext, folder: Path, source: str, name: str = "made", arch: str | None = None) -> bytes:
    """A Python source as a .mpy file of version 6."""
    folder.mkdir(parents=True, exist_ok=True)
    script, out = folder / f"{name}.py", folder / f"{name}.mpy"
    script.write_text(source)
    bytecode.compile_py(ctx, script, out, embedded_name=script.name, arch=arch)
    return out.read_bytes()
