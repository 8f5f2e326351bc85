"""Unpacks tar and zip archives that may be hostile or damaged: all of it or nothing.

Refused as a whole: names that leave the folder, names that two systems read differently or that Windows forbids,
devices, links that point out, names that collide (also by case only), and archives that grow beyond a limit. A link
becomes a copy, so that a tree is the same on every system, unless it is asked for links. A truncated or damaged
archive is never half a tree: the end mark and the compression's own check sum must be there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from toolchains.archive_errors import ArchiveDamaged, ArchiveUnsafe, reading
from toolchains.archive_links import MAX_LINK, Links, Style
from toolchains.archive_names import MAX_FILES, Names
from toolchains.archive_streams import CHUNK, Stream, decompressed
from toolchains.errors import DiskError, disk_errors
from toolchains.jobs import JobContext
from toolchains.store_files import Seal
from toolchains.text import _
from toolchains.undo import on_failure
from toolchains.units import size_text

__all__ = ["MAX_BYTES", "ArchiveDamaged", "ArchiveUnsafe", "unpack"]

#: No SDK or toolchain that we know unpacks to more than this.
MAX_BYTES = 6 << 30
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
#: One event for so many parts of the whole.
_STEPS = 500
#: zip: others need more memory than the content is worth, or do not exist.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)


def unpack(
    ctx: JobContext,
    archive: Path,
    into: Path,
    *,
    max_bytes: int = MAX_BYTES,
    links: Style = "copy",
    seal: Seal | None = None,
    strip: bool = True,
) -> None:
    """Unpack ``archive`` into ``into`` (new or empty). All or nothing.

    ``links="keep"`` makes links where the archive has them and the system can; ``seal`` remembers the hash of each
    file for :meth:`toolchains.store.Store.install`; with ``strip``, one folder around everything is left out.
    Raises :class:`ArchiveDamaged`, :class:`ArchiveUnsafe`, DiskError.
    """
    with disk_errors(into):
        into.mkdir(parents=True, exist_ok=True)
        if any(into.iterdir()):
            raise DiskError(_("The folder {path} is not empty.", path=into), path=str(into))
        there = ctx.host.extended(into)
        with on_failure(lambda: shutil.rmtree(there, ignore_errors=True)):
            with disk_errors(archive):
                source = archive.open("rb")
            sums: dict[str, str] | None = None if seal is None else {}
            with source:
                writer = _Writer(ctx, archive, there, max_bytes, _room(into), sums)
                is_zip = source.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
                source.seek(0)
                (_unpack_zip if is_zip else _unpack_tar)(source, writer)
            writer.links.make(there, links, writer.copied)
            top = _strip_top(ctx, there) if strip else ""
            ctx.check()
            if seal is not None and sums is not None:
                seal.remember(ctx.host, into, {path.removeprefix(top): digest for path, digest in sums.items()})


def _room(folder: Path) -> int:
    return shutil.disk_usage(folder).free


@dataclass
class _Writer:
    """Writes each member, once its name is checked."""

    ctx: JobContext
    archive: Path
    into: Path
    max_bytes: int
    room: int
    sums: dict[str, str] | None
    written: int = 0
    told: int = -1
    made: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.names = Names(self.archive)
        self.links = Links(self.ctx, self.names)

    def directory(self, name: str) -> None:
        path = self.names.claim(name, "folder")
        if path:
            self._make_folder(path)

    def file(self, name: str, size: int, take: Callable[[int], memoryview | bytes], *, executable: bool) -> None:
        """Write ``size`` bytes, which come in parts from ``take(most)``; an empty part is the end."""
        path = self.names.claim(name, "file")
        if not path:
            raise self.names.refuse(name, _("It is a file without a name."))
        self._charge(name, size)
        self._make_folder(path.rpartition("/")[0])
        digest = None if self.sums is None else hashlib.sha256()
        target = self.into / path
        with disk_errors(target):
            out = os.open(target, _NEW, 0o755 if executable else 0o644)
            try:
                left = size
                while left and (part := take(min(left, CHUNK))):
                    if digest is not None:
                        digest.update(part)
                    left -= len(part)
                    _write(out, part)
                    self.ctx.check()
            finally:
                os.close(out)
        if left:
            raise ArchiveDamaged(self.archive, _("{member} ends too early", member=name))
        if digest is not None and self.sums is not None:
            self.sums[path] = digest.hexdigest()

    def copied(self, name: str, source: str, path: str, size: int) -> None:
        """A link becomes a file of its own with ``size`` bytes, or another name of the same file (0)."""
        self._charge(name, size)
        if self.sums is not None:
            self.sums[path] = self.sums[source]

    def progress(self, done: int, total: int) -> None:
        """Tell of it, unless too little has happened since."""
        self.ctx.check()
        if self.told < 0 or (done - self.told) * _STEPS >= total:
            self.told = done
            self.ctx.progress(done, total)

    def _make_folder(self, path: str) -> None:
        if path not in self.made:
            folder = self.into / path
            with disk_errors(folder):
                folder.mkdir(parents=True, exist_ok=True)
            self.made.add(path)

    def _charge(self, name: str, size: int) -> None:
        self.written += size
        if self.written > self.max_bytes:
            raise self.names.refuse(name, _("It unpacks to more than {size}.", size=size_text(self.max_bytes)))
        if self.written > self.room:
            raise DiskError(
                _("There is no space left to unpack {path}.", path=self.archive),
                why=_("{size} is free there.", size=size_text(self.room)),
                next_step=_("Free some space on that disk, then try again."),
                path=str(self.into),
            )


def _write(out: int, part: memoryview | bytes) -> None:
    """All of it; a system may write less than it was given."""
    rest = memoryview(part)
    while rest:
        rest = rest[os.write(out, rest) :]


def _unpack_tar(source: IO[bytes], writer: _Writer) -> None:
    size = os.fstat(source.fileno()).st_size
    # Headers and padding add at most 1.5 kB a file to the content's own limit.
    with decompressed(source, writer.archive, writer.max_bytes + MAX_FILES * 1536) as stream:
        with reading(writer.archive):
            tar = tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r:")  # noqa: SIM115  closes below
        with tar:
            while (member := _next(tar, writer.archive)) is not None:
                _tar_member(member, writer, stream)
                writer.progress(stream.packed, size)
        if stream.last != bytes(tarfile.BLOCKSIZE):  # tarfile takes a broken header for the end
            raise ArchiveDamaged(writer.archive, _("its end is missing"))
        stream.drain()
    writer.ctx.progress(size, size)


def _next(tar: tarfile.TarFile, archive: Path) -> tarfile.TarInfo | None:
    with reading(archive):
        member = tar.next()
    tar.members = []  # type: ignore[attr-defined]  # tarfile would keep them all
    return member


def _tar_member(member: tarfile.TarInfo, writer: _Writer, stream: Stream) -> None:
    if member.isdir():
        writer.directory(member.name)
    elif member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse():
        writer.file(member.name, member.size, stream.take, executable=bool(member.mode & stat.S_IXUSR))
    elif member.issym() or member.islnk():
        writer.links.add(member.name, member.linkname, symbolic=member.issym())
    else:
        raise writer.names.refuse(member.name, _("It is neither a file nor a folder."))


def _unpack_zip(source: IO[bytes], writer: _Writer) -> None:
    with reading(writer.archive):
        bundle = zipfile.ZipFile(source)
    with bundle:
        members = bundle.infolist()
        total = sum(member.file_size for member in members)
        done = 0
        for member in members:
            _zip_member(bundle, member, writer)
            done += member.file_size
            writer.progress(done, total)
    writer.ctx.progress(total, total)


def _zip_member(bundle: zipfile.ZipFile, member: zipfile.ZipInfo, writer: _Writer) -> None:
    mode = member.external_attr >> 16
    if member.compress_type not in _METHODS:
        raise ArchiveDamaged(writer.archive, _("{member} is compressed in an unknown way", member=member.filename))
    if member.is_dir():
        writer.directory(member.filename)
    elif stat.S_ISLNK(mode):
        if member.file_size > MAX_LINK:
            raise writer.names.refuse(member.filename, _("It is a link that points out of the archive."))
        with reading(writer.archive):
            target = bundle.read(member).decode("utf-8", "replace")
        writer.links.add(member.filename, target, symbolic=True)
    elif stat.S_IFMT(mode) in (0, stat.S_IFREG):
        with reading(writer.archive):
            data = bundle.open(member)
        with data:

            def take(most: int) -> bytes:
                with reading(writer.archive):
                    return data.read(most)

            writer.file(member.filename, member.file_size, take, executable=bool(mode & stat.S_IXUSR))
            if take(1):  # also checks the CRC
                raise ArchiveDamaged(writer.archive, _("{member} is longer than it says", member=member.filename))
    else:
        raise writer.names.refuse(member.filename, _("It is neither a file nor a folder."))


def _strip_top(ctx: JobContext, into: Path) -> str:
    """Where everything lies in one folder, let its content take the place of ``into``; that folder's name and "/"."""
    inside = list(into.iterdir())
    if len(inside) != 1 or inside[0].is_symlink() or not inside[0].is_dir():
        return ""
    beside = into.with_name(into.name + ".top")
    ctx.host.replace(inside[0], beside)
    into.rmdir()
    ctx.host.replace(beside, into)
    return inside[0].name + "/"
