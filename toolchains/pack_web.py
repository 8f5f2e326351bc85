"""Packs behind an HTTP server that knows nothing but files: ``python -m http.server`` in the folder will do."""

from __future__ import annotations

import hashlib
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from toolchains import transfer
from toolchains.errors import disk_errors
from toolchains.fetch import Download, WrongContent, fetch
from toolchains.fetch_control import Control
from toolchains.fetch_errors import LineBroken, NetworkError, NotOnServer, Unreachable, bad_status, broke
from toolchains.jobs import JobContext
from toolchains.pack_manifest import MANIFEST, MAX_MANIFEST, PackFile, parse
from toolchains.pack_places import damaged
from toolchains.pack_writer import HEADER, header_size
from toolchains.setup_pack import PackDamaged, PackNotThere
from toolchains.text import _

#: Seconds between tries: a server that a whole class asks at once refuses some at first.
_PAUSES_S = (0.3, 1.0, 2.0, 4.0)
_ZIP = b"PK\x03\x04"
#: Of a zip's local header: magic, method; lengths of name and extra; in the zip64 extra: id, length, bytes (4.3.7).
_LOCAL, _ZIP64 = struct.Struct("<4s4xH16xHH"), struct.Struct("<HHQQ")
_REPORT = 1 << 20

_T = TypeVar("_T")


@dataclass
class WebFolder:
    """A pack that lies unzipped in a folder of a server."""

    base: str

    def manifest(self, ctx: JobContext) -> bytes:
        """See :class:`toolchains.pack_places.Place`."""
        address = f"{self.base}/{MANIFEST}"
        try:
            return _patiently(ctx, MANIFEST, address, 0, lambda body: body.to_end(MAX_MANIFEST))
        except NotOnServer as error:
            raise PackNotThere(self.base, _("the server has no {name} there", name=MANIFEST)) from error

    def locate(self, ctx: JobContext, file: PackFile, scratch: Path) -> str:
        """See :class:`toolchains.pack_places.Place`."""
        return f"{self.base}/{quote(file.path)}"

    def copy(self, ctx: JobContext, file: PackFile, folder: Path, control: Control | None) -> Path:
        """See :class:`toolchains.pack_places.Place`."""
        download = Download(self.locate(ctx, file, folder), file.name, f"sha256:{file.sha256}", file.size)
        try:
            return fetch(ctx, download, folder, control=control)
        except WrongContent as error:
            raise damaged(self.base, file) from error

    def close(self) -> None:
        """Nothing is held."""


@dataclass
class WebFile:
    """A pack in one file on a server.

    Its members lie in the order of the manifest, so that where each begins is known. A server that gives parts of
    files is asked for that part; from another one, the file is read from its beginning.
    """

    url: str
    _starts: dict[str, int] = field(default_factory=dict)

    def manifest(self, ctx: JobContext) -> bytes:
        """See :class:`toolchains.pack_places.Place`."""
        try:
            raw = _patiently(ctx, MANIFEST, self.url, 0, self._manifest)
        except NotOnServer as error:
            raise PackNotThere(self.url, _("the server has none")) from error
        at = header_size(MANIFEST) + len(raw)
        for file in parse(self.url, raw).files:
            self._starts[file.path] = at
            at += header_size(file.path) + file.size
        return raw

    def locate(self, ctx: JobContext, file: PackFile, scratch: Path) -> Path:
        """See :class:`toolchains.pack_places.Place`. It is copied out once."""
        return self._fetched(ctx, file, scratch, f"{file.sha256[:16]}-{file.name}")

    def copy(self, ctx: JobContext, file: PackFile, folder: Path, control: Control | None) -> Path:
        """See :class:`toolchains.pack_places.Place`."""
        return self._fetched(ctx, file, folder, file.name)

    def _fetched(self, ctx: JobContext, file: PackFile, folder: Path, name: str) -> Path:
        download = Download(self.url, name, f"sha256:{file.sha256}", file.size)

        def carry(ctx: JobContext, download: Download, part: Path) -> str:
            start = self._starts[file.path]
            return _patiently(ctx, file.name, self.url, start, lambda body: self._copy(ctx, body, file, part))

        try:
            return fetch(ctx, download, folder, carry)
        except WrongContent as error:
            raise damaged(self.url, file) from error

    def close(self) -> None:
        """Nothing is held."""

    def _manifest(self, body: _Body) -> bytes:
        size = _header(body, MANIFEST)
        if size is None:
            raise PackNotThere(self.url, _("what lies there is no pack"))
        return body.exactly(min(size, MAX_MANIFEST + 1))

    def _copy(self, ctx: JobContext, body: _Body, file: PackFile, part: Path) -> str:
        if _header(body, file.path) != file.size:
            reason = _("another program has packed it anew; unpack it into a folder of the server")
            raise PackDamaged(self.url, file.path, reason)
        digest, done, told = hashlib.sha256(), 0, 0
        with disk_errors(part), part.open("wb") as out:
            while done < file.size:
                chunk = body.some(file.size - done)
                out.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                if done - told >= _REPORT or done == file.size:
                    ctx.progress(done, file.size)
                    told = done
        return digest.hexdigest()


