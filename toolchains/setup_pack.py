"""A pack, as studio.py reads it when nothing is installed: its manifest, and the files that are asked for, checked.

A pack is one file, a folder, or either behind an HTTP server. What the manifest may say is :mod:`toolchains.
pack_manifest`'s part. Standard library only.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from toolchains.errors import disk_errors
from toolchains.pack_manifest import LAB, MANIFEST, MAX_MANIFEST, SUFFIX, Manifest, PackError, PackFile, parse
from toolchains.setup_http import FAULTS, RemoteFile, Web, below, host_of
from toolchains.text import _
from toolchains.units import size_text

_CHUNK = 1 << 20
#: A file that came broken over a network is asked for once more.
_TRIES = 2
_WEB = re.compile(r"https?://", re.IGNORECASE)


class PackNotThere(PackError):
    """There is no pack where one was named. ``fields["pack"]`` is that place."""

    code = "pack.missing"

    def __init__(self, where: str, reason: object) -> None:
        super().__init__(
            _("There is no pack at {pack}: {reason}.", pack=where, reason=reason),
            next_step=_("Name a file that ends with .natmodpack, a folder with manifest.json, or the address of one."),
            pack=where,
        )


class PackDamaged(PackError):
    """A file of the pack is missing or is not what the manifest says. Fields ``pack`` and ``path``."""

    code = "pack.damaged"

    def __init__(self, where: str, path: str, reason: object) -> None:
        super().__init__(
            _("The file {path} of the pack {pack} cannot be used: {reason}.", path=path, pack=where, reason=reason),
            next_step=_("Copy the pack again from where it came from."),
            pack=where,
            path=path,
        )


class _Door(Protocol):
    """How the files of a pack are reached."""

    def open(self, path: str) -> IO[bytes]:
        """A file of the pack, to read."""

    def close(self) -> None:
        """Let go of it."""


class _Folder:
    def __init__(self, root: Path) -> None:
        self._root = root

    def open(self, path: str) -> IO[bytes]:
        return (self._root / path).open("rb")

    def close(self) -> None:
        pass


class _WebFolder:
    def __init__(self, web: Web, base: str) -> None:
        self._web, self._base = web, base

    def open(self, path: str) -> IO[bytes]:
        answer: IO[bytes] = self._web.get(below(self._base, path))
        return answer

    def close(self) -> None:
        pass


class _Zip:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._zip = zipfile.ZipFile(file)

    def open(self, path: str) -> IO[bytes]:
        return self._zip.open(path)

    def close(self) -> None:
        self._zip.close()
        self._file.close()


class SetupPack:
    """One pack. ``where`` is an absolute path or an address; close it at the end."""

    def __init__(self, where: str, door: _Door, manifest: Manifest) -> None:
        self.where, self.manifest, self._door = where, manifest, door

    @staticmethod
    def open(where: str, tell: Callable[[object], None]) -> SetupPack:
        """Read the manifest. Raises :class:`PackNotThere`, PackUnsafe and PackTooNew."""
        where = where.strip() if _WEB.match(where) else str(Path(where).expanduser().absolute())
        door: _Door | None = None
        try:
            door = _door(where, tell)
            with door.open(MANIFEST) as stream:
                raw = stream.read(MAX_MANIFEST + 1)
            return SetupPack(where, door, parse(where, raw))
        except (*FAULTS, KeyError, zipfile.BadZipFile) as error:
            _close(door)
            raise PackNotThere(where, _reason(error)) from error
        except PackError:
            _close(door)
            raise

    def close(self) -> None:
        """Let go of the file or the server."""
        self._door.close()

    def wheels(self, system: str, machine: str, version: tuple[int, int]) -> list[PackFile]:
        """The Python packages that may serve on ``sys.platform``, ``platform.machine()`` and Python; pip chooses."""
        return [file for file in self.manifest.of_kind("wheel") if _serves(file.name, system, machine, version)]

    def copy(self, file: PackFile, folder: Path, heard: Callable[[int], None]) -> Path:
        """The file, whole and of the right hash, in ``folder``. Raises :class:`PackDamaged`, DiskError."""
        target = folder / file.name
        if target.is_file() and target.stat().st_size == file.size and _sha256(target) == file.sha256:
            return target
        for left in reversed(range(_TRIES)):
            try:
                return self._copied(file, target, heard)
            except PackDamaged:
                if not left or not _WEB.match(self.where):
                    raise
        raise AssertionError("the last try returns or raises")

    def lab(self) -> bytes | None:
        """What its ``lab.toml`` holds, if there is one. Raises :class:`PackDamaged`."""
        file = self.manifest.file(LAB)
        if file is None:
            return None
        with tempfile.TemporaryDirectory() as folder:
            return self.copy(file, Path(folder), lambda n: None).read_bytes()

    def _copied(self, file: PackFile, target: Path, heard: Callable[[int], None]) -> Path:
        part = target.with_name(f".{target.name}.part")
        digest, done = hashlib.sha256(), 0
        with disk_errors(target), part.open("wb") as out, self._reading(file) as read:
            while chunk := read(min(_CHUNK, file.size + 1 - done)):
                done += len(chunk)
                digest.update(chunk)
                out.write(chunk)
                heard(len(chunk))
        if (done, digest.hexdigest()) != (file.size, file.sha256):
            part.unlink()
            raise PackDamaged(self.where, file.path, _("it is not the file that the pack was made with"))
        with disk_errors(target):
            os.replace(part, target)
        return target

    @contextmanager
    def _reading(self, file: PackFile) -> Iterator[Callable[[int], bytes]]:
        """A function that reads on in the file. What fails there is not the fault of the disk that we write to."""
        faults = (*FAULTS, KeyError, zipfile.BadZipFile)
        try:
            stream = self._door.open(file.path)
        except faults as error:
            raise PackDamaged(self.where, file.path, _reason(error)) from error

        def read(size: int) -> bytes:
            try:
                return stream.read(size)
            except faults as error:
                raise PackDamaged(self.where, file.path, _reason(error)) from error

        with stream:
            yield read


def _door(where: str, tell: Callable[[object], None]) -> _Door:
    if not _WEB.match(where):
        return _Folder(Path(where)) if os.path.isdir(where) else _Zip(open(where, "rb"))
    web = Web()
    if not where.lower().endswith(SUFFIX):
        return _WebFolder(web, where)
    found = RemoteFile.open(web, where)
    return _Zip(found if found is not None else _whole(web, where, tell))


def _whole(web: Web, url: str, tell: Callable[[object], None]) -> IO[bytes]:
    """All of a pack, in a file without a name, where the server gives nothing less."""
    with web.get(url) as answer:
        size = answer.headers.get("Content-Length", "")
        words = size_text(int(size)) if size.isdecimal() else "?"
        tell(_(
            "{host} gives whole files only: getting all of the pack ({size}). Unzipped there, it would be less.",
            host=host_of(url), size=words,
        ))  # fmt: skip
        file = tempfile.TemporaryFile()  # noqa: SIM115  (whoever asked closes it)
        shutil.copyfileobj(answer, file, _CHUNK)
    if size.isdecimal() and file.tell() != int(size):
        file.close()
        raise http.client.HTTPException("the server stopped in the middle of the file")
    file.seek(0)
    return file


def _close(door: _Door | None) -> None:
    if door is not None:
        door.close()


def _reason(error: BaseException) -> str:
    """What went wrong, in the words of the system or the library."""
    if isinstance(error, KeyError):
        return "it is not there"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(getattr(error, "reason", "") or error or type(error).__name__).rstrip(".")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _serves(name: str, system: str, machine: str, version: tuple[int, int]) -> bool:
    """Whether a wheel's name says that it may run there. ``abi3`` and ``none`` are of older Pythons, too."""
    try:
        _python, abi, platforms = name.removesuffix(".whl").rsplit("-", 3)[1:]
    except ValueError:
        return False
    own = "cp{}{}".format(*version)
    if re.fullmatch(r"cp3\d+t?", abi) and abi != own:
        return False
    return name.endswith(".whl") and any(_runs(tag, system, machine) for tag in platforms.split("."))


def _runs(tag: str, system: str, machine: str) -> bool:
    if tag == "any":
        return True
    if system == "win32":
        return tag == "win_amd64"
    if system == "darwin":
        return tag.startswith("macosx_") and tag.endswith((machine, "universal2"))
    return "linux" in tag and tag.endswith(machine)
