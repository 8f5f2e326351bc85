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
_LAP = re.compile(r"race: (\w+) lap (\d+) of (\d+): (\d+) us for (\d+)")
_OUT = re.compile(r"race: (\w+) (left out|failed|differs): (.*)")
_WAYS = re.compile(r"race: (\w+(?: \w+)*)")
_OVER = "race: over"
#: No line of a race is longer; what a program prints without line breaks is not kept.
_LONGEST = 4096


@dataclass(frozen=True)
class Field:
    """The race begins: the ways that were entered, names of modules; the first one is what the others are held to."""

    ways: tuple[str, ...]


@dataclass(frozen=True)
class Lap:
    """One timed run of a way is over: the ``number``-th ``of`` so many. ``seconds`` of one call of the function."""

    way: str
    number: int
    of: int
    seconds: float


@dataclass(frozen=True)
class Out:
    """A way does not race. ``why``: ``left out``, ``failed``, ``differs``. ``reason``: the board's own words."""

    way: str
    why: str
    reason: str


Said = Field | Lap | Out


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


def module() -> bytes:
    """What the board gets as :data:`MODULE`, without its comments."""
    lines = (paths.resources() / "board" / _FILE).read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if line and not line.lstrip().startswith("#")).encode() + b"\n"


class RaceLines:
    """Reads the output as it comes. ``over``: the race came to its end."""

    def __init__(self) -> None:
        self.over = False
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
            number, of, microseconds, calls = map(int, lap.groups()[1:])
            return Lap(lap[1], number, of, microseconds / 1e6 / max(1, calls))
        if out := _OUT.fullmatch(line):
            return Out(out[1], out[2], out[3])
        if ways := _WAYS.fullmatch(line):
            return Field(tuple(ways[1].split()))
        return None
