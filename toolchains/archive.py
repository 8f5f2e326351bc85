"""Unpacks tar and zip archives that may be hostile or damaged: all of it or nothing.

Refused as a whole: names that leave the folder, names that two systems read differently, devices, links that point
out, names that collide (also by case only), and archives that grow beyond a limit. Links are never created: one to
a file of the same archive becomes a copy, so that a tree is the same on every system. A truncated or damaged archive
is never half a tree: the end mark and the compression's own check sum must be there.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import shutil
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, cast

from toolchains.errors import DiskError, FetchError, disk_errors
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.undo import on_failure
from toolchains.units import size_text

#: No SDK or toolchain that we know unpacks to more than this (bytes, files).
MAX_BYTES = 6 << 30
MAX_FILES = 100_000
#: One read of tarfile never needs more, except for a header that lies about its length.
_MAX_READ = 16 << 20
_CHUNK = 1 << 18
_MAX_LINK = 4096

#: What the readers of the standard library raise for content that makes no sense.
_DAMAGE = (
    *(EOFError, OSError, ValueError, OverflowError, struct.error, zlib.error, lzma.LZMAError),
    *(tarfile.TarError, zipfile.BadZipFile),
    RuntimeError,  # zipfile: encrypted, or a compression that Python does not have
)
_OPENERS = ((b"\xfd7zXZ\0", lzma.open), (b"\x1f\x8b", gzip.open), (b"BZh", bz2.open))


class ArchiveDamaged(FetchError):
    """The archive is truncated, broken, or no archive at all."""

    code = "archive.damaged"

    def __init__(self, archive: Path, reason: object) -> None:
        super().__init__(
            _("The archive {path} is damaged.", path=archive),
            why=_("It says: {reason}.", reason=reason),
            next_step=_("Remove it and get it again."),
            path=str(archive),
        )


class ArchiveUnsafe(FetchError):
    """The archive holds something that no honest archive of ours holds; nothing of it was kept."""

    code = "archive.unsafe"

    def __init__(self, archive: Path, member: str, reason: Text) -> None:
        super().__init__(
            _("The archive {path} was refused because of {member}.", path=archive, member=repr(member)),
            why=reason,
            next_step=_("Get it from its official address."),
            path=str(archive),
            member=member,
        )


@contextmanager
def _reading(archive: Path) -> Iterator[None]:
    """Around each read from the archive: whatever goes wrong there is the archive's fault, not the disk's."""
    try:
        yield
    except _DAMAGE as error:
        raise ArchiveDamaged(archive, error) from error


def unpack(ctx: JobContext, archive: Path, into: Path, *, max_bytes: int = MAX_BYTES) -> None:
    """Unpack ``archive`` into ``into`` (new or empty); one folder around everything is left out. All or nothing."""
    with disk_errors(into):
        into.mkdir(parents=True, exist_ok=True)
        if any(into.iterdir()):
            raise DiskError(_("The folder {path} is not empty.", path=into), path=str(into))
        with on_failure(lambda: shutil.rmtree(into, ignore_errors=True)):
            with disk_errors(archive):
                source = archive.open("rb")
            with source:
                writer = _Writer(ctx, archive, into, max_bytes, _room(into))
                is_zip = source.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
                source.seek(0)
                (_unpack_zip if is_zip else _unpack_tar)(source, writer)
            writer.copy_links()
            _strip_top(ctx, into)


def _room(folder: Path) -> int:
    return shutil.disk_usage(folder).free


@dataclass
class _Writer:
    """Checks each member's name against all before it, then writes it."""

    ctx: JobContext
    archive: Path
    into: Path
    max_bytes: int
    room: int
    written: int = 0
    seen: dict[str, tuple[str, bool]] = field(default_factory=dict)
    links: list[tuple[str, PurePosixPath, PurePosixPath]] = field(default_factory=list)

    def refuse(self, member: str, reason: Text) -> ArchiveUnsafe:
        return ArchiveUnsafe(self.archive, member, reason)

    def directory(self, name: str) -> None:
        path = self._claim(name, is_dir=True)
        if path is not None:
            with disk_errors(self.into / path):
                (self.into / path).mkdir(parents=True, exist_ok=True)

    def file(self, name: str, size: int, data: IO[bytes], *, executable: bool, done: int, total: int) -> None:
        path = self._claim(name, is_dir=False)
        if path is None:
            raise self.refuse(name, _("It is a file without a name."))
        self._charge(name, size)
        target = self.into / path
        with disk_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as out:
                left = size
                while left and (chunk := self.read(data, min(left, _CHUNK))):
                    out.write(chunk)
                    left -= len(chunk)
                    self.ctx.check()
            if executable:
                target.chmod(0o755)
        if left:
            raise ArchiveDamaged(self.archive, _("{member} ends too early", member=name))
        self.ctx.progress(done, total)

    def read(self, data: IO[bytes], size: int) -> bytes:
        with _reading(self.archive):
            return data.read(size)

    def link(self, name: str, target: str, *, symbolic: bool) -> None:
        path = self._claim(name, is_dir=False)
        if path is None or target.startswith(("/", "\\")) or not target:
            raise self.refuse(name, _("It is a link that points out of the archive."))
        parts = list(path.parent.parts) if symbolic else []
        for part in target.split("/"):
            if part == "..":
                if not parts:
                    raise self.refuse(name, _("It is a link that points out of the archive."))
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        self.links.append((name, path, PurePosixPath(*parts)))

    def copy_links(self) -> None:
        """Make each link to a file of the archive a copy of it; links to folders or to nothing are left out."""
        for name, path, target in self.links:
            found = self._follow(target)
            if found is None or not (self.into / found).is_file():
                self.ctx.log(f"link left out: {name} -> {target}")
                continue
            self._charge(name, (self.into / found).stat().st_size)
            (self.into / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.into / found, self.into / path)

    def _follow(self, target: PurePosixPath) -> PurePosixPath | None:
        targets = {path: to for _name, path, to in self.links}
        for _hop in range(8):
            if target not in targets:
                return target
            target = targets[target]
        return None

    def _charge(self, name: str, size: int) -> None:
        self.written += size
        if self.written > self.max_bytes:
            raise self.refuse(name, _("It unpacks to more than {size}.", size=size_text(self.max_bytes)))
        if self.written > self.room:
            raise DiskError(
                _("There is no space left to unpack {path}.", path=self.archive),
                why=_("{size} is free there.", size=size_text(self.room)),
                next_step=_("Free some space on that disk, then try again."),
                path=str(self.into),
            )

    def _claim(self, name: str, *, is_dir: bool) -> PurePosixPath | None:
        """The checked relative path; None for the root itself."""
        if any(c in "\\:" or ord(c) < 32 for c in name):
            raise self.refuse(name, _("Its name has a character that not every system allows."))
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if name.startswith("/") or ".." in parts:
            raise self.refuse(name, _("Its name leads out of the folder."))
        for depth in range(1, len(parts) + 1):
            self._enter("/".join(parts[:depth]), name, is_dir=is_dir or depth < len(parts))
        return PurePosixPath(*parts) if parts else None

    def _enter(self, path: str, name: str, *, is_dir: bool) -> None:
        folded = unicodedata.normalize("NFC", path).casefold()
        before = self.seen.get(folded)
        if before is None:
            if len(self.seen) >= MAX_FILES:
                raise self.refuse(name, _("The archive has too many files."))
            self.seen[folded] = (path, is_dir)
        elif before != (path, True) or not is_dir:
            raise self.refuse(name, _("It collides with {other}.", other=repr(before[0])))


