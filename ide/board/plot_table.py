"""The points that a plotter keeps: columns of numbers with a bounded length, quick to draw however many there are.

Rows are numbered from the first one that ever came. Every column has as many rows as the table; NaN is a gap. Besides
the numbers the lowest and the highest of each 16 and 256 of them are kept, so that a curve of 100 000 points is drawn
from as many numbers as there are dots on the screen.
"""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple, TextIO

from ide.board.plot import MOST_CURVES, Header, Point

#: Rows that are kept; at least: some more may be there until the oldest are dropped at once.
ROOM = 100_000
_STEPS = (16, 256)
_NAN = float("nan")


_UP, _DOWN = float("inf"), float("-inf")


class Span(NamedTuple):
    """The lowest and highest number of some rows; infinite, the wrong way round, where they have none."""

    low: float = _UP
    high: float = _DOWN


class Column:
    """One curve: its ``name`` ("" where the program gave none) and its ``values``."""

    def __init__(self, name: str, n_rows: int) -> None:
        self.name = name
        self.values = array("d", [_NAN]) * n_rows
        self._gaps = n_rows > 0
        self._lows = {step: array("d") for step in _STEPS}
        self._highs = {step: array("d") for step in _STEPS}
        self.update()

    def copy(self) -> Column:
        """The same values."""
        made = Column(self.name, 0)
        made.values, made._gaps = self.values[:], self._gaps
        made.update()
        return made

    def add(self, value: float) -> None:
        """One more row."""
        self.values.append(value)
        if value != value:
            self._gaps = True

    def update(self) -> None:
        """Take the rows that were added into the bounds of their groups."""
        for step in _STEPS:
            lows, highs = self._lows[step], self._highs[step]
            for begin in range(len(lows) * step, len(self.values) - step + 1, step):
                low, high = self._bounds(self.values[begin : begin + step])
                lows.append(low)
                highs.append(high)

    def drop(self, n_rows: int) -> None:
        """Forget the oldest rows; ``n_rows`` is a multiple of the largest group."""
        del self.values[:n_rows]
        for step in _STEPS:
            del self._lows[step][: n_rows // step]
            del self._highs[step][: n_rows // step]

    def spans(self, begin: float, end: float, n: int) -> list[Span]:
        """The bounds of ``n`` equal parts of the rows ``begin`` to ``end`` (0: the oldest that is kept).

        Parts of many rows may have some of their neighbours', at most a quarter.
        """
        size = (end - begin) / n
        step = next((step for step in reversed(_STEPS) if step * 4 <= size), 1)
        edges = [int((begin + size * part) / step) for part in range(n + 1)]
        edges[-1] = math.ceil(end / step)
        pairs = pairwise(edges)
        if step == 1:
            return [self._bounds(self.values[max(0, a) : max(0, b, a + 1)]) for a, b in pairs]
        lows, highs, rest = self._lows[step], self._highs[step], Span()
        if edges[-1] > len(lows):  # the last group is not full yet
            rest = self._bounds(self.values[len(lows) * step :])
        found = []
        for a, b in pairs:
            low, high = min(lows[max(0, a) : max(0, b)], default=_UP), max(highs[max(0, a) : max(0, b)], default=_DOWN)
            if b > len(lows) >= a:
                low, high = min(low, rest.low), max(high, rest.high)
            found.append(Span(low, high))
        return found

    def _bounds(self, values: array[float]) -> Span:
        there = [value for value in values if value == value] if self._gaps else values
        return Span(min(there), max(there)) if there else Span()


class Table:
    """All columns. ``first``: the number of the oldest row that is kept; ``n_rows``: how many are kept.

    ``times``: when each row came, in s since the first one that ever came.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = max(room, _STEPS[-1])
        self.clear()

    def clear(self) -> None:
        """Forget everything, the names too."""
        self.columns: list[Column] = []
        self.first = self.n_rows = 0
        self.times = array("d")
        self._began: float | None = None
        self._names: tuple[str, ...] = ()

    def copy(self) -> Table:
        """The same points, for another thread."""
        made = Table(self._room)
        made.first, made.n_rows, made._names = self.first, self.n_rows, self._names
        made.times, made._began = self.times[:], self._began
        made.columns = [column.copy() for column in self.columns]
        return made

    def take(self, events: Iterable[Header | Point], at: float = 0.0) -> int:
        """Add what a :class:`~ide.board.plot.LineReader` found ``at`` a time, in s; how many points there were."""
        came = 0
        if self._began is None:
            self._began = at
        since = at - self._began
        for event in events:
            if isinstance(event, Header):
                self._rename(event.names)
                continue
            self._widen(len(event.values))
            for number, column in enumerate(self.columns):
                column.add(event.values[number] if number < len(event.values) else _NAN)
            self.times.append(since)
            self.n_rows += 1
            came += 1
        extra = self.n_rows - self._room
        if extra > self._room // 8:
            self._drop(extra - extra % _STEPS[-1])
        for column in self.columns:
            column.update()
        return came

    def rows(self) -> Iterator[tuple[float, ...]]:
        """The rows that are kept, oldest first."""
        return zip(*(column.values for column in self.columns), strict=True)

    def titles(self) -> list[str]:
        """A name for each column; ``1``, ``2`` … where the program gave none."""
        return [column.name or str(number) for number, column in enumerate(self.columns, 1)]

    def write_csv(self, out: TextIO) -> None:
        """Write the rows that are kept, under a line of names; a gap is an empty field. Raises OSError."""
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.titles())
        writer.writerows(map(fields, self.rows()))

    def _rename(self, names: tuple[str, ...]) -> None:
        self._names = names
        for number, column in enumerate(self.columns):
            column.name = names[number] if number < len(names) else ""

    def _widen(self, n_columns: int) -> None:
        for number in range(len(self.columns), min(n_columns, MOST_CURVES)):
            self.columns.append(Column(self._names[number] if number < len(self._names) else "", self.n_rows))

    def _drop(self, n_rows: int) -> None:
        if n_rows <= 0:
            return
        for column in self.columns:
            column.update()
            column.drop(n_rows)
        del self.times[:n_rows]
        self.first += n_rows
        self.n_rows -= n_rows

    def time_of(self, row: int) -> float:
        """When a row came, counted from the first one that ever came, in s; the nearest one's of a row that is not."""
        return self.times[min(max(0, row - self.first), self.n_rows - 1)] if self.n_rows else 0.0


def fields(row: Iterable[float]) -> list[str]:
    """The numbers of a row as fields of CSV: whole numbers without a point, a gap empty."""
    return ["" if value != value else number_text(value) for value in row]


def number_text(value: float) -> str:
    """A number as short as it can be without losing anything."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
