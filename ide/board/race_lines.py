"""What a race says while it runs on the board: the lines of ``resources/board/race.py``, as records."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from toolchains import paths

#: The module that a race imports; served from this computer, never installed.
MODULE = "natmod_race.py"
_FILE = "race.py"
_LAP = re.compile(r"race: (\w+) lap (\d+) of (\d+): (\d+) us for (\d+)(?:, (\d+) cycles)?")
_LOOP = re.compile(r"race: loop: (\d+) us for (\d+)(?:, (\d+) cycles)?")
_LOADED = re.compile(r"race: (\w+) loaded: (\d+) us, (-?\d+) bytes")
_HEAP = re.compile(r"race: (\w+) heap: (-?\d+) a call, (-?\d+) kept after (\d+)")
_OUT = re.compile(r"race: (\w+) (left out|failed|differs|chip only): (.*)")
_WAYS = re.compile(r"race: (\w+(?: \w+)*)")
_OVER = "race: over"
#: No line of a race is longer; what a program prints without line breaks is not kept.
_LONGEST = 4096


@dataclass(frozen=True)
class Field:
    """The race begins: the ways that were entered, names of modules; the first one is what the others are held to.

    ``labels``: what people call them, empty where the names have to do.
    """

    ways: tuple[str, ...]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Loop:
    """What the race itself takes of each call, in seconds; it is taken off the laps. ``cycles``: where they count."""

    seconds: float
    cycles: float | None = None


@dataclass(frozen=True)
class Loaded:
    """A way was imported from RAM: ``seconds``, and ``ram`` bytes of heap that it holds."""

    way: str
    seconds: float
    ram: int


@dataclass(frozen=True)
class Lap:
    """One timed run of a way is over: the ``number``-th ``of`` so many. ``seconds`` of one call of the function.

    ``cycles`` of one call, None where the board does not count them.
    """

    way: str
    number: int
    of: int
    seconds: float
    cycles: float | None = None


@dataclass(frozen=True)
class Heap:
    """``a_call``: bytes of heap that a call takes, None if that is more than there is. ``kept``: bytes that were still
    held after ``calls`` of them."""

    way: str
    a_call: int | None
    kept: int
    calls: int

    @property
    def leaks(self) -> bool:
        """Whether each call holds something for good: a block of heap has 16 bytes."""
        return self.kept >= max(512, 8 * self.calls)


@dataclass(frozen=True)
class Out:
    """A way does not race. ``why``: ``left out``, ``failed``, ``differs``, ``chip only``.

    ``reason``: the board's own words.
    """

    way: str
    why: str
    reason: str


Said = Field | Loop | Loaded | Lap | Heap | Out


class Unsaid:
    """Hands on what a program prints, without the lines of the race: who sees bars grow need not read them."""

    def __init__(self, output: Callable[[bytes], object]) -> None:
        self._output = output
        self._rest = b""

    def __call__(self, data: bytes) -> None:
        """Take output, split anywhere."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        shown = b"".join(line + b"\n" for line in lines if not line.startswith(b"race: "))
        if len(self._rest) > _LONGEST:
            shown, self._rest = shown + self._rest, b""
        if shown:
            self._output(shown)


def wanted(root: Path, script: str) -> bool:
    """Whether a script of the project ``root`` is a race, and the project brings no module of that name."""
    try:
        return b"natmod_race" in (root / script).read_bytes() and not (root / MODULE).exists()
    except OSError:  # whoever runs it will say so
        return False


def module(runs: int = 0) -> bytes:
    """What the board gets as :data:`MODULE`, without its comments. ``runs``: laps of each way, 0: as many as fit."""
    lines = (paths.resources() / "board" / _FILE).read_text("utf-8").splitlines()
    kept = [line for line in lines if line and not line.lstrip().startswith("#")]
    return "\n".join(f"RUNS = {runs}" if line == "RUNS = 0" else line for line in kept).encode() + b"\n"


class RaceLines:
    """Reads the output as it comes. ``over``: the race came to its end. ``loop`` is taken off each lap."""

    def __init__(self) -> None:
        self.over = False
        self.loop = Loop(0.0)
        self._rest = b""

    def feed(self, data: bytes) -> list[Said]:
        """The records of the lines that are whole now."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[-_LONGEST:]
        found = [self._line(line.decode("utf-8", "replace").rstrip("\r")) for line in lines]
        return [one for one in found if one is not None]

    def _line(self, line: str) -> Said | None:
        if line == _OVER:
            self.over = True
            return None
        if lap := _LAP.fullmatch(line):
            return self._lap(lap)
        if loop := _LOOP.fullmatch(line):
            self.loop = Loop(*_of_a_call(loop[1], loop[2], loop[3]))
            return self.loop
        if loaded := _LOADED.fullmatch(line):
            return Loaded(loaded[1], int(loaded[2]) / 1e6, int(loaded[3]))
        if heap := _HEAP.fullmatch(line):
            a_call, kept, calls = map(int, heap.groups()[1:])
            return Heap(heap[1], a_call if a_call >= 0 else None, kept, calls)
        if out := _OUT.fullmatch(line):
            return Out(out[1], out[2], out[3])
        if ways := _WAYS.fullmatch(line):
            return Field(tuple(ways[1].split()))
        return None

    def _lap(self, lap: re.Match[str]) -> Lap:
        seconds, cycles = _of_a_call(lap[4], lap[5], lap[6])
        net = None if cycles is None else max(0.0, cycles - (self.loop.cycles or 0.0))
        return Lap(lap[1], int(lap[2]), int(lap[3]), max(0.0, seconds - self.loop.seconds), net)


def _of_a_call(microseconds: str, calls: str, cycles: str | None) -> tuple[float, float | None]:
    n = max(1, int(calls))
    return int(microseconds) / 1e6 / n, None if cycles is None else int(cycles) / n
