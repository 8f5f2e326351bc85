"""Decompresses in a thread of its own, so that the files are written meanwhile; bounded in memory and in length."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from threading import Event
from typing import IO, cast

from toolchains.archive_errors import ArchiveDamaged, ArchiveUnsafe, reading
from toolchains.text import _

CHUNK = 1 << 20
#: So many chunks are decompressed in advance.
_AHEAD = 4
_READ = 1 << 16
#: Headers of tar (names, attributes) are read at once; none of an honest archive is longer.
_MAX_HEADER = 1 << 20
#: xz -9 needs 65 MB; the header of a hostile archive may ask for 4 GB.
_XZ_MEMORY = 256 << 20

_Piece = tuple[bytes, int] | None


def _xz(source: IO[bytes]) -> Iterator[bytes]:
    """All streams of an .xz file, as ``lzma.open`` reads them, but with a limit for the memory."""
    plain = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
    fresh = False  # whether nothing of the present stream was read: after the first one, it may be missing
    packed = source.read(_READ)
    while packed or not plain.needs_input:
        if fresh:
            packed = packed.lstrip(b"\0")
            if not packed:
                packed = source.read(_READ)
                continue
        fresh = False
        if chunk := plain.decompress(packed, CHUNK):
            yield chunk
        if plain.eof:
            packed = plain.unused_data or source.read(_READ)
            plain, fresh = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY), True
        else:
            packed = source.read(_READ) if plain.needs_input else b""
    if not fresh:
        raise EOFError("compressed file ended before the end-of-stream marker was reached")


def _gzip(source: IO[bytes]) -> Iterator[bytes]:
    with gzip.open(source) as stream:
        yield from _plain(cast("IO[bytes]", stream))


def _bz2(source: IO[bytes]) -> Iterator[bytes]:
    with bz2.open(source) as stream:
        yield from _plain(cast("IO[bytes]", stream))


def _plain(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk


_READERS: tuple[tuple[bytes, Callable[[IO[bytes]], Iterator[bytes]]], ...] = (
    (b"\xfd7zXZ\0", _xz),
    (b"\x1f\x8b", _gzip),
    (b"BZh", _bz2),
    (b"", _plain),
)


class Stream:
    """What comes out of the decompressor, forwards only; it ends a bomb, and its faults are all ArchiveDamaged.

    tarfile reads the headers from it (:meth:`read`, :meth:`seek`, :meth:`tell`), we the content (:meth:`take`).
    """

    def __init__(self, archive: Path, max_bytes: int, more: Callable[[], _Piece]) -> None:
        self._archive, self._max, self._more = archive, max_bytes, more
        self._chunk = memoryview(b"")
        self._at = 0
        #: How much of the file was read for what was taken so far, in bytes.
        self.packed = 0
        #: The last header that was read.
        self.last = b""

    def take(self, size: int) -> memoryview:
        """Up to ``size`` bytes, as they come; nothing at the end."""
        while not self._chunk:
            piece = self._more()
            if piece is None:
                return self._chunk
            self._chunk, self.packed = memoryview(piece[0]), piece[1]
        part, self._chunk = self._chunk[:size], self._chunk[size:]
        self._at += len(part)
        if self._at > self._max:
            raise self._unsafe()
        return part

    def read(self, size: int = -1) -> bytes:
        """Exactly ``size`` bytes of a header, fewer at the end."""
        if not 0 <= size <= _MAX_HEADER:
            raise self._unsafe()
        parts = []
        while size and (part := self.take(size)):
            parts.append(part)
            size -= len(part)
        self.last = b"".join(parts)
        return self.last

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Forward by reading, so that a skipped part is counted and checked like any other."""
        if whence != os.SEEK_SET or offset < self._at:
            raise ArchiveDamaged(self._archive, _("it wants to go back"))
        while self._at < offset and self.take(offset - self._at):
            pass
        return self._at

    def tell(self) -> int:
        """How many bytes were taken so far."""
        return self._at

    def drain(self) -> None:
        """Read to the end, where the compression's check sum is."""
        while self.take(CHUNK):
            pass

    def _unsafe(self) -> ArchiveUnsafe:
        return ArchiveUnsafe(self._archive, "header", _("It unpacks to far more than it should."))


@contextmanager
def decompressed(source: IO[bytes], archive: Path, max_bytes: int) -> Iterator[Stream]:
    """The plain content of ``source``, whose first bytes say what it is compressed with."""
    head = source.read(8)
    source.seek(0)
    chunks = next(reader for magic, reader in _READERS if head.startswith(magic))
    queue: Queue[_Piece] = Queue(_AHEAD)
    stop = Event()

    def pump() -> None:
        try:
            for chunk in chunks(source):
                if stop.is_set():
                    return
                queue.put((chunk, source.tell()))
        finally:
            queue.put(None)

    with ThreadPoolExecutor(1, thread_name_prefix="unpack") as pool:
        work = pool.submit(pump)
        ended = False

        def more() -> _Piece:
            nonlocal ended
            piece = None if ended else queue.get()
            if piece is None:
                ended = True
                with reading(archive):
                    work.result()
            return piece

        try:
            yield Stream(archive, max_bytes, more)
        finally:
            stop.set()
            while not ended:
                ended = queue.get() is None
