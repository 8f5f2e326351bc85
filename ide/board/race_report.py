"""What a race brought: each way's laps, memory and size; as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ide.board.inspect import Identity
from ide.board.race_lines import Heap, Loaded, Loop, Out
from ide.board.race_words import name_of

if TYPE_CHECKING:
    from ide.board.deploy import RunOutcome
    from toolchains.build_records import BuildResult
    from toolchains.compilers import Choice

SCHEMA = 2
_COLUMNS = ("way", "median_s", "best_s", "times", "cycles", "laps", "code_bytes", "file_bytes", "load_s", "ram_bytes",
            "heap_a_call_bytes", "kept_bytes", "out", "reason")  # fmt: skip


@dataclass(frozen=True)
class Size:
    """Bytes of a way as an .mpy file: the whole, and its machine code and bytecode."""

    file: int
    code: int


@dataclass(frozen=True)
class Entry:
    """A way and how it did. ``laps``: seconds of one call, for each timed run; empty with ``out``.

    ``label``: what people call it, empty where the way's own name has to do. ``cycles``: those of one call, for each
    lap, where the board counts them.
    """

    way: str
    laps: tuple[float, ...] = ()
    out: Out | None = None
    label: str = ""
    cycles: tuple[float, ...] = ()
    loaded: Loaded | None = None
    heap: Heap | None = None
    size: Size | None = None

    @property
    def best(self) -> float | None:
        """The shortest time of one call, in seconds."""
        return min(self.laps) if self.laps else None

    @property
    def median(self) -> float | None:
        """The median time of one call, in seconds."""
        return statistics.median(self.laps) if self.laps else None

    @property
    def median_cycles(self) -> float | None:
        """The median number of cycles of one call."""
        return statistics.median(self.cycles) if self.cycles else None


@dataclass(frozen=True)
class RaceReport:
    """What a race brought. ``build`` is None, and so is ``build_seconds``, where no native module could race.

    ``loop``: what the race itself took of each call, which is taken off. ``title``: what raced, ``call``: how it was
    called, where the ways were made by machine.
    """

    address: str
    board: Identity
    choice: Choice | None
    build: BuildResult | None
    build_seconds: float | None
    entries: tuple[Entry, ...]
    outcome: RunOutcome
    loop: Loop | None = None
    title: str = ""
    call: str = ""

    @property
    def simulated(self) -> bool:
        """Whether the times are a simulator's."""
        return self.address.startswith("sim:") or "simulator" in self.board.machine

    def entry(self, way: str) -> Entry | None:
        """The entry of a way."""
        return next((one for one in self.entries if one.way == way), None)

    def times(self, way: str) -> float | None:
        """How many times as fast as the first way; None if one of the two has no time."""
        own, first = self.entry(way), self.entries[0].best if self.entries else None
        return first / own.best if own is not None and own.best and first is not None else None

    @property
    def overhead(self) -> float | None:
        """The race's own part of the quickest call, as a share of it: it was measured, and is taken off."""
        quickest = min((one.best for one in self.entries if one.best), default=None)
        return self.loop.seconds / (quickest + self.loop.seconds) if self.loop and quickest else None

    @property
    def equal(self) -> bool:
        """Whether all who raced brought the same result."""
        return not any(one.out is not None and one.out.why == "differs" for one in self.entries)

    def to_json(self) -> dict[str, object]:
        """The record for programs."""
        return {
            "schema": SCHEMA,
            "kind": "race",
            "title": self.title,
            "call": self.call,
            "address": self.address,
            "simulated": self.simulated,
            "board": self.board.to_json(),
            "build": self.build.to_json() if self.build else None,
            "build_seconds": self.build_seconds,
            "equal": self.equal,
            "loop": self.loop.seconds if self.loop else None,
            "overhead": self.overhead,
            "ways": [self._row(one) for one in self.entries],
        }

    def _row(self, one: Entry) -> dict[str, object]:
        return {
            "way": one.way,
            "label": one.label or name_of(one.way),
            "best": one.best,
            "median": one.median,
            "laps": list(one.laps),
            "cycles": one.median_cycles,
            "times": self.times(one.way),
            "code": one.size.code if one.size else None,
            "file": one.size.file if one.size else None,
            "load": one.loaded.seconds if one.loaded else None,
            "ram": one.loaded.ram if one.loaded else None,
            "heap": one.heap.a_call if one.heap else None,
            "kept": one.heap.kept if one.heap else None,
            "leaks": one.heap.leaks if one.heap else False,
            "out": one.out.why if one.out else None,
            "reason": one.out.reason if one.out else None,
        }

    def to_csv(self) -> str:
        """One line a way, numbers with a point: seconds and bytes."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow((*_COLUMNS, "board", "simulated"))
        for row in map(self._row, self.entries):
            laps = row["laps"]
            values = [row["label"], row["median"], row["best"], row["times"], row["cycles"],
                      len(laps) if isinstance(laps, list) else 0, row["code"], row["file"], row["load"], row["ram"],
                      row["heap"], row["kept"], row["out"], row["reason"]]  # fmt: skip
            cells = ["" if value is None else value for value in values]
            writer.writerow((*cells, self.board.machine, "yes" if self.simulated else "no"))
        return text.getvalue()
