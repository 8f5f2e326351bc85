"""The names in an archive: each is checked against the rules of every system and against all before it."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Literal

from toolchains.archive_errors import ArchiveUnsafe
from toolchains.text import Text, _

Kind = Literal["folder", "file", "link"]

#: No SDK or toolchain that we know has more.
MAX_FILES = 100_000
_MAX_NAME = 255  # bytes; what Linux, macOS and Windows have in common
#: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])$", re.IGNORECASE)


class Names:
    """All names of one archive: relative, with slashes, no two that any system takes for the same."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self._seen: dict[str, tuple[str, Kind]] = {}
        self._folders: set[str] = set()

    def refuse(self, member: str, reason: Text) -> ArchiveUnsafe:
        """The error for a member that no honest archive has."""
        return ArchiveUnsafe(self._archive, member, reason)

    def claim(self, name: str, kind: Kind) -> str:
        """The checked relative path; empty for the root itself. Raises ArchiveUnsafe."""
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if name.startswith("/") or ".." in parts:
            raise self.refuse(name, _("Its name leads out of the folder."))
        if not parts:
            return ""
        parent = "/".join(parts[:-1])
        if parent not in self._folders:
            for depth in range(1, len(parts)):
                self._enter("/".join(parts[:depth]), parts[depth - 1], name, "folder")
            self._folders.add(parent)
        path = f"{parent}/{parts[-1]}" if parent else parts[-1]
        self._enter(path, parts[-1], name, kind)
        return path

    def kind(self, path: str) -> Kind | None:
        """What the archive has at this path, spelled exactly so."""
        found = self._seen.get(_folded(path))
        return found[1] if found is not None and found[0] == path else None

    def _enter(self, path: str, part: str, name: str, kind: Kind) -> None:
        folded = _folded(path)
        before = self._seen.get(folded)
        if before is None:
            self._check(part, name)
            if len(self._seen) >= MAX_FILES:
                raise self.refuse(name, _("The archive has too many files."))
            self._seen[folded] = (path, kind)
        elif before != (path, "folder") or kind != "folder":
            raise self.refuse(name, _("It collides with {other}.", other=repr(before[0])))

    def _check(self, part: str, name: str) -> None:
        """Raise ArchiveUnsafe for a name that Windows forbids or that is too long."""
        if _FORBIDDEN.search(part) or part.endswith((".", " ")):
            raise self.refuse(name, _("Its name has a character that not every system allows."))
        if _DEVICES.match(part.partition(".")[0].rstrip(" ")):
            raise self.refuse(name, _("Its name is that of a device on Windows."))
        try:
            length = len(part.encode())
        except UnicodeEncodeError as error:
            raise self.refuse(name, _("Its name has a character that not every system allows.")) from error
        if length > _MAX_NAME:
            raise self.refuse(name, _("Its name is too long."))


def _folded(path: str) -> str:
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()
