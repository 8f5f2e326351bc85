"""Where packs lie on a disk, and what is common to all places. Those on servers are in :mod:`toolchains.pack_web`."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import urlsplit

from toolchains.errors import UsageError, disk_errors
from toolchains.fetch import check_room, file_sha256
from toolchains.fetch_control import Control
from toolchains.jobs import JobContext
from toolchains.locks import locked
from toolchains.pack_manifest import MANIFEST, MAX_MANIFEST, SUFFIX, PackFile
from toolchains.setup_pack import PackDamaged, PackNotThere
from toolchains.text import _
from toolchains.undo import on_failure
from toolchains.units import size_text

_CHUNK = 1 << 20
#: What zipfile raises for a file that is no pack, or half of one.
_DAMAGE = (zipfile.BadZipFile, KeyError, EOFError, RuntimeError, NotImplementedError, ValueError, zlib.error)


class Place(Protocol):
    """Where a pack lies."""

    def manifest(self, ctx: JobContext) -> bytes:
        """What its manifest holds, at most a byte more than is allowed."""

    def locate(self, ctx: JobContext, file: PackFile, scratch: Path) -> Path | str:
        """A file of it on a disk, maybe copied out to the folder ``scratch``; or its http address."""

    def copy(self, ctx: JobContext, file: PackFile, folder: Path, control: Control | None) -> Path:
        """A file of it in ``folder``, checked. Raises :class:`PackDamaged`, and errors of disk and network."""

    def close(self) -> None:
        """Let go of it."""


def place_of(where: str) -> tuple[str, Place]:
    """The place that is meant, and how it is written in full. Raises UsageError, and :class:`PackNotThere`."""
    from toolchains.pack_web import WebFile, WebFolder

    where = where.strip()
    scheme = urlsplit(where).scheme.lower() if "://" in where else ""
    if scheme in ("http", "https"):
        address = where.removesuffix(MANIFEST).rstrip("/")
        is_file = urlsplit(address).path.lower().endswith(SUFFIX)
        return address, WebFile(address) if is_file else WebFolder(address)
    if scheme:
        raise UsageError(
            _("{pack} is no address of a pack.", pack=where),
            next_step=_("Use a file, a folder, or an address that begins with http:// or https://."),
        )
    path = _meant(Path(where).expanduser().absolute())
    return str(path), Folder(path) if path.is_dir() else File(path)


def _meant(path: Path) -> Path:
    """Also the only pack in a folder (a stick), and the folder of a manifest."""
    if path.name == MANIFEST:
        return path.parent
    if path.is_dir() and not (path / MANIFEST).is_file():
        inside = sorted(path.glob(f"*{SUFFIX}"))
        if len(inside) == 1:
            return inside[0]
        if inside:
            raise UsageError(
                _("There are {n} packs in {folder}.", n=len(inside), folder=path),
                next_step=_("Name one of them: {names}.", names=", ".join(one.name for one in inside)),
            )
    return path


def damaged(where: str, file: PackFile) -> PackDamaged:
    """The file is not what the manifest says."""
    return PackDamaged(where, file.path, _("it is not the file that the pack was made with"))


def copy_checked(
    ctx: JobContext, where: str, file: PackFile, opened: Callable[[], IO[bytes]], folder: Path, name: str = ""
) -> Path:
    """Copy a file of the pack into ``folder``. Raises :class:`PackDamaged` unless it is what the manifest says."""
    target = folder / (name or file.name)
    part = target.with_name(f".{target.name}.part")
    digest, done = hashlib.sha256(), 0
    with disk_errors(target), on_failure(lambda: part.unlink(missing_ok=True)):
        folder.mkdir(parents=True, exist_ok=True)
        check_room(folder, file.size)
        with _reading(where, file):
            source = opened()
        with source, part.open("wb") as out:
            while True:
                with _reading(where, file):
                    chunk = source.read(min(_CHUNK, file.size + 1 - done))
                if not chunk:
                    break
                done += len(chunk)
                digest.update(chunk)
                out.write(chunk)
                ctx.progress(done, file.size)
        if (done, digest.hexdigest()) != (file.size, file.sha256):
            raise damaged(where, file)
        ctx.host.replace(part, target)
    return target


def copy_once(ctx: JobContext, where: str, file: PackFile, opened: Callable[[], IO[bytes]], folder: Path) -> Path:
    """:func:`copy_checked` into a folder that others use as well, unless it is there."""
    target = folder / file.name
    with disk_errors(target):
        folder.mkdir(parents=True, exist_ok=True)
        with locked(ctx, folder / f".{file.name}.lock"):  # as :func:`toolchains.fetch.fetch` has it
            if target.is_file() and file_sha256(ctx, target) == file.sha256:
                return target
            with ctx.step(_("Copy {name} ({size}) from the pack", name=file.name, size=size_text(file.size))):
                return copy_checked(ctx, where, file, opened, folder)


@contextmanager
def _reading(where: str, file: PackFile) -> Iterator[None]:
    """What fails here is the fault of the pack, or of the disk that it lies on; not of the one that is written to."""
    try:
        yield
    except KeyError as error:
        raise PackDamaged(where, file.path, _("it is not there")) from error
    except (*_DAMAGE, OSError) as error:
        raise PackDamaged(where, file.path, getattr(error, "strerror", None) or error) from error


@dataclass
class Folder:
    """A pack that lies unzipped."""

    root: Path

    def manifest(self, ctx: JobContext) -> bytes:
        """See :class:`Place`."""
        try:
            with (self.root / MANIFEST).open("rb") as stream:
                return stream.read(MAX_MANIFEST + 1)
        except FileNotFoundError as error:
            raise PackNotThere(str(self.root), _("it has no {name}", name=MANIFEST)) from error
        except OSError as error:
            raise PackNotThere(str(self.root), error.strerror or error) from error

    def locate(self, ctx: JobContext, file: PackFile, scratch: Path) -> Path:
        """See :class:`Place`."""
        path = self.root / file.path
        with disk_errors(path):
            real = path.resolve()
            if not real.is_relative_to(self.root.resolve()):
                raise PackDamaged(str(self.root), file.path, _("it is a link that leads out of the pack"))
            if not real.is_file():
                raise PackDamaged(str(self.root), file.path, _("it is not there"))
            if real.stat().st_size != file.size:
                raise PackDamaged(str(self.root), file.path, _("it has another size"))
        return path

    def copy(self, ctx: JobContext, file: PackFile, folder: Path, control: Control | None) -> Path:
        """See :class:`Place`."""
        path = self.locate(ctx, file, folder)
        return copy_once(ctx, str(self.root), file, lambda: path.open("rb"), folder)

    def close(self) -> None:
        """Nothing is held."""


@dataclass
class File:
    """A pack in one file."""

    path: Path
    _zip: zipfile.ZipFile | None = None

    def manifest(self, ctx: JobContext) -> bytes:
        """See :class:`Place`."""
        try:
            self._zip = zipfile.ZipFile(self.path)
            info = self._zip.getinfo(MANIFEST)
            if info.file_size > MAX_MANIFEST:
                return bytes(MAX_MANIFEST + 1)
            with self._zip.open(info) as stream:
                return stream.read(MAX_MANIFEST + 1)
        except KeyError as error:
            raise PackNotThere(str(self.path), _("it has no {name}", name=MANIFEST)) from error
        except OSError as error:
            raise PackNotThere(str(self.path), error.strerror or error) from error
        except _DAMAGE as error:
            reason = _("it is no pack, or only a part of one ({reason})", reason=error)
            raise PackNotThere(str(self.path), reason) from error

    def locate(self, ctx: JobContext, file: PackFile, scratch: Path) -> Path:
        """See :class:`Place`. It is copied out once."""
        name = f"{file.sha256[:16]}-{file.name}"
        if (scratch / name).is_file():
            return scratch / name
        with ctx.step(_("Copy {name} ({size}) from the pack", name=file.name, size=size_text(file.size))):
            return copy_checked(ctx, str(self.path), file, lambda: self._open(file), scratch, name)

    def copy(self, ctx: JobContext, file: PackFile, folder: Path, control: Control | None) -> Path:
        """See :class:`Place`."""
        return copy_once(ctx, str(self.path), file, lambda: self._open(file), folder)

    def _open(self, file: PackFile) -> IO[bytes]:
        assert self._zip is not None  # the manifest was read from it
        return self._zip.open(file.path)

    def close(self) -> None:
        """Close the file."""
        if self._zip is not None:
            self._zip.close()