class _Bounded:
    """What tarfile reads from: a decompressed stream that ends a bomb, and whose faults are all ArchiveDamaged."""

    def __init__(self, stream: IO[bytes], archive: Path, max_bytes: int) -> None:
        self._stream, self._archive, self._max = stream, archive, max_bytes
        self.last = b""

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _MAX_READ or self._stream.tell() > self._max:
            raise ArchiveUnsafe(self._archive, "header", _("It unpacks to far more than it should."))
        with _reading(self._archive):
            self.last = self._stream.read(size)
        return self.last

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Forward by reading, so that a skipped part is counted and checked like any other."""
        if whence != os.SEEK_SET or offset < self._stream.tell():
            raise ArchiveDamaged(self._archive, _("it wants to go back"))
        while (left := offset - self._stream.tell()) > 0 and self.read(min(left, _CHUNK)):
            pass
        return self._stream.tell()

    def tell(self) -> int:
        return self._stream.tell()

    def drain(self) -> None:
        """Read to the end, where the compression's check sum is."""
        while self.read(_CHUNK):
            pass


def _unpack_tar(source: IO[bytes], writer: _Writer) -> None:
    size = os.fstat(source.fileno()).st_size
    head = source.read(8)
    source.seek(0)
    opener = next((opener for magic, opener in _OPENERS if head.startswith(magic)), None)
    stream = cast("IO[bytes]", opener(source)) if opener else source
    # Headers and padding add at most 1.5 kB a file to the content's own limit.
    bounded = _Bounded(stream, writer.archive, writer.max_bytes + MAX_FILES * 1536)
    with _reading(writer.archive):
        tar = tarfile.open(fileobj=cast("IO[bytes]", bounded), mode="r:")  # noqa: SIM115  closes below
    with tar:
        members = iter(tar)
        while (member := _next(members, writer.archive)) is not None:
            _tar_member(tar, member, writer, source.tell(), size)
    if bounded.last != bytes(tarfile.BLOCKSIZE):  # tarfile takes a broken header for the end
        raise ArchiveDamaged(writer.archive, _("its end is missing"))
    bounded.drain()
    writer.ctx.progress(size, size)


