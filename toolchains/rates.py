"""How fast something is, and how long it will take, from reports of how far it is."""

from __future__ import annotations

import time
from collections import deque

from toolchains.text import _
from toolchains.units import size_text, time_text

#: Seconds that the speed is the mean of: long enough to be readable, short enough to notice that the network is gone.
_WINDOW_S = 8.0
#: Before that, a speed is a guess.
_FIRST_S = 0.5


class Rate:
    """The speed of one job. Add samples as they come; seconds are of :func:`time.monotonic` unless given."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()
        self._total: int | None = None

    def add(self, done: int, total: int | None, now: float | None = None) -> None:
        """``done`` of ``total`` (None: unknown) bytes are there. Less than before means a new beginning."""
        now = time.monotonic() if now is None else now
        if self._samples and done < self._samples[-1][1]:
            self._samples.clear()
        self._total = total
        self._samples.append((now, done))
        while len(self._samples) > 2 and now - self._samples[1][0] >= _WINDOW_S:
            self._samples.popleft()

    def rest(self) -> None:
        """It was paused: what was before says nothing of what comes."""
        self._samples.clear()

    @property
    def bytes_per_s(self) -> float | None:
        """The speed of the last seconds; None while nobody can know."""
        if len(self._samples) < 2:
            return None
        (began, first), (ended, last) = self._samples[0], self._samples[-1]
        return (last - first) / (ended - began) if ended - began >= _FIRST_S else None

    @property
    def seconds_left(self) -> float | None:
        """None while nobody can know."""
        speed = self.bytes_per_s
        if not speed or self._total is None:
            return None
        return max(0, self._total - self._samples[-1][1]) / speed

    def __str__(self) -> str:
        """``3.1 MB/s, 40 s left``; what is not known is left out."""
        speed, left = self.bytes_per_s, self.seconds_left
        if speed is None:
            return ""
        if left is None:
            return str(_("{size}/s", size=size_text(speed)))
        return str(_("{size}/s, {time} left", size=size_text(speed), time=time_text(max(1, round(left)))))
