"""The last races, kept for who wants to choose a way by numbers: one of each function and board, the newest first."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from toolchains.errors import disk_errors
from toolchains.paths import Paths

if TYPE_CHECKING:
    from ide.board.race_report import RaceReport

_FILE = "races.json"
_MOST = 20
_LARGEST = 1_000_000


@dataclass(frozen=True)
class KeptWay:
    """One way of a race: seconds of a call, times as fast as Python, bytes. None: not known."""

    label: str
    seconds: float | None
    times: float | None
    code: int | None
    ram: int | None
    heap: int | None
    load: float | None


@dataclass(frozen=True)
class KeptRace:
    """A race that is over. ``when``: seconds since 1970; ``machine``: what the board calls itself."""

    title: str
    call: str
    machine: str
    simulated: bool
    when: float
    ways: tuple[KeptWay, ...]


def keep(own: Paths, report: RaceReport) -> None:
    """Put a race in front of the others. Raises DiskError."""
    new = _kept(report)
    others = [
        one for one in last_races(own) if (one.title, one.call, one.machine) != (new.title, new.call, new.machine)
    ]
    text = json.dumps({"schema": 1, "races": [asdict(one) for one in [new, *others][:_MOST]]})
    path = own.state / _FILE
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(text, "utf-8")
        part.replace(path)


def last_races(own: Paths) -> tuple[KeptRace, ...]:
    """The newest first; none where the file is damaged or not there."""
    path = own.state / _FILE
    try:
        if path.stat().st_size > _LARGEST:
            return ()
        rows = json.loads(path.read_text("utf-8"))["races"]
        return tuple(_race(row) for row in rows)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return ()


def _kept(report: RaceReport) -> KeptRace:
    ways = (
        KeptWay(
            one.label or one.way,
            one.best,
            report.times(one.way),
            one.size.code if one.size else None,
            one.loaded.ram if one.loaded else None,
            one.heap.a_call if one.heap else None,
            one.loaded.seconds if one.loaded else None,
        )
        for one in report.entries
    )
    return KeptRace(report.title, report.call, report.board.machine, report.simulated, time.time(), tuple(ways))


def _race(row: dict[str, object]) -> KeptRace:
    ways = row["ways"]
    if not isinstance(ways, Iterable):
        raise TypeError
    return KeptRace(
        str(row["title"]), str(row["call"]), str(row["machine"]), bool(row["simulated"]), _number(row["when"]) or 0.0,
        tuple(_way(one) for one in ways),
    )  # fmt: skip


def _way(row: dict[str, object]) -> KeptWay:
    seconds, times, load = (_number(row[name]) for name in ("seconds", "times", "load"))
    code, ram, heap = (_whole(row[name]) for name in ("code", "ram", "heap"))
    return KeptWay(str(row["label"]), seconds, times, code, ram, heap, load)


def _number(value: object) -> float | None:
    if value is None:
        return None
    if not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _whole(value: object) -> int | None:
    number = _number(value)
    return None if number is None else int(number)
