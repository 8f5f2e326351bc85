"""A pack, as studio.py reads it when nothing is installed: its manifest, and the files that are asked for, checked.

What a manifest may say is :mod:`toolchains.pack_manifest`'s part, files and folders are :mod:`toolchains.pack_places`';
what lies behind an HTTP server is read here with the standard library.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.pack_manifest import LAB, MANIFEST, MAX_MANIFEST, SUFFIX, Manifest, PackError, PackFile, parse
from toolchains.pack_writer import header_size
from toolchains.setup_http import FAULTS, Stream, Web, below
from toolchains.text import _

if TYPE_CHECKING:
    from toolchains.pack_places import Place

_ZIP = b"PK\x03\x04"
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


class _ServedFolder:
    """A pack that lies unzipped in a folder of a server."""

    def __init__(self, web: Web, base: str) -> None:
        self._web, self._base = web, base

    def manifest(self) -> bytes:
        with self.open(MANIFEST) as stream:
            return stream.read(MAX_MANIFEST + 1)

    def arrange(self, manifest: Manifest) -> None:
        """Each file has an address of its own."""

    def open(self, path: str) -> IO[bytes]:
        return cast("IO[bytes]", self._web.get(below(self._base, path)))

    def close(self) -> None:
        """Nothing is held."""


class _ServedFile:
    """A pack in one file. What is in it lies in the order of the manifest, as :mod:`toolchains.pack_writer` puts it."""

    def __init__(self, web: Web, url: str) -> None:
        self._stream = Stream(web, url)
        self._places: dict[str, tuple[int, int]] = {}
        self._end = 0

    def manifest(self) -> bytes:
        self._stream.seek(0)
        head = self._stream.exactly(header_size(MANIFEST))
        if not head.startswith(_ZIP) or MANIFEST.encode() not in head:
            raise ValueError(_("what lies there is no pack"))
        size = int.from_bytes(head[-8:], "little")  # of the zip64 extra
        self._end = len(head) + size
        return self._stream.exactly(min(size, MAX_MANIFEST + 1))

    def arrange(self, manifest: Manifest) -> None:
        """Where each file begins follows from the sizes alone."""
        for file in manifest.files:
            start = self._end + header_size(file.path)
            self._places[file.path] = (start, file.size)
            self._end = start + file.size

    def open(self, path: str) -> IO[bytes]:
        start, size = self._places[path]
        self._stream.seek(start)
        return cast("IO[bytes]", _Part(self._stream, size))

    def close(self) -> None:
        self._stream.close()


class _Part:
    """So many bytes of a stream, as a file."""

    def __init__(self, stream: Stream, size: int) -> None:
        self._stream, self._left = stream, size

    def read(self, size: int) -> bytes:
        data = self._stream.read(min(size, self._left))
        self._left -= len(data)
        return data

    def __enter__(self) -> _Part:
        return self

    def __exit__(self, *_error: object) -> None:
        """The next file is read from the same stream."""


class SetupPack:
    """One pack. ``where`` is an absolute path or an address; close it at the end."""

    def __init__(self, where: str, place: Place | _ServedFolder | _ServedFile, manifest: Manifest) -> None:
        self.where, self.manifest, self._place = where, manifest, place
        self._ctx = JobContext()

    @staticmethod
    def open(where: str) -> SetupPack:
        """Read the manifest.

        Raises :class:`PackNotThere`, PackUnsafe, PackTooNew and UsageError.
        """
        if _WEB.match(where.strip()):
            return _opened_there(where.strip().removesuffix(MANIFEST).rstrip("/"))
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

        server = cast("_ServedFolder | _ServedFile", self._place)
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


def _opened_there(where: str) -> SetupPack:
    """The pack at an address."""
    web = Web()
    with contextlib.ExitStack() as undo:
        server = _ServedFile(web, where) if where.lower().endswith(SUFFIX) else _ServedFolder(web, where)
        undo.callback(server.close)
        try:
            raw = server.manifest()
        except FAULTS as error:
            raise PackNotThere(where, _reason(error)) from error
        manifest = parse(where, raw)
        server.arrange(manifest)
        undo.pop_all()
    return SetupPack(where, server, manifest)


def _reason(error: BaseException) -> object:
    """What went wrong, in the words of the system or the library."""
    if isinstance(error, PackDamaged):
        return error.fields["reason"]
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
