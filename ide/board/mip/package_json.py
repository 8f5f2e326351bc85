"""Reading an index and package.json files, which anybody may have written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ide.board.mip.addresses import BadWord, Word, understand, with_version
from ide.board.mip.errors import PackageBroken, PackageUnsafe
from ide.board.mip.records import Listed
from toolchains.text import Text, _

#: Bytes of a package.json, and of an index (the real one has 100 kB).
MOST_PACKAGE, MOST_INDEX = 1 << 20, 16 << 20
#: Files of a package, packages of an index, other packages that one needs, versions of one.
_FILES, _PACKAGES, _DEPS, _VERSIONS = 1000, 20_000, 100, 1000
_LONGEST_PATH = 255
_HASH = re.compile(r"[0-9a-f]{8,64}")
_KEY = re.compile(r"py|[0-9]{1,2}")


class PackageJson:
    """A package.json that was read: ``version``, ``hashes``, ``urls`` (path, hash or address, tag), ``deps``."""

    def __init__(self, where: str, raw: bytes, *, local: bool = False) -> None:
        said = _object(where, raw, MOST_PACKAGE)
        self.where = where
        self.version = _text(said.get("version"), 60)
        self.hashes = tuple(self._rows(said.get("hashes", ())))
        self.urls = tuple(self._rows(said.get("urls", ())))
        self.deps = tuple(self._deps(said.get("deps", ()), local=local))
        for _path, digits, _tag in self.hashes:
            if not _HASH.fullmatch(digits):
                raise PackageBroken(where, _("A hash in it is none."))

    def _rows(self, said: object) -> Iterator[tuple[str, str, int | None]]:
        if not isinstance(said, (list, tuple)) or len(said) > _FILES:
            raise PackageBroken(self.where, _("Its list of files is none, or much too long."))
        for row in said:
            if not isinstance(row, list) or not 2 <= len(row) <= 3 or not all(isinstance(one, str) for one in row[:2]):
                raise PackageBroken(self.where, _("Its list of files has a row that is not a path and where it is."))
            tag = row[2] if len(row) == 3 else None
            if tag is not None and (isinstance(tag, bool) or not isinstance(tag, int) or not 0 <= tag < 1 << 32):
                raise PackageBroken(self.where, _("Its list of files has a row that is not a path and where it is."))
            yield checked_path(self.where, row[0]), row[1][:2000], tag

    def _deps(self, said: object, *, local: bool) -> Iterator[Word]:
        if not isinstance(said, (list, tuple)) or len(said) > _DEPS:
            raise PackageBroken(self.where, _("Its list of other packages is none, or much too long."))
        for row in said:
            parts = [row] if isinstance(row, str) else row
            if not isinstance(parts, list) or not 1 <= len(parts) <= 2 or not all(isinstance(p, str) for p in parts):
                raise PackageBroken(self.where, _("Its list of other packages is none, or much too long."))
            try:
                word = understand(parts[0], local=local)
                yield with_version(word, parts[1]) if len(parts) == 2 else word
            except BadWord as error:
                raise PackageBroken(self.where, error.what) from error


def checked_path(where: str, path: str) -> str:
    """A path below the folder for packages. Raises :class:`PackageUnsafe` for one that leads elsewhere."""
    parts = path.split("/")
    bad = any(part in ("", ".", "..") for part in parts) or "\\" in path or not path.isprintable()
    if bad or len(path.encode("utf-8", "replace")) > _LONGEST_PATH or parts[0].endswith(":"):
        raise PackageUnsafe(where, path[:300])
    return path


def read_index(where: str, raw: bytes) -> list[Listed]:
    """The packages of an index, by name. A row that makes no sense is left out."""
    said = _object(where, raw, MOST_INDEX)
    rows = said.get("packages")
    if not isinstance(rows, list) or len(rows) > _PACKAGES:
        raise PackageBroken(where, _("It has no list of packages."))
    found: dict[str, Listed] = {}
    for row in rows:
        one = _listed(row)
        if one is not None:
            found[one.name] = one
    return sorted(found.values(), key=lambda one: one.name.lower())


def _listed(row: object) -> Listed | None:
    if not isinstance(row, dict) or not isinstance(row.get("name"), str):
        return None
    try:
        name = understand(row["name"], local=False)
    except BadWord:
        return None
    if name.kind != "index" or name.version:
        return None
    fields = {key: _text(row.get(key), 2000) for key in ("version", "description", "author", "license", "path")}
    return Listed(name.name, versions=_versions(row.get("versions")), **fields)


def _versions(said: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(said, dict):
        return {}
    found = {}
    for kind, numbers in list(said.items())[:20]:
        if isinstance(kind, str) and _KEY.fullmatch(kind) and isinstance(numbers, list):
            texts = (_text(number, 60) for number in numbers[:_VERSIONS])
            found[kind] = tuple(text for text in texts if text)
    return found


def _object(where: str, raw: bytes, most: int) -> dict[str, Any]:
    if len(raw) > most:
        raise PackageBroken(where, _("It is much too long."))
    why: Text = _("It is not the list that it should be.")
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise PackageBroken(where, why) from error
    if not isinstance(said, dict):
        raise PackageBroken(where, why)
    return said


def _text(value: object, longest: int) -> str:
    """One line that can be shown."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return "".join(letter for letter in text[:longest] if letter.isprintable())
