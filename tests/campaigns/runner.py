"""Runs campaigns: the trials of a seed are always the same ones."""

from __future__ import annotations

import importlib
import math
import pkgutil
import random
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType

import tests.campaigns

#: Modules of this package that are no campaigns.
_NOT_CAMPAIGNS = {"__main__", "runner"}


@dataclass
class Report:
    """What a campaign found: a count for each label, and the faults as ``(seed, traceback)``."""

    name: str
    labels: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[int, str]] = field(default_factory=list)
    seconds: float = 0.0

    def lines(self) -> list[str]:
        """The report, for people: faults with the command that repeats them, then the counts."""
        lines = []
        for seed, trace in self.faults:
            lines += [f"FAULT: python3 studio.py campaign {self.name} --count 1 --seed {seed}", trace.rstrip()]
        lines += [f"{count:7d}  {label}" for label, count in self.labels.most_common()]
        found = f"{len(self.faults)} FAULTS" if self.faults else "all consistent"
        return [*lines, f"campaign {self.name}: {self.labels.total()} tried, {found}, {self.seconds:.1f} s"]


def names() -> list[str]:
    """The campaigns that there are."""
    return sorted(m.name for m in pkgutil.iter_modules(tests.campaigns.__path__) if m.name not in _NOT_CAMPAIGNS)


def usual_count(name: str) -> int:
    """How many trials a campaign has when nobody says: its ``COUNT``."""
    count: int = getattr(importlib.import_module(f"tests.campaigns.{name}"), "COUNT", 200)
    return count


def run(
    name: str,
    *,
    count: int,
    seed: int,
    tell: Callable[[str], None] | None = None,
    most_faults: int = 5,
    most_seconds: float = math.inf,
) -> Report:
    """Run ``count`` trials with the seeds from ``seed`` on; stops early after ``most_faults`` or ``most_seconds``.

    ``tell`` is given a line from time to time. ``seconds`` of the report are those of the trials, without ``setup``.
    """
    module = importlib.import_module(f"tests.campaigns.{name}")
    report = Report(name)
    _call(module, "setup")
    start = time.monotonic()
    try:
        for number in range(seed, seed + count):
            _trial(module, number, report)
            if len(report.faults) >= most_faults or time.monotonic() - start > most_seconds:
                break
            if tell is not None and (number - seed + 1) % max(1, count // 20) == 0:
                tell(f"{name}: {number - seed + 1} of {count}")
    finally:
        report.seconds = time.monotonic() - start
        _call(module, "teardown")
    return report


def _call(module: ModuleType, function: str) -> None:
    if hasattr(module, function):
        getattr(module, function)()


def _trial(module: ModuleType, seed: int, report: Report) -> None:
    try:
        report.labels[module.trial(random.Random(f"{report.name}:{seed}"))] += 1
    except Exception:  # noqa: BLE001  a fault of whatever kind is what a campaign looks for
        report.labels["FAULT"] += 1
        report.faults.append((seed, traceback.format_exc()))
