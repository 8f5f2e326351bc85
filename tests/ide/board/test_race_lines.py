"""The lines of a race, read as they come; and what they add up to."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.board import race, race_lines
from ide.board.deploy import RunOutcome
from ide.board.inspect import Identity
from ide.board.race import Entry, Field, Lap, Out, RaceReport, Said
from ide.board.race_lines import Heap, Loaded, Loop, RaceLines
from tests.conftest import RecordingContext
from toolchains import mpy_loads

TEXT = (
    b"race: in_python in_c\r\nhello\r\nrace: in_python lap 1 of 3: 34123 us for 1\r\n"
    b"race: in_viper left out: SyntaxError('invalid micropython decorator',)\r\n"
    b"race: in_c lap 3 of 3: 500 us for 10\r\n"
    b"race: in_x lap one of 3: 5 us\r\nrace: over\r\n"
)
SAID: list[Said] = [
    Field(("in_python", "in_c")),
    Lap("in_python", 1, 3, 0.034123),
    Out("in_viper", "left out", "SyntaxError('invalid micropython decorator',)"),
    Lap("in_c", 3, 3, 0.00005),
]
IDENTITY = Identity("1.26.1", 0x2F06, "", "", "qemu", 0, 0, None)


@given(st.lists(st.integers(0, len(TEXT)), max_size=12))
def test_lines_are_read_however_they_are_split(cuts: list[int]) -> None:
    reader, said = RaceLines(), list[Said]()
    edges = [0, *sorted(cuts), len(TEXT)]
    for start, end in itertools.pairwise(edges):
        said += reader.feed(TEXT[start:end])
    assert said == SAID
    assert reader.over


def test_what_the_race_itself_takes_is_taken_off_and_cycles_are_read_where_they_are_counted() -> None:
    reader = RaceLines()
    said = reader.feed(
        b"race: loop: 2000 us for 1000, 480000 cycles\r\nrace: in_c loaded: 1500 us, 640 bytes\r\n"
        b"race: in_c lap 1 of 3: 30000 us for 1000, 7200000 cycles\r\nrace: in_c lap 2 of 3: 1 us for 1000\r\n"
        b"race: in_c heap: -1 a call, 16384 kept after 1000\r\nrace: in_x chip only: a simulator has no pins\r\n"
    )
    assert said == [
        Loop(2e-6, 480.0), Loaded("in_c", 0.0015, 640), Lap("in_c", 1, 3, pytest.approx(28e-6), 6720.0),
        Lap("in_c", 2, 3, 0.0), Heap("in_c", None, 16384, 1000), Out("in_x", "chip only", "a simulator has no pins"),
    ]  # fmt: skip
    assert Heap("a", 0, 16384, 1000).leaks
    assert not Heap("a", 0, 320, 3).leaks
    row = report(Entry("in_c", (28e-6, 29e-6), cycles=(6720.0, 6800.0), loaded=said[1]))  # type: ignore[arg-type]
    assert row.entries[0].median_cycles == 6760
    assert row.to_csv().splitlines()[1].startswith("C,2.85e-05,2.8e-05,1.0,6760.0,2,")


def test_random_bytes_are_no_race() -> None:
    reader = RaceLines()
    assert reader.feed(bytes(range(256)) * 100 + b"\n") == []
    assert not reader.over


def test_the_module_is_served_where_a_script_wants_it(tmp_path: Path) -> None:
    (tmp_path / "race.py").write_text("import natmod_race")
    (tmp_path / "main.py").write_text("print(1)")
    assert race_lines.wanted(tmp_path, "race.py")
    assert not race_lines.wanted(tmp_path, "main.py")
    assert not race_lines.wanted(tmp_path, "gone.py")
    (tmp_path / race_lines.MODULE).write_text("")
    assert not race_lines.wanted(tmp_path, "race.py")
    assert b"def run(lap, *ways, begin=None, result=None):" in race_lines.module()


def report(*entries: Entry, address: str = "COM3") -> RaceReport:
    outcome = RunOutcome(b"", 0, 0, 0.0, None)
    return RaceReport(address, IDENTITY, None, None, None, entries, outcome)


def test_speeds_are_held_to_the_first_way_by_the_shortest_lap() -> None:
    got = report(Entry("a", (0.3, 0.2, 0.4)), Entry("b", (0.04, 0.02)), Entry("c", out=Out("c", "failed", "x")))
    assert got.times("b") == 10
    assert (got.times("a"), got.times("c"), got.times("nobody")) == (1, None, None)
    assert got.entries[0].median == pytest.approx(0.3)
    assert not got.simulated
    assert report(address="sim:rv32").simulated
    assert report().times("a") is None
    assert json.loads(json.dumps(got.to_json()))["ways"][2]["reason"] == "x"


def test_without_its_first_way_there_are_times_but_no_speeds() -> None:
    got = report(Entry("a", out=Out("a", "failed", "x")), Entry("b", (0.1,)))
    assert got.times("b") is None
    assert got.entries[1].best == 0.1


class BytecodeBoard:
    """A board whose firmware loads no machine code, and on which the race below runs."""

    def __init__(self) -> None:
        self.known = replace(IDENTITY, mpy=0x0306)

    def identity(self, ctx: RecordingContext) -> Identity:
        return self.known


def test_a_firmware_without_native_modules_leaves_c_out_and_says_why(
    ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in_c.c").write_text('#include "py/dynruntime.h"\nmp_obj_t mpy_init(void) {}')
    (tmp_path / "race.py").write_text("import natmod_race")
    linkers = SimpleNamespace(start=lambda sdk: None)
    sdks = SimpleNamespace(best_for=lambda *versions: "tree")
    boards: Any = SimpleNamespace(
        open=lambda ctx, address, sdk: BytecodeBoard(), toolbox=SimpleNamespace(sdks=sdks, linkers=linkers)
    )

    def try_run(*args: Any, on_output: Any, on_start: Any, on_place: Any) -> RunOutcome:
        on_start()
        on_output(b"race: in_python in_c\r\nrace: in_python lap 1 of 1: 9 us for 1\r\n")
        on_output(b"race: in_c failed: ImportError(\"no module named 'in_c'\",)\r\nrace: over\r\n")
        return RunOutcome(b"", 0, 0, 0.0, None)

    monkeypatch.setattr(race.deploy, "try_run", try_run)
    got = race.race(ctx, boards, "COM9", race.Race(tmp_path))
    assert got.entries[0].best == pytest.approx(9e-6)
    assert got.entries[1].out == Out("in_c", "left out", str(mpy_loads.no_native(BytecodeBoard().known.loader)))


def test_the_lines_of_a_race_can_be_left_out_of_what_is_shown() -> None:
    shown = bytearray()
    unsaid = race_lines.Unsaid(shown.extend)
    printed = b"before\r\nrace: in_c lap 1 of 3: 12 us for 4\r\nrace: over\r\nafter\r\n"
    for at in range(0, len(printed), 5):
        unsaid(printed[at : at + 5])
    assert bytes(shown) == b"before\r\nafter\r\n"


def test_what_has_no_end_of_line_is_shown_all_the_same() -> None:
    shown = bytearray()
    race_lines.Unsaid(shown.extend)(b"x" * 5000)
    assert len(shown) == 5000
