"""Content hashes of files, remembered while nothing about the file changed.

Every decision of the build is by content. The memo only spares reading a file again whose size, times and inode are
those of the last reading; a file that was written a moment ago is read again regardless, because a second write in the
same clock tick would look the same (git calls such an entry "racily clean").
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG

#: The coarsest clock of a file system in use: FAT's two seconds.
_TICK_NS = 2_000_000_000

MISSING = "missing"

Signature = tuple[int, int, int, int, int]


def digest(data: bytes) -> str:
    """The content hash used throughout the build."""
    return hashlib.sha256(data).hexdigest()


def digest_of(*parts: object) -> str:
    """One hash for several values that have an exact ``repr`` (strings, numbers, tuples of them)."""
    return digest(repr(parts).encode("utf-8", "surrogateescape"))


@dataclass
class ContentMemo:
    """Hashes of files by path; safe to use from several threads."""

    _known: dict[str, tuple[Signature, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, path: str | Path) -> str:
        """The hash of the file's content now, or :data:`MISSING` when there is no regular file of this name."""
        name = os.fspath(path)
        try:
            signature = _signature(name)
            if signature is None:
                return MISSING
            known = self._known.get(name)
            if known is not None and known[0] == signature:
                return known[1]
            with open(name, "rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except (FileNotFoundError, NotADirectoryError):
            return MISSING
        with self._lock:
            if time.time_ns() - max(signature[2], signature[3]) > _TICK_NS:
                self._known[name] = (signature, found)
            else:
                self._known.pop(name, None)
        return found

    def all_of(self, paths: Iterable[str]) -> dict[str, str]:
        """The hash of each path."""
        return {path: self.of(path) for path in paths}


def _signature(name: str) -> Signature | None:
    """None for a folder, which Windows refuses to open in other words than POSIX, or a device, which may not end."""
    stat = os.stat(name)
    if not S_ISREG(stat.st_mode):
        return None
    return (stat.st_size, stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_dev)


#: One memo per process: headers of an SDK tree are shared by all projects.
MEMO = ContentMemo()
