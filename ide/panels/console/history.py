"""Lines that were typed at the console, kept from one day to the next. No Qt."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

#: How many lines are kept.
KEPT = 1000
_LONGEST = 10_000


class History:
    """Older and newer lines, as in a shell: those that begin with what stands before the caret."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._at: int | None = None
        self._typed = self._start = ""

    def add(self, line: str) -> bool:
        """A line was entered; whether it is worth keeping (not blank, not the same again)."""
        self._at = None
        if not line.strip() or len(line) > _LONGEST or (self.lines and self.lines[-1] == line):
            return False
        self.lines.append(line)
        del self.lines[:-KEPT]
        return True

    def older(self, typed: str, start: str = "") -> str | None:
        """The next older line; of the first call, ``typed`` is what to come back to and ``start`` how lines begin."""
        if self._at is None:
            self._at, self._typed, self._start = len(self.lines), typed, start
        return self._look(range(self._at - 1, -1, -1), typed)

    def newer(self, typed: str, start: str = "") -> str | None:
        """The next newer line; after the newest, what had been typed. None when nothing older was asked for."""
        if self._at is None:
            return None
        found = self._look(range(self._at + 1, len(self.lines)), typed)
        if found is None:
            self._at = None
            return self._typed
        return found

    def edited(self) -> None:
        """The person typed: the next :meth:`older` begins anew."""
        self._at = None

    def _look(self, places: range, typed: str) -> str | None:
        for at in places:
            if self.lines[at].startswith(self._start) and self.lines[at] != typed:
                self._at = at
                return self.lines[at]
        return None


def read(path: Path) -> list[str]:
    """The lines of the file, oldest first; garbage in it is passed over."""
    lines: list[str] = []
    with suppress(OSError):
        for raw in path.read_bytes().splitlines():
            with suppress(ValueError, RecursionError):
                line = json.loads(raw)
                if isinstance(line, str):
                    lines.append(line)
    if len(lines) > 2 * KEPT:
        _shorten(path, lines[-KEPT:])
    return lines[-KEPT:]


def _shorten(path: Path, lines: list[str]) -> None:
    fresh = path.with_name(f"{path.name}.new")
    with suppress(OSError):
        fresh.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "ascii")
        os.replace(fresh, path)


def append(path: Path, line: str) -> None:
    """Add a line to the file. A disk that is full is no reason to bother anybody: it is only the history."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="ascii") as file:
            file.write(f"{json.dumps(line)}\n")
