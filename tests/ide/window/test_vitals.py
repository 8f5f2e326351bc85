"""What the board has left, in passing: asked at a free prompt while somebody looks, and never otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ide import vital_words
from ide.board.memory.vitals import Vitals
from ide.panels.console.widget import ConsolePanel
from ide.vitals import EVERY, MINUTES_S, ON, BoardVitals
from tests.ide.panels.stand_in import Studio, studio

BOARD = "sim:unix"
PATIENT = 60_000


@pytest.fixture
def ide(warm_home: Path, tmp_path: Path, sdk_tree: object, unix_firmware: Path) -> Iterator[Studio]:
    with studio(tmp_path) as found:
        found.ctx.settings.set(EVERY, 1)
        yield found


@pytest.fixture
def console(ide: Studio, qtbot: QtBot) -> ConsolePanel:
    """The console with its strip, on a board that is at its prompt."""
    panel = ConsolePanel(ide.ctx)
    qtbot.addWidget(panel)
    panel.resize(1000, 300)
    panel.show()
    ide.ctx.board.use(BOARD)
    qtbot.waitUntil(lambda: ide.ctx.board.identity is not None and ide.ctx.board.state == "prompt", timeout=PATIENT)
    return panel


def answers(vitals: BoardVitals, n: int) -> bool:
    return len(vitals.history) >= n


def test_the_strip_says_what_the_board_has_left_and_leaves_no_trace(
    ide: Studio, console: ConsolePanel, qtbot: QtBot
) -> None:
    vitals = ide.ctx.vitals
    qtbot.waitUntil(lambda: answers(vitals, 1), timeout=PATIENT)
    before = ide.text
    history = list(console.console.view.history.lines)
    qtbot.waitUntil(lambda: answers(vitals, 3), timeout=PATIENT)
    assert ide.text == before
    assert console.console.view.history.lines == history
    strip = console.board_strip
    assert strip.line.parts[0].startswith("gc ")
    assert strip.line.parts[0].endswith(" % used")
    assert not any(part.startswith("exec") for part in strip.line.parts)  # a PC has none, and that is not 0
    assert strip.line.parts[-2].startswith("MicroPython ")  # the chip, behind it, goes first where there is no room
    assert "Heap (gc)" in strip.line.toolTip()
    assert strip.chart.isVisible()
    assert "The heap holds" in strip.chart.words()


def test_memory_for_machine_code_is_said_where_there_is_some() -> None:
    """As an ESP32 has it; :mod:`tests.ide.board.memory.test_vitals` shows that it is asked for."""
    vitals = Vitals(
        0.0, heap_used=60_000, heap_free=90_000, exec_free=44 << 10, exec_total=88 << 10, exec_largest=40 << 10
    )
    assert "exec 44 kB" in [str(part) for part in vital_words.short(vitals)]
    said = {str(name): value for name, value in vital_words.rows(vitals, None)}
    assert said["For machine code (exec)"] == "44 kB of 88 kB free"
    assert said["Largest native module"] == "up to 40 kB"


def test_where_there_is_little_room_the_first_parts_stay(ide: Studio, console: ConsolePanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: answers(ide.ctx.vitals, 1), timeout=PATIENT)
    line = console.board_strip.line
    line.resize(line.fontMetrics().horizontalAdvance(" · ".join(line.parts[:2])) + 4, line.height())
    assert line.fitting() == " · ".join(line.parts[:2])


def test_what_is_typed_while_the_board_is_asked_arrives(ide: Studio, console: ConsolePanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: answers(ide.ctx.vitals, 1), timeout=PATIENT)
    for number in range(30):
        ide.ctx.vitals._ask()  # as if its timer had come at just this moment
        console.console.enter(f"print({number} * 1000 + 7)")
        qtbot.waitUntil(lambda number=number: f"{number * 1000 + 7}\r\n" in ide.text, timeout=PATIENT)
    assert "Error" not in ide.text
    assert "raw REPL" not in ide.text


def test_a_program_that_runs_is_not_asked(ide: Studio, console: ConsolePanel, qtbot: QtBot) -> None:
    vitals, board = ide.ctx.vitals, ide.ctx.board
    qtbot.waitUntil(lambda: answers(vitals, 1), timeout=PATIENT)
    console.console.enter("import time")
    qtbot.waitUntil(lambda: board.state == "prompt", timeout=PATIENT)
    console.console.enter("while True: print('on', end=' '); time.sleep(0.05)")
    console.console.enter("")
    qtbot.waitUntil(lambda: ide.text.count("on ") > 3, timeout=PATIENT)
    n = len(vitals.history)
    assert board.state == "running"
    assert not vitals._timer.isActive()
    qtbot.waitUntil(lambda: ide.text.count("on ") > 40, timeout=PATIENT)
    assert len(vitals.history) == n
    board.interrupt()
    qtbot.waitUntil(lambda: len(vitals.history) > n, timeout=PATIENT)
    assert board.state == "prompt"


def test_a_statement_that_goes_on_is_left_alone(ide: Studio, console: ConsolePanel, qtbot: QtBot) -> None:
    vitals, board = ide.ctx.vitals, ide.ctx.board
    qtbot.waitUntil(lambda: answers(vitals, 1), timeout=PATIENT)
    console.console.enter("for n in range(3):")
    qtbot.waitUntil(lambda: board.continued, timeout=PATIENT)
    assert not vitals._timer.isActive()
    n = len(vitals.history)
    board.interrupt()
    qtbot.waitUntil(lambda: answers(vitals, n + 1), timeout=PATIENT)


def test_nobody_looks_nothing_is_asked(ide: Studio, console: ConsolePanel, qtbot: QtBot) -> None:
    vitals = ide.ctx.vitals
    qtbot.waitUntil(lambda: answers(vitals, 1), timeout=PATIENT)
    console.hide()
    qtbot.waitUntil(lambda: not vitals._timer.isActive() and not vitals._asking, timeout=PATIENT)
    n = len(vitals.history)
    console.console.enter("x = 1")
    qtbot.waitUntil(lambda: ide.text.count(">>> ") >= 2, timeout=PATIENT)
    assert not vitals._timer.isActive()
    console.show()
    qtbot.waitUntil(lambda: answers(vitals, n + 1), timeout=PATIENT)


def test_a_pause_holds_and_is_remembered(ide: Studio, console: ConsolePanel, qtbot: QtBot) -> None:
    vitals, strip = ide.ctx.vitals, console.board_strip
    qtbot.waitUntil(lambda: answers(vitals, 1), timeout=PATIENT)
    strip.pause.click()
    assert vitals.paused
    assert strip.pause.isChecked()
    assert "paused" in strip.line.parts
    assert not vitals._timer.isActive()
    assert not ide.ctx.settings.on(ON)
    n = len(vitals.history)
    strip.pause.click()
    qtbot.waitUntil(lambda: answers(vitals, n + 1), timeout=PATIENT)
    assert "paused" not in strip.line.parts


def test_another_board_begins_anew(ide: Studio, console: ConsolePanel, qtbot: QtBot) -> None:
    vitals = ide.ctx.vitals
    qtbot.waitUntil(lambda: answers(vitals, 1), timeout=PATIENT)
    ide.ctx.board.disconnect_board()
    assert vitals.latest is None
    assert vitals.peak is None
    assert console.board_strip.line.parts == []
    assert console.board_strip.pause.isHidden()


def test_the_board_spends_two_hundredths_of_its_time_at_most(ide: Studio, console: ConsolePanel, qtbot: QtBot) -> None:
    """A slow line: a round trip of 4 s has to be followed by 196 s of rest, whatever is set, and a new prompt too."""
    vitals = ide.ctx.vitals
    qtbot.waitUntil(lambda: answers(vitals, 1), timeout=PATIENT)
    vitals._asking = True
    vitals._take(Vitals(at=1.0, heap_used=10, heap_free=10, round_trip_s=4.0))
    assert vitals._timer.interval() > 190_000
    vitals._state = "running"
    vitals._board_changed()
    assert vitals._timer.interval() > 190_000


def test_history_is_bounded_and_collections_are_seen(ide: Studio) -> None:
    vitals = ide.ctx.vitals
    one = Vitals(at=0.0, heap_used=1000, heap_free=9000, fs_free=5, fs_total=10)
    for second, used in ((0, 1000), (5, 3000), (10, 2000), (15, 2500)):
        vitals._take(replace(one, at=float(second), heap_used=used))
    assert [sample.collected for sample in vitals.history] == [False, False, True, False]
    assert vitals.peak == 3000
    vitals._take(replace(one, at=MINUTES_S + 7, heap_used=2600, fs_free=None, fs_total=None))
    assert [sample.vitals.at for sample in vitals.history] == [10.0, 15.0, MINUTES_S + 7]
    assert vitals.latest is not None
    assert (vitals.latest.fs_free, vitals.latest.fs_total) == (5, 10)  # as of the last time that it was asked


def test_a_soft_reset_is_no_collection(ide: Studio) -> None:
    vitals = ide.ctx.vitals
    vitals._take(Vitals(at=0.0, heap_used=3000, heap_free=9000))
    vitals._state, vitals._address, ide.ctx.board.state = "prompt", None, "busy"
    vitals._board_changed()
    vitals._take(Vitals(at=5.0, heap_used=1000, heap_free=9000))
    assert [(sample.joined, sample.collected) for sample in vitals.history] == [(False, False), (False, False)]


def test_a_board_that_comes_back_at_another_port_keeps_its_history(
    ide: Studio, console: ConsolePanel, qtbot: QtBot
) -> None:
    vitals, board = ide.ctx.vitals, ide.ctx.board
    qtbot.waitUntil(lambda: answers(vitals, 2), timeout=PATIENT)
    board.state = "lost"
    board.changed.emit()
    board.address, board.state = "COM7", "prompt"  # as the worker says when it found the board there
    board.changed.emit()
    assert answers(vitals, 2)
    assert not vitals._joined  # it has restarted meanwhile
    board.address = BOARD
    board.changed.emit()
