"""Archives made for tests, honest and hostile."""

from __future__ import annotations

import io
import os
import random
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from toolchains.store import MANIFEST, STAMP

#: A small tree with an empty file, an executable one, and one that is longer than one read.
HONEST = {
    "top/README.md": b"# honest\n",
    "top/empty": b"",
    "top/tools/run.py": b"#!/usr/bin/env python3\n",
    "top/py/big.bin": random.Random(1).randbytes(512_000),  # compresses badly, as program text of all kinds does
}


def member(name: str, kind: bytes = tarfile.REGTYPE, *, link: str = "", size: int = 0) -> tarfile.TarInfo:
    """A tar header of any kind."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size, info.mode = kind, link, size, 0o644
    return info


def write_tar(path: Path, files: Mapping[str, bytes], *extra: tarfile.TarInfo, mode: str = "w:xz") -> Path:
    """A tar archive with these files, then headers without content."""
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for name, content in files.items():
            info = member(name, size=len(content))
            info.mode = 0o755 if name.endswith(".py") else 0o644
            tar.addfile(info, io.BytesIO(content))
        for info in extra:
            tar.addfile(info, io.BytesIO(bytes(info.size)))
    return path


def write_zip(path: Path, files: Mapping[str, bytes], modes: Mapping[str, int] | None = None) -> Path:
    """A zip archive; ``modes`` gives Unix modes (type bits too) to some of the names."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (modes or {}).get(name, 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            bundle.writestr(info, content)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """What a folder holds: relative name -> bytes."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def installed(folder: Path) -> dict[str, bytes]:
    """What an installed thing holds, without what the store notes there."""
    return {name: content for name, content in contents(folder).items() if name not in (STAMP, MANIFEST)}


def links_in(folder: Path) -> dict[str, str]:
    """The symbolic links in a folder, name -> target; each leads straight to something in it, through no other link."""
    links = {p.relative_to(folder).as_posix(): os.readlink(p) for p in sorted(folder.rglob("*")) if p.is_symlink()}
    for path, target in links.items():
        there = Path(os.path.normpath((folder / path).parent / target))
        assert there.is_relative_to(folder), f"{path} -> {target} leads out"
        assert there.exists(), f"{path} -> {target} leads nowhere"
        assert there.resolve() == folder.resolve() / there.relative_to(folder), f"{path} -> {target} uses a link"
    return links


def honest() -> dict[str, bytes]:
    """What must come out of an archive of :data:`HONEST`."""
    return {name.removeprefix("top/"): content for name, content in HONEST.items()}
