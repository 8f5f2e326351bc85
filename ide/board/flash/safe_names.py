"""Names on a board, as names that every computer takes: what a board's file is called is not trusted."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path

from toolchains.archive_errors import ArchiveUnsafe
from toolchains.archive_names import Kind, Names

_LONGEST = 100
#: How many names may differ in upper and lower case only before they are written in another way.
_TWINS = 10
_DEEPEST = 20


def safe_names(entries: Iterable[tuple[str, Kind]]) -> list[str]:
    """For each path on the board, the relative path that it is kept under, with slashes, inside one folder.

    Most stay as they are. Of two names that some system takes for one, the second gets a number; what some system
    forbids is written in ASCII, as ``%a%5cb``. Folders come before what is in them.
    """
    names = Names(Path())
    folders: dict[str, str] = {}
    found: list[str] = []
    for path, kind in entries:
        parent, _slash, name = path.strip("/").rpartition("/")
        below = folders.get(parent, "")
        if below.count("/") > _DEEPEST:
            below = ""
        found.append(_claimed(names, f"{below}/{name}" if below else name, kind))
        if kind == "folder":
            folders.setdefault(path.strip("/"), found[-1])
    return found


def _claimed(names: Names, wanted: str, kind: Kind) -> str:
    folder, slash, name = wanted.rpartition("/")
    plain = (name, *(f"{name}~{number}" for number in range(1, _TWINS)))
    escaped = (f"{_escaped(name)}{f'~{number}' if number else ''}" for number in itertools.count())
    claims = (_claim(names, folder + slash + tried, kind) for tried in itertools.chain(plain, escaped))
    return next(filter(None, claims))


def _claim(names: Names, path: str, kind: Kind) -> str:
    try:
        return names.claim(path, kind) if len(path.rpartition("/")[2]) <= _LONGEST else ""
    except ArchiveUnsafe:
        return ""


def _escaped(name: str) -> str:
    """ASCII letters and digits as they are, the rest as bytes; cut to what every system takes."""
    data = name.encode("utf-8", "surrogateescape")[: _LONGEST // 4]
    plain = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
    return "%" + "".join(chr(byte) if byte in plain else f"%{byte:02x}" for byte in data)
