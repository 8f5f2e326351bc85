"""Places in text, such as ``broken.c:12``: found, and proved to be in the project before one goes there. No Qt."""

from __future__ import annotations

import re
from pathlib import Path

#: A file of source text and a line; names may have letters of any language, and folders.
PLACE = re.compile(r"(?P<file>[^\s:()'\"<>|*?]{1,200}\.(?:c|h|cpp|cc|hpp|s|S|py|pyi)):(?P<line>\d{1,6})\b")


def place_at(line: str, column: int) -> tuple[str, int] | None:
    """The place that stands at a character of a line (from 0): file and line number."""
    for found in PLACE.finditer(line):
        if found.start() <= column <= found.end():
            return found["file"], int(found["line"])
    return None


def inside(root: Path, file: str) -> Path | None:
    """The file of that name, if there is one in the project: what a board prints is no reason to open others."""
    path = (root / file).resolve()
    return path if path.is_relative_to(root.resolve()) and path.is_file() else None
