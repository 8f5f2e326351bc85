"""A pack, as studio.py reads it when nothing is installed: its manifest, and the files that are asked for, checked.

What a manifest may say is :mod:`toolchains.pack_manifest`'s part, files and folders are :mod:`toolchains.pack_places`';
what lies behind an HTTP server is read here with the standard library.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol, cast

from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.pack_manifest import LAB, MANIFEST, MAX_MANIFEST, SUFFIX, Manifest, PackError, PackFile, parse
from toolchains.setup_http import FAULTS, RemoteFile, Web, below, host_of
from toolchains.text import _
from toolchains.units import size_text

if TYPE_CHECKING:
    from toolchains.pack_places import Place

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
            reason=reason,
        )


class _Server(Protocol):
    """How the files of a pack behind a server are read."""

    def open(self, path: str) -> IO[bytes]:
        """A file of the pack, to read. Raises what is in FAULTS, KeyError, BadZipFile."""

    def close(self) -> None:
        """Let go of it."""


class _ServedFolder:
    def __init__(self, web: Web, base: str) -> None:
        self._web, self._base = web, base

    def open(self, path: str) -> IO[bytes]:
        return cast("IO[bytes]", self._web.get(below(self._base, path)))

    def close(self) -> None:
        pass


class _ServedFile:
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

    def __init__(self, where: str, place: Place | _Server, manifest: Manifest) -> None:
        self.where, self.manifest, self._place = where, manifest, place
        self._ctx = JobContext()

    @staticmethod
    def open(where: str, tell: Callable[[object], None]) -> SetupPack:
        """Read the manifest. ``tell`` is given a sentence where that takes long.

        Raises :class:`PackNotThere`, PackUnsafe, PackTooNew and UsageError.
        """
        if _WEB.match(where.strip()):
            return _opened_there(where.strip().removesuffix(MANIFEST).rstrip("/"), tell)
        from toolchains.pack_places import place_of  # here: that room needs the errors of this one

        named, place = place_of(where)
        with contextlib.ExitStack() as undo:
            undo.callback(place.close)
            manifest = parse(named, place.manifest(JobContext()))
            undo.pop_all()
        return SetupPack(named, place, manifest)

    def close(self) -> None:
        """Let go of the file or the server."""
        self._place.close()

    def wheels(self, system: str, machine: str, version: tuple[int, int]) -> list[PackFile]:
        """The Python packages that may serve on ``sys.platform``, ``platform.machine()`` and Python; pip chooses."""
        return [file for file in self.manifest.of_kind("wheel") if _serves(file.name, system, machine, version)]

    def copy(self, file: PackFile, folder: Path) -> Path:
        """The file, whole and of the right hash, in ``folder``. Raises :class:`PackDamaged`, DiskError."""
        from toolchains.fetch import file_sha256

        target = folder / file.name
        with disk_errors(target):
            if target.is_file() and target.stat().st_size == file.size:
                if file_sha256(self._ctx, target) == file.sha256:
                    return target
                target.unlink()
        if _WEB.match(self.where):
            return self._downloaded(file, folder)
        return self._copied(cast("Place", self._place), file, folder)

    def _copied(self, place: Place, file: PackFile, folder: Path) -> Path:
        from toolchains.pack_places import copy_checked

        found = cast("Path", place.locate(self._ctx, file, folder))
        if found.parent != folder:  # in a folder it is where it is; out of a file it has been copied, and checked
            return copy_checked(self._ctx, self.where, file, lambda: found.open("rb"), folder)
        with disk_errors(found):
            os.replace(found, folder / file.name)
        return folder / file.name

    def _downloaded(self, file: PackFile, folder: Path) -> Path:
        from toolchains.pack_places import copy_checked

        server = cast("_Server", self._place)
        for left in reversed(range(_TRIES)):
            try:
                return copy_checked(self._ctx, self.where, file, lambda: server.open(file.path), folder)
            except (PackDamaged, http.client.HTTPException) as error:
                if not left:
                    raise PackDamaged(self.where, file.path, _reason(error)) from error
        raise AssertionError("the last try returns or raises")

    def lab(self) -> bytes | None:
        """What its ``lab.toml`` holds, if there is one. Raises :class:`PackDamaged`."""
        file = self.manifest.file(LAB)
        if file is None:
            return None
        with tempfile.TemporaryDirectory() as folder:
            return self.copy(file, Path(folder)).read_bytes()


def _opened_there(where: str, tell: Callable[[object], None]) -> SetupPack:
    """The pack at an address."""
    web = Web()
    with contextlib.ExitStack() as undo:
        try:
            server: _Server = _ServedFolder(web, where)
            if where.lower().endswith(SUFFIX):
                server = _ServedFile(RemoteFile.open(web, where) or _whole(web, where, tell))
            undo.callback(server.close)
            with server.open(MANIFEST) as stream:
                raw = stream.read(MAX_MANIFEST + 1)
        except (*FAULTS, KeyError, zipfile.BadZipFile) as error:
            raise PackNotThere(where, _reason(error)) from error
        manifest = parse(where, raw)
        undo.pop_all()
    return SetupPack(where, server, manifest)


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


def _reason(error: BaseException) -> object:
    """What went wrong, in the words of the system or the library."""
    if isinstance(error, PackDamaged):
        return error.fields["reason"]
    if isinstance(error, KeyError):
        return _("it has no {name}", name=MANIFEST)
    words = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
    return str(words or type(error).__name__).rstrip(".")


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
