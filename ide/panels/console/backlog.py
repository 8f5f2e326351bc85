"""What was printed and is not shown yet: in order, bounded, and without the lines that nobody would ever see. No Qt."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass

from toolchains.text import _
from toolchains.units import size_text

#: How many bytes may wait; of more, the oldest go, and that is said.
ROOM = 2 * 1024 * 1024
#: How much is shown in one go.
_SLICE = 32 * 1024
#: Of less it is not worth while to count lines.
_FEW = 128 * 1024
_COLOUR = re.compile(rb"\x1b\[[0-9:;]*m")
#: More colours than these before a place have no influence on it.
_COLOURS = 20


@dataclass(frozen=True)
class Skipped:
    """Something was left out here; ``colours`` are its last ones, which hold on; ``words`` what to say, or empty."""

    colours: bytes
    words: str = ""


Said = tuple[str, str, bool]


class Backlog:
    """Output and sayings of ours that wait to be shown."""

    def __init__(self) -> None:
        self._items: deque[bytes | Said | Skipped] = deque()
        self._bytes = 0

    @property
    def waits(self) -> bool:
        """Whether there is something."""
        return bool(self._items)

    def add(self, data: bytes) -> None:
        """Output."""
        self._items.append(data)
        self._bytes += len(data)
        if self._bytes > ROOM:
            self._leave_out(self._bytes - ROOM, said=True)

    def say(self, text: str, role: str, fresh: bool) -> None:
        """Text of ours."""
        self._items.append((text, role, fresh))

    def take(self) -> bytes | Said | Skipped | None:
        """The next piece, or None."""
        if not self._items:
            return None
        item = self._items.popleft()
        if not isinstance(item, bytes):
            return item
        self._bytes -= len(item)
        if len(item) > _SLICE:
            self._items.appendleft(item[_SLICE:])
            self._bytes += len(item) - _SLICE
            return item[:_SLICE]
        return item

    def shorten(self, lines: int) -> None:
        """Leave out what would scroll out of a view of so many lines before it is seen."""
        if self._bytes < _FEW:
            return
        left = lines
        for item in reversed(self._items):
            if isinstance(item, bytes):
                breaks = item.count(b"\n")
                if breaks > left:
                    break
                left -= breaks
        else:
            return
        last = item.split(b"\n", breaks - left)[-1]
        after = self._size_behind(item)
        self._leave_out(self._bytes - after - len(last), said=False)

    def _size_behind(self, wanted: bytes) -> int:
        size = 0
        for item in reversed(self._items):
            if item is wanted:
                break
            size += len(item) if isinstance(item, bytes) else 0
        return size

    def _leave_out(self, n: int, *, said: bool) -> None:
        """Drop the oldest ``n`` bytes; sayings of ours stay."""
        colours: list[bytes] = []
        sayings: list[Said | Skipped] = []
        left = n
        while left > 0 and self._items:
            item = self._items.popleft()
            if not isinstance(item, bytes):
                sayings.append(item)
                continue
            gone = item[:left]
            colours += _COLOUR.findall(gone)[-_COLOURS:]
            self._bytes -= len(gone)
            left -= len(gone)
            if len(item) > len(gone):
                self._items.appendleft(item[len(gone) :])
        words = f"{_('… {size} left out …', size=size_text(n))}\n" if said else ""
        self._items.extendleft([Skipped(b"".join(colours[-_COLOURS:]), words), *reversed(sayings)])
