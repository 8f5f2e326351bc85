"""ninja's counter as progress. ESP-IDF's bootloader is a build inside the build, with a counter of its own."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field

from toolchains.jobs import JobContext

_COUNTER = re.compile(r"^\[(\d+)/(\d+)\] ?(.*)")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_INNER = re.compile(r"Performing \w+ step for ")
#: MicroPython's CMakeLists.txt asks git for changes of a lockfile. Outside a repository that is git's whole manual, and
#: a warning that is not true.
_MANUAL, _CMAKE_GOES_ON = "usage: git diff", "-- "
_KEPT = 400


@dataclass
class Reader:
    """Turns lines of idf.py into progress and keeps the last ones.

    ``inner`` is the total of a build inside: 0 where one was announced and has not shown it, None where none was.
    """

    ctx: JobContext
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT))
    done: int = 0
    total: int = 0
    inner: int | None = None
    _manual: bool = False

    def line(self, line: str) -> None:
        """Take the next line."""
        line = _COLOUR.sub("", line)
        self._manual = line.startswith(_MANUAL) or (self._manual and not line.startswith(_CMAKE_GOES_ON))
        if self._manual:
            return
        self.tail.append(line)
        self.ctx.log(line)
        found = _COUNTER.match(line)
        if found is None:
            return
        done, total = int(found[1]), int(found[2])
        if not done or self._is_inner(done, total):
            return
        self.done, self.total, self.inner = done, total, 0 if _INNER.match(found[3]) else None
        self.ctx.progress(done, total, "files")

    def _is_inner(self, done: int, total: int) -> bool:
        """Whether the counter is that of a build inside: such a one begins behind the line that announces it."""
        if self.inner is None:
            return False
        if self.inner == 0 and (total != self.total or done <= self.done):
            self.inner = total
        return total == self.inner

    def ended(self) -> None:
        """All is done."""
        if self.total:
            self.ctx.progress(self.total, self.total, "files")

    @property
    def text(self) -> str:
        """The last lines."""
        return "\n".join(self.tail)
