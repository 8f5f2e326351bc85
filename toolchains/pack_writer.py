"""Writing a pack: a zip whose members are stored as they are, ``manifest.json`` first, then in the manifest's order.

So that a server that gives nothing but whole files serves as well, each member's place follows from the sizes alone:
every local header has the zip64 extra (20 bytes), and nothing lies between two members.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

from toolchains.errors import disk_errors
from toolchains.fetch import check_room
from toolchains.jobs import JobContext
from toolchains.pack_manifest import MANIFEST, Manifest, PackError, PackFile
from toolchains.text import _
from toolchains.undo import on_failure

#: A zip's local header without the name; APPNOTE.TXT 4.3.7 and 4.5.3.
HEADER = 30
_EXTRA = 20
_CHUNK = 1 << 20
#: What zips call the beginning of time: the same content makes the same pack, but for ``made``.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class Changed(PackError):
    """A file changed while it was packed."""

    code = "pack.changed"

    def __init__(self, path: Path) -> None:
        super().__init__(
            _("{path} changed while it was packed.", path=path),
            next_step=_("Try again."),
            path=str(path),
        )


def header_size(name: str) -> int:
    """Bytes before the content of the member of this name."""
    return HEADER + len(name.encode("ascii")) + _EXTRA


def write_pack(ctx: JobContext, out: Path, manifest: Manifest, sources: Mapping[str, Path]) -> int:
    """Write the pack; ``sources`` has the file for each path of the manifest. Its size in bytes.

    The old pack of that name stays until the new one is whole. Raises :class:`Changed` or DiskError.
    """
    part = out.with_name(f".{out.name}.part")
    raw = manifest.to_json()
    total, done = manifest.size, 0
    with disk_errors(out), on_failure(lambda: part.unlink(missing_ok=True)):
        out.parent.mkdir(parents=True, exist_ok=True)
        check_room(out.parent, total + len(raw))
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED, allowZip64=True) as bundle:
            with bundle.open(zipfile.ZipInfo(MANIFEST, _NO_TIME), "w", force_zip64=True) as member:
                member.write(raw)
            for file in manifest.files:
                _add(ctx, bundle, file, sources[file.path], done, total)
                done += file.size
        ctx.check()
        ctx.host.replace(part, out)
    return out.stat().st_size


def _add(ctx: JobContext, bundle: zipfile.ZipFile, file: PackFile, source: Path, done: int, total: int) -> None:
    digest, size = hashlib.sha256(), 0
    with (
        disk_errors(source),
        source.open("rb") as content,
        bundle.open(zipfile.ZipInfo(file.path, _NO_TIME), "w", force_zip64=True) as member,
    ):
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            member.write(chunk)
            ctx.progress(min(done + size, total), total)
    if (size, digest.hexdigest()) != (file.size, file.sha256):
        raise Changed(source)
