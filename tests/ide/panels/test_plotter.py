"""The plotter as a person meets it: numbers come, curves are there; zoom, pause, save; a flood holds nothing up."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ide.context import IdeContext
from ide.panels.plotter.feed import ROOM
from ide.panels.plotter.widget import PlotterPanel
from ide.panels.plotter.window_of import Part, elapsed, label, scale, with_room
from ide.words import words

_WAIT_MS = 30_000


@pytest.fixture
def panel(qtbot: QtBot, ide_ctx: IdeContext) -> PlotterPanel:
    made = PlotterPanel(ide_ctx)
    qtbot.addWidget(made)
    made.resize(900, 300)
    with qtbot.waitExposed(made, timeout=_WAIT_MS):
        made.show()
    return made


def come(qtbot: QtBot, ctx: IdeContext, panel: PlotterPanel, data: bytes, points: int) -> None:
    """The board prints this, and so many points are there then."""
    ctx.board.printed.emit(data)
    table = panel.feed.table
    qtbot.waitUntil(lambda: table.first + table.n_rows >= points, timeout=_WAIT_MS)


def waves(n: int) -> bytes:
    return b"sine, cosine\r\n" + b"".join(b"%.4f, %.4f\r\n" % (math.sin(i / 9), math.cos(i / 9)) for i in range(n))


def colours(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(image.height())}


def test_what_the_program_prints_is_drawn_and_named(qtbot: QtBot, ide_ctx: IdeContext, panel: PlotterPanel) -> None:
    assert panel.stack.currentWidget() is panel.empty
    assert "print(" in panel.empty.text()
    come(qtbot, ide_ctx, panel, b"hello\r\n" + waves(60), 60)
    assert panel.stack.currentWidget() is panel.chart
    assert [button.text() for button in panel.legend.buttons] == ["sine", "cosine"]
    assert panel.count.text() == "60 points"
    seen = colours(panel.chart.grab().toImage())
    assert {ide_ctx.themes.color(token).name() for token in ("type", "string")} <= seen
    panel.legend.buttons[0].click()
    assert ide_ctx.themes.color("type").name() not in colours(panel.chart.grab().toImage())


def test_zoom_and_pan_leave_the_live_view_and_lead_back_to_it(
    qtbot: QtBot, ide_ctx: IdeContext, panel: PlotterPanel
) -> None:
    come(qtbot, ide_ctx, panel, waves(2000), 2000)
    assert panel.chart.seen == (1500.0, 1999.0)
    qtbot.keyClick(panel.chart, Qt.Key.Key_Left)
    assert not panel.live.isChecked()
    before = panel.chart.seen
    come(qtbot, ide_ctx, panel, waves(50), 2050)
    assert panel.chart.seen == before
    qtbot.keyClick(panel.chart, Qt.Key.Key_End)
    assert (panel.live.isChecked(), panel.chart.seen[1]) == (True, 2049.0)
    qtbot.keyClick(panel.chart, Qt.Key.Key_Home)
    assert panel.chart.seen == (0.0, 2049.0)
    qtbot.keyClick(panel.chart, Qt.Key.Key_Plus)
    begin, end = panel.chart.seen
    assert end - begin < 2049
    turn(panel, -120)
    assert panel.chart.seen[1] - panel.chart.seen[0] > end - begin
    assert "point" in panel.chart.values_at(2000)


def turn(panel: PlotterPanel, by: int) -> None:
    """The wheel, in the middle of the curves."""
    middle = QPointF(panel.chart.rect().center())
    event = QWheelEvent(middle, middle, QPoint(), QPoint(0, by), Qt.MouseButton.NoButton,
                        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    QApplication.sendEvent(panel.chart, event)


def test_a_pause_leaves_out_what_comes_and_a_new_run_begins_anew(
    qtbot: QtBot, ide_ctx: IdeContext, panel: PlotterPanel
) -> None:
    come(qtbot, ide_ctx, panel, b"1\n2\n", 2)
    panel.pause.click()
    ide_ctx.board.printed.emit(b"3\n")
    ide_ctx.runs.started.emit("run")
    assert panel.pause.text() == "Go on"
    panel.pause.click()
    come(qtbot, ide_ctx, panel, b"4\n", 3)
    assert list(panel.feed.table.columns[0].values) == [1.0, 2.0, 4.0]
    ide_ctx.runs.started.emit("run")
    assert panel.stack.currentWidget() is panel.empty


def test_what_came_while_nobody_looked_is_there(qtbot: QtBot, ide_ctx: IdeContext, panel: PlotterPanel) -> None:
    panel.hide()
    ide_ctx.board.printed.emit(waves(300))
    assert panel.feed.table.n_rows == 0
    panel.show()
    qtbot.waitUntil(lambda: panel.feed.table.n_rows == 300, timeout=_WAIT_MS)


def test_a_scale_of_one_s_own_holds(qtbot: QtBot, ide_ctx: IdeContext, panel: PlotterPanel) -> None:
    come(qtbot, ide_ctx, panel, waves(50), 50)
    assert not panel.low.isVisible()
    panel.auto.click()
    for line, text in ((panel.low, "-2"), (panel.high, "2,5")):
        qtbot.keyClicks(line, text)
    assert panel.chart.fixed == (-2.0, 2.5)
    panel.high.clear()
    qtbot.keyClicks(panel.high, "-5")
    assert panel.chart.fixed is None
    panel.auto.click()
    assert not panel.high.isVisible()


def test_below_the_curves_is_when_a_point_came(qtbot: QtBot, ide_ctx: IdeContext, panel: PlotterPanel) -> None:
    come(qtbot, ide_ctx, panel, b"1\n", 1)
    began = time.monotonic()
    qtbot.waitUntil(lambda: time.monotonic() - began > 0.1, timeout=_WAIT_MS)
    come(qtbot, ide_ctx, panel, b"2\n3\n", 3)
    first, second, third = panel.feed.table.times
    assert first == 0.0
    assert second == third >= 0.1
    assert "point 2, after 0." in panel.chart.values_at(2)
    before = panel.chart.grab().toImage()
    panel.timed.click()
    assert panel.chart.grab().toImage() != before
    ide_ctx.board.printed.emit(b"4\n" * 200_000)  # a flood: what is left out takes its times along
    qtbot.waitUntil(lambda: not panel.feed._waiting, timeout=_WAIT_MS)
    assert len(panel.feed.table.times) == panel.feed.table.n_rows
    assert not panel.feed._arrivals


def test_a_time_is_said_shortly() -> None:
    assert [elapsed(s) for s in (0, 12.34, 125, 3725)] == ["0.00 s", "12.3 s", "2:05", "1:02:05"]


def test_curves_are_saved_as_a_picture_and_as_csv(
    qtbot: QtBot, ide_ctx: IdeContext, panel: PlotterPanel, tmp_path: Path
) -> None:
    come(qtbot, ide_ctx, panel, b"a, b\n1, 2\n3\n", 2)
    said: list[object] = []
    ide_ctx.notices.added.connect(said.append)
    panel.save_picture_as(tmp_path / "my plot é.png")
    panel.save_csv_as(tmp_path / "my plot é.csv")
    panel.save_csv_as(tmp_path / "nowhere" / "plot.csv")
    qtbot.waitUntil(lambda: len(said) == 3, timeout=_WAIT_MS)
    assert (tmp_path / "my plot é.csv").read_text() == "a,b\n1,2\n3,\n"
    assert QImage(str(tmp_path / "my plot é.png")).width() == panel.chart.width()
    assert [one.kind for one in said].count("error") == 1  # type: ignore[attr-defined]


def test_of_a_flood_the_newest_is_drawn_in_small_pieces(qtbot: QtBot, ide_ctx: IdeContext, panel: PlotterPanel) -> None:
    flood = b"".join(b"%d, %d\n" % (n, n % 100) for n in range(400_000))
    ide_ctx.board.printed.emit(flood)
    assert panel.feed.dropped > len(flood) - ROOM - 100
    pieces: list[int] = []
    panel.feed.came.connect(lambda: pieces.append(panel.feed.table.n_rows))
    qtbot.waitUntil(lambda: panel.feed.table.n_rows > 0 and not panel.feed._waiting, timeout=_WAIT_MS)
    assert len(pieces) > 2
    assert panel.feed.table.columns[0].values[-1] == 399_999.0
    panel.chart.show_all()
    panel.chart.grab()


def test_the_plotter_speaks_the_person_s_language(qtbot: QtBot, panel: PlotterPanel) -> None:
    for button in (panel.pause, panel.live, panel.zoom_in, panel.clear_button, panel.save_csv):
        assert button.text()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert panel.chart.accessibleName() == "Curves"
    words.use("fr")
    words.use("en")


def test_a_scale_has_round_numbers() -> None:
    assert scale(0, 10, 5) == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    assert scale(5, 5, 5) == scale(math.nan, 1, 5) == scale(-math.inf, 1, 5) == []
    assert len(scale(-1e300, 1e300, 4)) <= 6
    assert [label(value, 0.5) for value in (-0.5, 0, 1)] == ["-0.5", "0", "1.0"]
    assert with_room(3.0, 3.0) == (2.7, 3.3)
    assert with_room(0.0, 0.0) == (-1.0, 1.0)


def test_a_part_stays_within_the_points() -> None:
    part = Part()
    part.zoom(1000.0, 0.5, 0, 100)
    assert part.width == 100.0
    part.zoom(1e-9, 0.5, 0, 100)
    begin, end = part.range(0, 100)
    assert 0 <= begin < end <= 99
    for _time in range(40):
        part.pan(-1.0, 0, 100)
    assert part.range(0, 100)[0] == 0.0
    for _time in range(40):
        part.pan(1.0, 0, 100)
    assert part.live