def _next(members: Iterator[tarfile.TarInfo], archive: Path) -> tarfile.TarInfo | None:
    with _reading(archive):
        return next(members, None)


def _tar_member(tar: tarfile.TarFile, member: tarfile.TarInfo, writer: _Writer, done: int, total: int) -> None:
    if member.isdir():
        writer.directory(member.name)
    elif member.type in (tarfile.REGTYPE, tarfile.AREGTYPE):
        data = tar.extractfile(member)
        assert data is not None
        executable = bool(member.mode & stat.S_IXUSR)
        writer.file(member.name, member.size, data, executable=executable, done=done, total=total)
    elif member.issym() or member.islnk():
        writer.link(member.name, member.linkname, symbolic=member.issym())
    else:
        raise writer.refuse(member.name, _("It is neither a file nor a folder."))


def _unpack_zip(source: IO[bytes], writer: _Writer) -> None:
    with _reading(writer.archive):
        bundle = zipfile.ZipFile(source)
    with bundle:
        members = bundle.infolist()
        total = sum(member.file_size for member in members)
        done = 0
        for member in members:
            _zip_member(bundle, member, writer, done, total)
            done += member.file_size


def _zip_member(bundle: zipfile.ZipFile, member: zipfile.ZipInfo, writer: _Writer, done: int, total: int) -> None:
    mode = member.external_attr >> 16
    if member.is_dir():
        writer.directory(member.filename)
    elif stat.S_ISLNK(mode):
        if member.file_size > _MAX_LINK:
            raise writer.refuse(member.filename, _("It is a link that points out of the archive."))
        with _reading(writer.archive):
            target = bundle.read(member).decode("utf-8", "replace")
        writer.link(member.filename, target, symbolic=True)
    elif stat.S_IFMT(mode) in (0, stat.S_IFREG):
        with _reading(writer.archive):
            data = bundle.open(member)
        with data:
            executable = bool(mode & stat.S_IXUSR)
            writer.file(member.filename, member.file_size, data, executable=executable, done=done, total=total)
            if writer.read(data, 1):  # also checks the CRC
                raise ArchiveDamaged(writer.archive, _("{member} is longer than it says", member=member.filename))
    else:
        raise writer.refuse(member.filename, _("It is neither a file nor a folder."))


def _strip_top(ctx: JobContext, into: Path) -> None:
    """Where everything lies in one folder, let its content take the place of ``into``."""
    inside = list(into.iterdir())
    if len(inside) != 1 or not inside[0].is_dir():
        return
    beside = into.with_name(into.name + ".top")
    ctx.host.replace(inside[0], beside)
    into.rmdir()
    ctx.host.replace(beside, into)
