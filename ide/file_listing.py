"""What is in a folder of the project, as the tree shows it. No Qt; read in a worker."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from toolchains.errors import disk_errors

#: What no person wrote and none should touch.
HIDDEN = frozenset({".natmod", ".git", "__pycache__", ".DS_Store", "Thumbs.db", "desktop.ini"})
#: Files that are being written: they have their name in an instant.
_PART = re.compile(r"\..*\.part")
#: A tree with more rows helps nobody.
MOST = 1000

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Entry:
    """A file or a folder, by its name."""

    name: str
    is_folder: bool


@dataclass(frozen=True)
class Listing:
    """The entries to show, in order; ``more``: how many are left out."""

    entries: tuple[Entry, ...]
    more: int = 0


def list_folder(folder: Path) -> Listing:
    """What to show of a folder: folders first, ``led2`` before ``led10``. Raises DiskError."""
    with disk_errors(folder), os.scandir(folder) as found:
        entries = [Entry(one.name, _is_folder(one)) for one in found if not is_hidden(one.name)]
    entries.sort(key=order)
    return Listing(tuple(entries[:MOST]), max(0, len(entries) - MOST))


def is_hidden(name: str) -> bool:
    """Whether the tree leaves this name out."""
    return name in HIDDEN or _PART.fullmatch(name) is not None


def order(entry: Entry) -> tuple[bool, list[tuple[int, str]], str]:
    """The key to sort by."""
    parts = _DIGITS.split(entry.name.casefold())
    return not entry.is_folder, [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], entry.name


def _is_folder(one: os.DirEntry[str]) -> bool:
    try:
        return one.is_dir()
    except OSError:  # a link into a place that may not be looked at
        return False
