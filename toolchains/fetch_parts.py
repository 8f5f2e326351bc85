"""Half a file: what came before a cut, a cancel, or the end of the process, and what is known of it.

``.<name>.part`` holds the bytes, ``.<name>.part.json`` says of what: ``{"url", "hash", "validator", "total"}``. The
second is written before the first byte, so that bytes without it are of nothing known and are not continued.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from toolchains.jobs import JobContext
from toolchains.undo import on_failure

_READ = 1 << 20
_MOST = 1 << 14  # bytes of a sane .part.json


@dataclass(frozen=True)
class Origin:
    """What a part is of. ``validator`` is what If-Range takes: a strong ETag, else the date of the last change."""

    url: str
    hash: str
    validator: str = ""
    total: int | None = None


class Part:
    """The part of the download whose hash is ``of``; ``size`` bytes are on disk, and :meth:`digest` is of these."""

    def __init__(self, target: Path, of: str) -> None:
        self.path = target.with_name(f".{target.name}.part")
        self._about = target.with_name(f".{target.name}.part.json")
        self._beside = target.with_name(f".{target.name}.part.json.new")
        self.origin = self._read()
        self.size = 0
        self._hash = hashlib.sha256()
        self._hashed = 0
        if self.origin is None or self.origin.hash != of:
            self.drop()
        else:
            self.size = self.path.stat().st_size if self.path.is_file() else 0

    def _read(self) -> Origin | None:
        try:
            with self._about.open("rb") as stream:
                said = json.loads(stream.read(_MOST))
            origin = Origin(**said)
        except (OSError, ValueError, TypeError):
            return None
        words = (origin.url, origin.hash, origin.validator)
        total = origin.total is None or (type(origin.total) is int and origin.total >= 0)
        return origin if total and all(isinstance(word, str) for word in words) else None

    def describe(self, ctx: JobContext, origin: Origin) -> None:
        """Remember what the bytes that follow are of."""
        if origin == self.origin:
            return
        self._beside.write_text(json.dumps(asdict(origin)), "utf-8")
        ctx.host.replace(self._beside, self._about)
        self.origin = origin

    def open(self, ctx: JobContext, start: int) -> IO[bytes]:
        """To write from ``start`` on (at most ``size``); what was there after it is gone, what is before is hashed."""
        if start != self._hashed:
            self._hash, self._hashed = hashlib.sha256(), 0
        stream = self.path.open("r+b" if self.path.exists() else "w+b", buffering=0)
        with on_failure(stream.close):
            stream.truncate(start)
            self.size = start
            stream.seek(self._hashed)
            while self._hashed < start:
                ctx.check()
                chunk = stream.read(min(_READ, start - self._hashed))
                if not chunk:
                    break
                self._hash.update(chunk)
                self._hashed += len(chunk)
        return stream

    def write(self, stream: IO[bytes], chunk: bytes) -> None:
        """Append to what :meth:`open` gave."""
        left = memoryview(chunk)
        while left:
            left = left[stream.write(left) :]  # a disk that is nearly full takes a part
        self._hash.update(chunk)
        self.size += len(chunk)
        self._hashed = self.size

    def digest(self, ctx: JobContext) -> str:
        """The SHA-256 of all ``size`` bytes, in hex."""
        if self._hashed != self.size:
            self.open(ctx, self.size).close()
        return self._hash.hexdigest()

    def drop(self) -> None:
        """Forget it."""
        self.path.unlink(missing_ok=True)
        self.left()
        self.size = 0

    def left(self) -> None:
        """The bytes are somewhere else by now: forget what was known of them."""
        self._beside.unlink(missing_ok=True)
        self._about.unlink(missing_ok=True)
        self.origin = None
        self._hash, self._hashed = hashlib.sha256(), 0


def clear(ctx: JobContext, folder: Path) -> int:
    """Remove the parts in a download folder that nobody is at work on; the bytes that this freed."""
    freed = 0
    for about in sorted(folder.glob(".*.part.json")):
        ctx.check()
        part = about.with_suffix("")
        lock = os.open(part.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if ctx.host.try_lock(lock):
                freed += part.stat().st_size if part.is_file() else 0
                part.unlink(missing_ok=True)
                about.unlink(missing_ok=True)
        finally:
            os.close(lock)
    return freed
