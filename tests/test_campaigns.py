"""Twenty-five fixed trials of every campaign, and the runner itself."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.campaigns import runner

_COUNT, _SEED = 25, 1
#: CI's share for one campaign; on a slow or busy machine fewer trials fit, but not so few that nothing was tried.
_MOST_SECONDS, _FEWEST = 60.0, 10


@pytest.mark.slow
@pytest.mark.parametrize("name", runner.names())
def test_campaign_finds_no_fault(name: str, warm_home: Path) -> None:
    report = runner.run(name, count=_COUNT, seed=_SEED, most_seconds=_MOST_SECONDS)
    assert not report.faults, "\n".join(report.lines())
    assert report.labels.total() >= _FEWEST, f"only {report.labels.total()} trials in {report.seconds:.0f} s"


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("tests.campaigns.sample")
    module.calls = []  # type: ignore[attr-defined]
    module.setup = lambda: module.calls.append("setup")  # type: ignore[attr-defined]
    module.teardown = lambda: module.calls.append("teardown")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def _odd_fails(rng: random.Random) -> str:
    number = rng.randrange(1000)
    assert number % 2 == 0, f"{number} is odd"
    return "even"


def test_a_fault_is_counted_and_can_be_repeated_alone(sample: ModuleType) -> None:
    sample.trial = _odd_fails
    assert runner.usual_count("sample") == 200
    report = runner.run("sample", count=20, seed=1, most_faults=100)
    assert f"20 tried, {len(report.faults)} FAULTS" in report.lines()[-1]
    assert report.labels["even"] + report.labels["FAULT"] == 20
    assert report.labels["FAULT"] == len(report.faults) > 0
    seed, trace = report.faults[0]
    assert "is odd" in trace
    assert any(line.endswith(f"campaign sample --count 1 --seed {seed}") for line in report.lines())
    again = runner.run("sample", count=1, seed=seed)
    assert [fault[0] for fault in again.faults] == [seed]
    assert sample.calls == ["setup", "teardown"] * 2


def test_teardown_runs_when_the_campaign_is_interrupted(sample: ModuleType) -> None:
    def interrupted(rng: random.Random) -> str:
        raise KeyboardInterrupt

    sample.trial = interrupted
    with pytest.raises(KeyboardInterrupt):
        runner.run("sample", count=3, seed=1)
    assert sample.calls == ["setup", "teardown"]
