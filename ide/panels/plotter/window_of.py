"""Which part of the points is looked at. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass

from toolchains.text import _
from toolchains.units import number_text

#: Points that are seen at first, and at least.
_FIRST, _LEAST = 500.0, 8.0
#: Round numbers of a scale, times a power of ten.
_ROUND = (1.0, 2.0, 5.0, 10.0)


@dataclass
class Part:
    """``width``: how many points are seen; ``end``: the number of the one at the right, None: the newest (live)."""

    width: float = _FIRST
    end: float | None = None

    @property
    def live(self) -> bool:
        """Whether it moves along with what comes."""
        return self.end is None

    def range(self, first: int, n_rows: int) -> tuple[float, float]:
        """The numbers of the points at the left and at the right, of those from ``first`` on."""
        newest = float(first + n_rows - 1)
        end = newest if self.end is None else min(max(self.end, first + 1.0), newest)
        width = max(_LEAST, self.width) - 1
        if self.end is None and n_rows < self.width:  # not yet full: the curve grows to the right
            return float(first), first + width
        return end - width, end

    def zoom(self, factor: float, at: float, first: int, n_rows: int) -> None:
        """See ``factor`` times as many points; the one that is ``at`` (0: left, 1: right) stays where it is."""
        begin, end = self.range(first, n_rows)
        width = min(max(_LEAST, self.width * factor), max(_LEAST, float(n_rows)))
        kept = begin + (end - begin) * at
        if not (self.live and at == 1.0):
            self._move(kept + (width - 1) * (1 - at), width, first, n_rows)
        self.width = width

    def pan(self, share: float, first: int, n_rows: int) -> None:
        """Move by that share of what is seen; beyond the newest point it is live again."""
        _begin, end = self.range(first, n_rows)
        self._move(end + self.width * share, self.width, first, n_rows)

    def all(self, first: int, n_rows: int) -> None:
        """See every point that there is, and not follow."""
        self.width = max(_LEAST, float(n_rows))
        self.end = float(first + n_rows - 1)

    def follow(self) -> None:
        """Move along with what comes."""
        self.end = None

    def stay(self, first: int, n_rows: int) -> None:
        """Look at these points, whatever comes."""
        self.end = self.range(first, n_rows)[1]

    def _move(self, end: float, width: float, first: int, n_rows: int) -> None:
        newest = first + n_rows - 1
        self.end = None if end >= newest else max(end, first + width - 1)


def scale(low: float, high: float, most: int) -> list[float]:
    """At most ``most`` round numbers from ``low`` to ``high``."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low or most < 1:
        return []
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 0.0
    step = next((one * power for one in _ROUND if one * power >= rough), 0.0)
    if not step or not math.isfinite(step):
        return []
    number, found = math.ceil(low / step), list[float]()
    while number * step <= high + step * 1e-9 and len(found) <= most:
        found.append(number * step)
        number += 1
    return found


def with_room(low: float, high: float) -> tuple[float, float]:
    """The bounds of what is drawn, with a little room; something even where the curve is flat, or there is none."""
    if low > high:
        return 0.0, 1.0
    room = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return low - room, high + room


def elapsed(seconds: float) -> str:
    """A time since the beginning: ``0.25 s``, ``12.3 s``, ``1:02:05``."""
    if seconds < 100:
        return str(_("{number} s", number=number_text(seconds, 2 if seconds < 10 else 1)))
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def label(value: float, step: float) -> str:
    """A number beside a scale, as exact as the scale's steps."""
    if value == 0 or abs(value) < abs(step) * 1e-6:
        return "0"
    if abs(value) >= 1e7 or abs(step) < 1e-4:
        return f"{value:.3g}"
    decimals = max(0, -math.floor(math.log10(abs(step)) + 1e-9)) if step else 0
    return f"{value:,.{decimals}f}".replace(",", "\u202f")
