"""The start page: what its two buttons do, how the bars grow, and what the last line says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ide.board.race import Entry, Field, Lap, Out, RaceReport
from ide.board.race_words import milliseconds, verdict
from ide.panels.start.page import StartPage
from ide.panels.start.panel import PANEL
from ide.panels.start.widget import make
from ide.race_lanes import Lanes, Scale
from ide.words import words
from tests.ide.board.test_race_lines import report
from tests.ide.panels.stand_in import Studio, studio
from toolchains.text import Text
from toolchains.toolbox import Toolbox

RV32 = "sim:rv32"
PATIENCE = 120_000


@pytest.fixture
def ide(qtbot: QtBot, tmp_path: Path, toolbox: Toolbox) -> Iterator[Studio]:
    (tmp_path / "factorial").mkdir()
    with studio(tmp_path / "factorial") as found:
        yield found


@pytest.fixture
def page(ide: Studio, qtbot: QtBot) -> StartPage:
    made = make(ide.ctx)
    assert isinstance(made, StartPage)
    qtbot.addWidget(made)
    made.resize(320, 400)
    made.show()
    return made


def on_board(ide: Studio, qtbot: QtBot) -> None:
    ide.ctx.board.use(RV32)
    qtbot.waitUntil(lambda: ide.ctx.board.state == "prompt" and ide.ctx.board.identity is not None, timeout=PATIENCE)


# --- the race on a board -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("rv32_firmware")
def test_the_race_runs_from_the_page_and_its_bars_grow(ide: Studio, page: StartPage, qtbot: QtBot) -> None:
    assert not page.race.isEnabled()
    assert "as soon as a board answers" in page.verdict.text()
    on_board(ide, qtbot)
    assert page.race.isEnabled()
    shares: list[tuple[str, float]] = []
    page._racing.said.connect(lambda said: shares.append((said.way, page.lanes.share(said.way)))
                              if isinstance(said, Lap) else None)  # fmt: skip
    with qtbot.waitSignal(page._racing.ended, timeout=PATIENCE):
        qtbot.mouseClick(page.race, Qt.MouseButton.LeftButton)
        assert page.race.text() == "Stop"
        assert not page.factorial.isEnabled()
    for way in ("in_python", "in_native", "in_viper", "in_c"):
        grown = [share for one, share in shares if one == way]
        assert len(grown) >= 3
        assert grown[0] < grown[-1] == page.lanes.share(way)
    assert page.lanes.share("in_c") > page.lanes.share("in_viper") > page.lanes.share("in_python")
    assert page.lanes.words_of("in_python").endswith(" ms")
    assert page.lanes.words_of("in_c").endswith(" times Python")
    first, second = page.verdict.text().splitlines()
    assert first.startswith("C: ")
    assert " times Python, " in first
    assert ", built in " in first
    assert first.endswith(", no compiler installed by you")
    assert "on a chip the ratios differ" in second
    assert page.race.text() == "race"
    assert page.factorial.isEnabled()
    assert "race: in_c lap" not in ide.text  # who sees bars grow need not read them
    qtbot.waitUntil(lambda: ide.ctx.board.state == "prompt", timeout=PATIENCE)
    assert ide.text.rstrip().splitlines()[-1] == ">>>"
    assert ">>> Race\r\n" in ide.text


@pytest.mark.usefixtures("rv32_firmware")
def test_stop_ends_the_race_and_the_board_is_ready_again(ide: Studio, page: StartPage, qtbot: QtBot) -> None:
    on_board(ide, qtbot)
    with qtbot.waitSignal(page._racing.said, timeout=PATIENCE):
        page.race.click()
    assert ide.ctx.commands.records["start.stop_race"].enabled()
    with qtbot.waitSignal(page._racing.ended, timeout=10_000) as ended:
        page.race.click()
    assert ended.args == [None]
    qtbot.waitUntil(lambda: ide.ctx.board.state == "prompt", timeout=PATIENCE)
    assert page.race.isEnabled()
    assert ide.ctx.notices.kept == []


@pytest.mark.usefixtures("rv32_firmware")
def test_another_board_in_the_middle_of_a_race_ends_it(ide: Studio, page: StartPage, qtbot: QtBot) -> None:
    on_board(ide, qtbot)
    with qtbot.waitSignal(page._racing.said, timeout=PATIENCE):
        page.race.click()
    with qtbot.waitSignal(page._racing.ended, timeout=10_000):
        ide.ctx.board.disconnect_board()
    assert not page._racing.running
    assert not page.race.isEnabled()


# --- factorial -----------------------------------------------------------------------------------------------------


def test_factorial_runs_this_project_if_it_is_that_example(ide: Studio, page: StartPage) -> None:
    ran: list[str] = []
    ide.ctx.commands.records["project.run"] = replace(
        ide.ctx.commands.records["project.run"], run=lambda: ran.append("run"), enabled=lambda: True
    )
    page.factorial.click()
    assert ran == ["run"]


def test_factorial_opens_the_example_where_another_project_is_open(
    tmp_path: Path, toolbox: Toolbox, qtbot: QtBot
) -> None:
    (tmp_path / "mine").mkdir()
    opened: list[Path] = []
    with studio(tmp_path / "mine") as ide:
        page = make(replace(ide.ctx, open_project=opened.append))
        qtbot.addWidget(page)
        page.factorial.click()
        qtbot.waitUntil(lambda: opened != [])
    assert opened[0].name == "factorial"
    assert (opened[0] / "factorial.c").is_file()


# --- what else is on it --------------------------------------------------------------------------------------------


def test_the_box_decides_whether_the_page_is_there_at_the_next_start(ide: Studio, page: StartPage) -> None:
    assert PANEL.setting == "window.welcome"
    page.welcome.click()
    assert not ide.ctx.settings.on("window.welcome")
    ide.ctx.settings.set("window.welcome", True)
    assert page.welcome.isChecked()


def test_what_to_do_next_are_commands_that_there_are(ide: Studio, page: StartPage) -> None:
    from ide.commands import Command

    link = page._links["project.new"]
    assert not link.isVisibleTo(page)
    ran: list[str] = []
    undo = ide.ctx.commands.register(Command("project.new", Text("New project"), lambda: ran.append("new")))
    assert link.isVisibleTo(page)
    link.click()
    assert (link.text(), ran) == ("New project", ["new"])
    undo()
    assert not link.isVisibleTo(page)


def test_the_page_speaks_another_language_at_once(ide: Studio, page: StartPage) -> None:
    page._ended(full())
    assert "0.04" in page.verdict.text()
    words.use("fr")
    try:
        assert "0,04" in page.verdict.text()
    finally:
        words.use("en")


# --- lanes and words -----------------------------------------------------------------------------------------------


def full(*, times: float = 0.0001, origin: str = "ziglang", address: str = "COM3") -> RaceReport:
    build: Any = SimpleNamespace(name="in_c", file_size=1126, compiler=SimpleNamespace(origin=origin))
    made = report(Entry("in_python", (0.05,)), Entry("in_c", (times,)), address=address)
    return replace(made, build=build, build_seconds=0.041)


def test_the_last_line() -> None:
    said = list(map(str, verdict(full())))
    assert said == ["C: 500 times Python, 1.1 kB, built in 0.04 s, no compiler installed by you"]
    assert list(map(str, verdict(full(origin="PATH")))) == ["C: 500 times Python, 1.1 kB, built in 0.04 s"]
    assert "on a chip" in str(verdict(full(address=RV32))[1])
    python, out = Entry("in_python", (0.05,)), Entry("in_c", out=Out("in_c", "left out", "x"))
    assert str(verdict(report(python, out))[0]) == "C did not race on this board."
    assert str(verdict(report(out))[0]) == "Nobody finished this race."
    assert str(verdict(report(python, Entry("mine", (0.01,))))[0]) == "mine is the fastest: 5.0 times Python."


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.034, "34 ms"),
        (0.0034, "3.4 ms"),
        (0.00008, "0.080 ms"),
        (1.5, "1500 ms"),
        (0, "0.0000 ms"),
        (2.3e-6, "2.3 µs"),
    ],
)
def test_times_have_two_figures_that_count(seconds: float, said: str) -> None:
    assert str(milliseconds(seconds)) == said


def test_the_scale_goes_by_powers_of_ten_and_makes_room() -> None:
    scale = Scale()
    assert 0 < scale.share(0.1) < scale.share(1) < scale.share(10) < scale.share(100) < scale.share(1000) == 1
    assert scale.share(10) - scale.share(1) == pytest.approx(scale.share(100) - scale.share(10))
    scale.fit(20_000)
    assert scale.share(20_000) < 1


def test_a_way_that_does_not_race_says_why(qtbot: QtBot) -> None:
    lanes = Lanes()
    qtbot.addWidget(lanes)
    lanes.take(Field(("in_python", "in_native", "my_way")))
    lanes.take(Lap("in_python", 1, 2, 0.05))
    lanes.take(Out("in_native", "left out", "SyntaxError('invalid micropython decorator',)"))
    lanes.take(Out("my_way", "differs", "3 at 7, not 4"))
    lanes.take(Lap("nobody", 1, 2, 0.05))
    assert lanes.ways == ("in_python", "in_native", "my_way")
    assert "makes no machine code" in lanes.words_of("in_native")
    assert lanes.words_of("my_way") == "another result than Python: 3 at 7, not 4"
    assert lanes.share("in_native") == 0
    assert 0 < lanes.share("in_python") < Scale().share(1)
    lanes.take(Lap("in_python", 2, 2, 0.06))
    assert lanes.share("in_python") == pytest.approx(Scale().share(1))
    lanes.grab()  # paints without a complaint
