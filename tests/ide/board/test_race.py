"""A race on a real simulated board: equal results first, then laps, live."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board import race
from ide.board.boards import Boards
from ide.board.race import Field, Heard, Lap, Out, Race, RaceFailed, Said
from tests.conftest import RecordingContext
from toolchains.errors import Cancelled
from toolchains.paths import Paths
from toolchains.toolbox import Toolbox

RV32 = "sim:rv32"
SCRIPT = "import natmod_race\n{body}\nnatmod_race.run(lambda way: way.value(), {ways})\n"


@pytest.fixture
def boards(toolbox: Toolbox) -> Iterator[Boards]:
    with Boards(toolbox) as made:
        yield made


def written(folder: Path, *ways: str, body: str = "", **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "race.py").write_text(SCRIPT.format(body=body, ways=", ".join(map(repr, ways))))
    return folder


def test_the_example_races_in_four_ways(ctx: RecordingContext, boards: Boards, paths: Paths) -> None:
    said: list[Said] = []
    printed: list[bytes] = []
    stages: list[str] = []
    with race.example(paths) as folder:
        report = race.race(ctx, boards, RV32, Race(folder), Heard(said.append, stages.append, printed.append))
    assert [entry.way for entry in report.entries] == ["in_python", "in_native", "in_viper", "in_c"]
    times = [report.times(entry.way) for entry in report.entries]
    assert times[0] == 1
    assert all(one is not None for one in times)
    # Machine code is far ahead even on a simulator that has little time.
    assert report.times("in_c") > 10  # type: ignore[operator]
    assert said[0] == Field(("in_python", "in_native", "in_viper", "in_c"))
    laps = [one for one in said if isinstance(one, Lap)]
    assert [lap.number for lap in laps if lap.way == "in_c"] == list(range(1, len(report.entries[3].laps) + 1))
    assert {lap.of for lap in laps if lap.way == "in_c"} == {len(report.entries[3].laps)}
    assert stages == ["board", "sdk", "compiler", "build", "check", "put", "run", "report"]
    assert report.build is not None
    assert report.build.rebuilt  # a whole build, so that its time means something
    assert report.build_seconds is not None
    assert report.simulated
    assert b"race: in_c lap 1 of" in b"".join(printed)
    assert not list(paths.cache.glob("race-*"))
    assert [row["out"] for row in report.to_json()["ways"]] == [None] * 4  # type: ignore[attr-defined]


@pytest.mark.usefixtures("unix_firmware")
def test_who_differs_fails_or_cannot_is_told_and_the_others_race(
    ctx: RecordingContext, boards: Boards, tmp_path: Path
) -> None:
    written(
        tmp_path, "plain", "wrong", "broken", "unknown", "same",
        plain="def value(): return b'abc'", wrong="def value(): return b'abd'", broken="def value(): return 1 // 0",
        unknown="import micropython\n@micropython.nosuchthing\ndef value(): return b'abc'",
        same="def value(): return bytes((97, 98, 99))",
    )  # fmt: skip
    said: list[Said] = []
    report = race.race(ctx, boards, "sim:unix", Race(tmp_path), Heard(said.append))
    outs = {one.way: one for one in said if isinstance(one, Out)}
    assert outs["wrong"] == Out("wrong", "differs", "100 at 2, not 99")
    assert outs["broken"].why == "failed"
    assert "ZeroDivisionError" in outs["broken"].reason
    assert outs["unknown"].why == "left out"
    assert [entry.way for entry in report.entries if entry.best is not None] == ["plain", "same"]
    assert report.times("same") is not None
    assert report.times("wrong") is None
    assert report.build is None
    assert report.build_seconds is None


def test_a_program_that_ends_before_the_race_does_is_told(
    ctx: RecordingContext, boards: Boards, tmp_path: Path
) -> None:
    written(tmp_path, "plain", body="raise ValueError('no race today')", plain="def value(): return 1")
    with pytest.raises(RaceFailed, match=r"race\.py ended before the race was over") as caught:
        race.race(ctx, boards, RV32, Race(tmp_path))
    assert "no race today" in caught.value.detail


def test_a_race_that_never_ends_is_stopped(ctx: RecordingContext, boards: Boards, tmp_path: Path) -> None:
    written(tmp_path, "endless", endless="def value():\n    print('in')\n    while True: pass")
    seen, printed = threading.Event(), bytearray()

    def heard(data: bytes) -> None:
        printed.extend(data)  # a line may come in pieces
        if b"in\r\n" in printed:
            seen.set()

    def stop() -> None:
        seen.wait(60)
        ctx.cancel()

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(Cancelled):
        race.race(ctx, boards, RV32, Race(tmp_path), Heard(output=heard))
    stopper.join()
    assert seen.is_set()
    again = RecordingContext(ctx.host)
    assert boards.open(again, RV32).exec(again, "print(6 * 7)").strip() == b"42"
