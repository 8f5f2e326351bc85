"""A race on a real simulated board: equal results first, then laps, live."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board import race, race_kept, simulator
from ide.board.boards import Boards
from ide.board.race import Field, Heard, Lap, Out, Race, RaceFailed, Said
from ide.board.race_words import verdict
from tests.conftest import RecordingContext
from toolchains import project, racing
from toolchains.errors import BoardError, Cancelled
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
    assert report.equal
    assert report.overhead is not None
    assert report.overhead < 0.01
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


FUNCTIONS = """
kept = []
def leak(a: int):
    kept.append(bytes(a))
def wide(a: int) -> int:
    return a << 20
def differ(a: object):
    a.sort()
    return a
def endless(a: int):
    while a:
        pass
"""


def made(folder: Path, name: str, call: str) -> Race:
    (folder / "functions.py").write_text(FUNCTIONS)
    return Race(
        folder,
        variants=racing.make(racing.find(folder, name, call), project.load(folder)),
        runs=3,
        patience=4 if name == "endless" else 60,
    )


def test_any_function_races_and_what_is_wrong_with_it_is_seen(
    ctx: RecordingContext, boards: Boards, tmp_path: Path
) -> None:
    leaks = race.race(ctx, boards, RV32, made(tmp_path, "leak", "leak(10)"))
    assert [one.label for one in leaks.entries] == ["Python", "native", "viper", "C"]
    assert all(one.heap is not None and one.heap.leaks for one in leaks.entries[:3])
    assert "that is a leak" in " ".join(map(str, verdict(leaks)))
    assert [len(one.laps) for one in leaks.entries] == [3, 3, 3, 0]
    assert all(one.size is not None and one.loaded is not None for one in leaks.entries[:3])
    said: list[Said] = []
    wide = race.race(ctx, boards, RV32, made(tmp_path, "wide", "wide(1 << 20)"), Heard(said.append))
    assert not wide.equal
    assert wide.entries[2].out == Out("as_viper", "differs", "0, not 1099511627776")
    assert [one.way for one in wide.entries if one.best] == ["as_python", "as_native"]
    assert next(one for one in said if isinstance(one, Field)).labels == ("Python", "native", "viper", "C")
    sorted_ = race.race(ctx, boards, RV32, made(tmp_path, "differ", "differ([3, 1, 2])"))
    assert sorted_.equal  # each way gets a list of its own, and what it made of it is compared
    with pytest.raises(race.RaceStuck, match="Python did not come back within 4 s"):
        race.race(ctx, boards, RV32, made(tmp_path, "endless", "endless(1)"))
    again = race.race(ctx, boards, RV32, made(tmp_path, "wide", "wide(1)"))
    assert again.equal
    race_kept.keep(boards.toolbox.paths, again)
    race_kept.keep(boards.toolbox.paths, wide)
    kept = race_kept.last_races(boards.toolbox.paths)
    assert [(one.title, one.call, one.simulated) for one in kept] == [
        ("wide", "wide(1 << 20)", True), ("wide", "wide(1)", True),
    ]  # fmt: skip
    assert kept[0].ways[1].times == wide.times("as_native")


def test_times_come_out_the_same_each_time_and_the_race_s_own_part_is_taken_off(
    ctx: RecordingContext, boards: Boards, tmp_path: Path
) -> None:
    work = "def value():\n    n = 0\n    while n < 300:\n        n += 1\n    return n\n"
    written(tmp_path, "work", work=work)
    medians = [race.race(ctx, boards, RV32, Race(tmp_path, runs=3)).entries[0].median or 0.0 for _ in range(5)]
    assert max(medians) / min(medians) < 1.05
    (tmp_path / "race.py").write_text("import natmod_race\nnatmod_race.run(lambda way: None, 'work')\n")
    idle = race.race(ctx, boards, RV32, Race(tmp_path, runs=3))
    assert idle.loop is not None
    assert idle.entries[0].best is not None
    assert idle.entries[0].best < 0.02 * idle.loop.seconds  # an empty function takes nothing


def test_a_board_that_goes_away_in_the_middle_is_told(ctx: RecordingContext, boards: Boards, tmp_path: Path) -> None:
    def pull(said: Said) -> None:
        if isinstance(said, Lap):
            simulator.stop(boards.toolbox.paths, RV32)

    with pytest.raises(BoardError) as caught:
        race.race(ctx, boards, RV32, made(tmp_path, "wide", "wide(1)"), Heard(pull))
    assert not isinstance(caught.value, race.RaceStuck)
    assert race.race(RecordingContext(ctx.host), boards, RV32, made(tmp_path, "wide", "wide(1)")).equal


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