class _Body:
    """The bytes of an answer, from a place in the file on. Raises LineBroken where it ends too early."""

    def __init__(self, ctx: JobContext, answer: transfer.Answer) -> None:
        self._ctx, self._answer, self._chunks = ctx, answer, answer.chunks()
        self._rest = b""

    def some(self, most: int) -> bytes:
        """At least one byte, and at most so many."""
        self._ctx.check()
        if not self._rest:
            self._rest = next(self._chunks, b"")
        if not self._rest:
            raise broke(self._answer.name, self._answer.url, "it ended early")
        found, self._rest = self._rest[:most], self._rest[most:]
        return found

    def exactly(self, size: int) -> bytes:
        """So many bytes."""
        parts, left = [], size
        while left:
            parts.append(self.some(left))
            left -= len(parts[-1])
        return b"".join(parts)

    def skip(self, size: int) -> None:
        """Read past so many bytes."""
        while size:
            size -= len(self.some(size))

    def to_end(self, most: int) -> bytes:
        """All there is, or one byte more than ``most``."""
        said = self._answer.header("Content-Length")
        if said.isdecimal():
            return self.exactly(min(int(said), most + 1))
        found = b""
        for chunk in self._chunks:
            found += chunk
            if len(found) > most:
                break
        return found


def _header(body: _Body, path: str) -> int | None:
    """Read a member's header as our writer makes it; the size that it tells, or None if it is another one."""
    magic, method, name_size, extra_size = _LOCAL.unpack(body.exactly(HEADER))
    if magic != _ZIP or method != 0 or (name_size, extra_size) != (len(path), _ZIP64.size):
        return None
    name = body.exactly(name_size)
    _id, _length, size, packed = _ZIP64.unpack(body.exactly(extra_size))
    return int(size) if name == path.encode("ascii") and size == packed else None


def _patiently(ctx: JobContext, name: str, url: str, start: int, use: Callable[[_Body], _T]) -> _T:
    """What ``use`` makes of the file from byte ``start`` on; asked again where that may help."""
    for pause in (*_PAUSES_S, None):
        try:
            with _asked(ctx, name, url, start) as body:
                return use(body)
        except (NetworkError, NotOnServer) as error:
            if pause is None or not (error.passing or (isinstance(error, Unreachable) and pause < 1)):
                raise
            ctx.log(f"{error} Trying again.")
            over = threading.Event()
            with ctx.cancelling(over.set):
                over.wait(pause)
            ctx.check()
    raise AssertionError("the last try returns or raises")


@contextmanager
def _asked(ctx: JobContext, name: str, url: str, start: int) -> Iterator[_Body]:
    line = transfer.Line()
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={start}-"} if start else {})}
    try:
        with (
            ctx.cancelling(line.hang_up),
            transfer.get(ctx.host, line, name, url, headers, secure=url.startswith("https:")) as answer,
        ):
            body = _Body(ctx, answer)
            if answer.status == 200:
                body.skip(start)
            elif answer.status != 206 or not answer.header("Content-Range").startswith(f"bytes {start}-"):
                raise bad_status(name, url, answer.status)
            yield body
    except transfer.HungUp as error:
        ctx.check()
        raise LineBroken(_("The connection broke."), url=url) from error
