"""Downloads: hashed while they stream, kept only when the hash is right, and a sentence for whatever goes wrong.

The file is written beside its final name and renamed at the end, so a name in the download folder is a whole file. What
came before a cut, a cancel or the end of the process stays beside it and is continued (:mod:`toolchains.fetch_parts`).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from toolchains import fetch_errors
from toolchains.errors import disk_errors
from toolchains.fetch_control import Control
from toolchains.fetch_errors import NetworkError, NotOnServer, WrongContent
from toolchains.fetch_parts import Origin, Part
from toolchains.jobs import JobContext
from toolchains.locks import locked
from toolchains.text import Text, _
from toolchains.undo import on_failure
from toolchains.units import size_text

__all__ = ["Download", "NetworkError", "NotOnServer", "OfflineSource", "WrongContent", "fetch"]

_COPY = 1 << 20


@dataclass(frozen=True)
class Download:
    """One file to get. ``hash`` is ``sha256:<hex>``, or ``unverified:<reason>``; ``size`` in bytes where known.

    ``urls`` are tried in order where ``url`` does not give it. Of an unverified file the hash is recorded at its first
    download (``<filename>.sha256`` beside it), and whatever comes later under that name must match it.
    """

    url: str
    filename: str
    hash: str
    size: int | None = None
    urls: tuple[str, ...] = ()

    @property
    def sha256(self) -> str | None:
        """The published hash, or None where there is none."""
        kind, _colon, value = self.hash.partition(":")
        return value.lower() if kind == "sha256" else None


#: Brings a download to a path, by whatever means; the SHA-256 of what came, in hex.
Carrier = Callable[[JobContext, Download, Path], str]


class OfflineSource(Protocol):
    """A place nearer than the internet: a pack, a folder, a server in the room."""

    def find(self, sha256: str | None, name: str) -> Path | str | None:
        """The file with that hash (None: nobody knows it) and name: where it lies, its http address, or None."""


def fetch(
    ctx: JobContext,
    download: Download,
    folder: Path,
    carry: Carrier | None = None,
    *,
    control: Control | None = None,
    sources: Sequence[OfflineSource] = (),
) -> Path:
    """The file, in ``folder``: the copy that is there if its hash is right, else from ``sources``, else downloaded.

    Raises :class:`NetworkError`, :class:`NotOnServer`, :class:`WrongContent` or DiskError. What came up to then is kept
    beside it and continued by the next call, unless it was wrong. ``control`` pauses it. ``carry`` downloads with
    another program than ours, keeps no part, and may raise errors of its own.
    """
    target = folder / download.filename
    with disk_errors(target):
        folder.mkdir(parents=True, exist_ok=True)
        with locked(ctx, folder / f".{download.filename}.lock"):
            known = download.sha256 or _recorded(target)
            if known is not None and target.is_file():
                if file_sha256(ctx, target) == known:
                    Part(target, download.hash).drop()  # of a process that ended just before it would have done so
                    return target
                ctx.log(f"{target}: not the file it was; getting it again")
            part = Part(target, download.hash)
            found = _nearby(ctx, download, sources)
            if isinstance(found, Path) and _copied(ctx, download, known, found, part):
                pass
            elif carry is not None:
                _carried(ctx, download, known, carry, part)
            else:
                from toolchains.fetch_tries import Tries  # here, because what is there already needs no client

                near = () if found is None or isinstance(found, Path) else (found,)
                urls = (*near, download.url, *download.urls)
                with ctx.step(_title(download, urls[0])):
                    Tries(ctx, download, known, part, control or Control()).get(urls)
            if download.sha256 is None:
                _record(ctx, download, part.path, target)
            ctx.host.replace(part.path, target)
            part.left()
    return target


def forget(target: Path) -> None:
    """Remove a downloaded file that turned out to be no good, and the hash that was recorded for it."""
    target.unlink(missing_ok=True)
    _record_file(target).unlink(missing_ok=True)


def file_sha256(ctx: JobContext, path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_COPY):
            digest.update(chunk)
            ctx.check()
    return digest.hexdigest()


def check_room(folder: Path, total: int | None) -> None:
    """DiskError if ``total`` bytes (None: unknown) do not fit on the disk of ``folder``."""
    free = _free(folder)
    if total is not None and total > free:
        raise fetch_errors.no_room(total, free, folder)


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _title(download: Download, url: str) -> Text:
    host = fetch_errors.host_of(url)
    if download.size is None:
        return _("Download {name} from {host}", name=download.filename, host=host)
    return _("Download {name} ({size}) from {host}", name=download.filename, size=size_text(download.size), host=host)


def _record_file(target: Path) -> Path:
    return target.with_name(target.name + ".sha256")


def _recorded(target: Path) -> str | None:
    try:
        return _record_file(target).read_text("ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _record(ctx: JobContext, download: Download, part: Path, target: Path) -> None:
    digest = file_sha256(ctx, part)
    beside = target.with_name(f".{target.name}.sha256.new")
    beside.write_text(digest + "\n", "ascii")
    ctx.host.replace(beside, _record_file(target))
    reason = download.hash.partition(":")[2]
    ctx.note(_("{name} has no published check sum to compare with: {reason}.", name=download.filename, reason=reason))


def _carried(ctx: JobContext, download: Download, known: str | None, carry: Carrier, part: Part) -> None:
    part.drop()
    with on_failure(part.drop), ctx.step(_title(download, download.url)):
        digest = carry(ctx, download, part.path)
        if known is not None and digest != known:
            raise fetch_errors.wrong_hash(download.filename, download.url, known, digest)


def _nearby(ctx: JobContext, download: Download, sources: Sequence[OfflineSource]) -> Path | str | None:
    for source in sources:
        found = source.find(download.sha256, download.filename)
        if found is not None:
            return found
    return None


def _copied(ctx: JobContext, download: Download, known: str | None, found: Path, part: Part) -> bool:
    """Whether the file at ``found`` was the right one, and is the part now."""
    try:
        size = found.stat().st_size
        source = found.open("rb")
    except OSError as error:
        ctx.log(f"{found}: {error}")
        return False
    part.drop()
    title = _("Copy {name} ({size}) from {folder}", name=download.filename, size=size_text(size), folder=found.parent)
    with on_failure(part.drop), source, ctx.step(title):
        check_room(part.path.parent, size)
        part.describe(ctx, Origin(str(found), download.hash, "", size))
        with part.open(ctx, 0) as out:
            while chunk := source.read(_COPY):
                part.write(out, chunk)
                ctx.progress(part.size, size, "B")
    if download.size in (None, part.size) and known in (None, part.digest(ctx)):
        return True
    part.drop()
    ctx.note(_("{path} is not the file it should be; looking elsewhere.", path=found))
    return False
