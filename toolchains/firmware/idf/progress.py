"""ninja's counter as progress. ESP-IDF's bootloader is a build inside the build, with a counter of its own."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field

from toolchains.jobs import JobContext

_COUNTER = re.compile(r"^\[(\d+)/(\d+)\] ?(.*)")
_INNER = re.compile(r"Performing \w+ step for ")
_KEPT = 400
#: Of two counters, one is the other's if their totals differ by no more than this factor.
_NEAR = 2


@dataclass
class Reader:
    """Turns lines of idf.py into progress and keeps the last ones."""

    ctx: JobContext
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT))
    done: int = 0
    total: int = 0
    inside: bool = False

    def line(self, line: str) -> None:
        """Take the next line."""
        self.tail.append(line)
        self.ctx.log(line)
        found = _COUNTER.match(line)
        if found is None:
            return
        done, total = int(found[1]), int(found[2])
        if not self._is_outer(done, total):
            return
        self.done, self.total, self.inside = done, total, bool(_INNER.match(found[3]))
        self.ctx.progress(done, total, "files")

    def _is_outer(self, done: int, total: int) -> bool:
        if not self.total or not self.inside:
            return done >= self.done or total > self.total
        return done > self.done and self.total <= _NEAR * total and total <= _NEAR * self.total

    def ended(self) -> None:
        """All is done."""
        if self.total:
            self.ctx.progress(self.total, self.total, "files")

    @property
    def text(self) -> str:
        """The last lines."""
        return "\n".join(self.tail)
