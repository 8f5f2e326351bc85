"""The heap map: drawn block by block, asked by mouse and keys, compared; 8 MB of it without a stall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from ide.board.memory.heap_map import HeapMap, compare
from ide.board.memory.mem_info import MemInfo, parse
from ide.panels.board import heap_colors, heap_files, heap_paint, heap_words
from ide.panels.board.heap_grid import Block
from ide.panels.board.heap_paint import changed, object_at, owned, snapshot
from ide.panels.board.widget import BoardPanel
from ide.themes import themes
from tests.ide.board.memory.test_heap_map import heap
from tests.ide.board.recorded import said
from tests.ide.panels.board.conftest import PATIENT
from tests.ide.panels.stand_in import Studio


def show(panel: BoardPanel, *maps: HeapMap) -> None:
    """As if the board had answered."""
    panel.show_page(panel.heap)
    for one in maps:
        panel.heap.asked.value = snapshot(one)
        panel.heap.snapshots.append(panel.heap.asked.value)
    panel.heap._fill()


def pixel(panel: BoardPanel, block: Block) -> QColor:
    """The colour that a block has on the screen."""
    grid = panel.heap.grid
    image: QImage = grid.viewport().grab().toImage()
    place = grid._place(block).center() * image.devicePixelRatio()
    return image.pixelColor(place)


def test_each_block_has_the_colour_of_its_object(panel: BoardPanel) -> None:
    show(panel, heap(b"D==h..S=" + b"." * 56))
    panel.heap.grid.fit()
    theme = themes.theme
    heads = heap_colors.of_kinds(theme)
    assert panel.heap.grid.cell == 16
    panel.heap.grid.zoom(-3)  # no letters in the cells
    colors = [pixel(panel, Block(0, at)) for at in range(5)]
    dictionary = heap_colors.SYMBOLS.index("D")
    assert colors[0] == heads[dictionary]
    assert colors[1] == colors[2] == heads[dictionary + len(heap_colors.SYMBOLS)]
    assert colors[3] == heap_colors.color_of(theme, "h")
    assert colors[4] == heap_colors.color_of(theme, ".")


def test_summary_legend_and_free_runs(panel: BoardPanel) -> None:
    show(panel, HeapMap(0.0, parse(said("mem_info_esp32_two_areas"))))
    page = panel.heap
    assert "The largest free run is 108 kB" in page.summary.text()
    model = page.legend.rows
    titles = [str(model.data(model.index(row, 0), Qt.ItemDataRole.DisplayRole)) for row in range(model.rowCount())]
    assert titles[0] == ".  free"
    assert "D  dictionaries" in titles
    assert page.runs.rows.rowCount() >= 1
    assert len(page.grid._areas) == 2
    assert page.grid.accessibleDescription() == page.summary.text()


def test_mouse_and_arrows_say_what_a_block_is(panel: BoardPanel, qtbot: QtBot) -> None:
    show(panel, heap(b"D==h" + b"." * 60, b"." * 63 + b"L"))
    grid = panel.heap.grid
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.cursor_block == Block(0, 0)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert panel.heap.pointed.text() == "0x1020: dictionaries, 48 B from 0x1000"
    grid.go_to(Block(0, 63))
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.cursor_block == Block(1, 0)
    qtbot.keyClick(grid, Qt.Key.Key_Left)
    assert grid.cursor_block == Block(0, 63)
    qtbot.mouseMove(grid.viewport(), grid._place(Block(1, 63)).center())
    assert "lists" in panel.heap.pointed.text()
    before = grid.cell
    qtbot.keyClicks(grid, "+")
    assert grid.cell > before


def test_two_maps_side_by_side_with_what_changed(panel: BoardPanel, qtbot: QtBot) -> None:
    before, after = heap(b"h=..DS" + b"." * 58), heap(b"h=L..S" + b"." * 58)
    show(panel, before, replace(after, at=1.0))
    page = panel.heap
    assert page.other.isHidden()
    page.before.setCurrentIndex(1)
    page._chosen()
    qtbot.waitUntil(lambda: page.change is not None)
    assert page.other.isVisible()
    assert "Since the earlier map 16 B became used, 16 B free" in page.summary.text()
    assert page.grid.columns == page.other.columns
    page.grid.go_to(Block(0, 2))
    assert page.pointed.text().endswith("newly used")
    assert pixel(panel, Block(0, 2)) == themes.color("amber")
    assert pixel(panel, Block(0, 4)) == themes.color("green")
    model = page.legend.rows
    changes = {
        str(model.data(model.index(row, 0), 0))[0]: model.data(model.index(row, 3), 0)
        for row in range(model.rowCount())
    }
    assert changes["L"] == "+16 B"
    assert changes["D"] == "-16 B"


def test_8_mb_are_drawn_a_screenful_at_a_time(panel: BoardPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a million blocks: however far one scrolls or zooms, as many letters are drawn as there is room for."""
    info = parse(said("mem_info_esp32s3_psram"))
    blocks = (b"h===S=A.=" * 60_000)[: 1 << 19]
    area = replace(info.areas[0], n_blocks=len(blocks), blocks=blocks)
    show(panel, HeapMap(0.0, replace(info, areas=(area,))))
    grid, bar = panel.heap.grid, panel.heap.grid.verticalScrollBar()
    lettered: list[range] = []
    write = grid._paint_letters
    monkeypatch.setattr(
        grid, "_paint_letters", lambda painter, area, top, of: (lettered.append(of), write(painter, area, top, of))
    )
    for zoom in (-8, 8):
        grid.zoom(zoom)
        for place in (0, bar.maximum() // 2, bar.maximum()):
            bar.setValue(place)
            grid.viewport().grab()
    room = grid.viewport().width() * grid.viewport().height() / grid.cell**2
    assert len(lettered) >= 3, "letters are written when blocks are large"
    assert all(0 < len(of) <= room + 2 * grid.columns for of in lettered)  # and a row that is cut off at each end
    assert lettered[-1].stop == len(blocks)
    grid.go_to(Block(0, 12_345))
    assert 0 <= grid._place(Block(0, 12_345)).top() < grid.viewport().height()


def test_a_board_draws_its_own_map_and_the_next_one_differs(
    ide: Studio, panel: BoardPanel, qtbot: QtBot, met: Callable[[], None]
) -> None:
    panel.show_page(panel.heap)
    page = panel.heap
    qtbot.waitUntil(page.act.isEnabled, timeout=PATIENT)
    page.act.click()
    qtbot.waitUntil(lambda: len(page.snapshots) == 1, timeout=PATIENT)
    shown = page.shown
    assert shown is not None
    assert shown.map.n_blocks > 60_000
    before = ide.text
    ide.ctx.board.type(b"kept = [bytearray(200) for n in range(50)]\r")
    qtbot.waitUntil(lambda: ide.text.count(">>> ") > before.count(">>> "), timeout=PATIENT)
    met()
    qtbot.waitUntil(page.act.isEnabled, timeout=PATIENT)
    page.act.click()
    qtbot.waitUntil(lambda: len(page.snapshots) == 2, timeout=PATIENT)
    page.before.setCurrentIndex(1)
    page._chosen()
    qtbot.waitUntil(lambda: page.change is not None, timeout=PATIENT)
    assert page.change is not None
    assert page.change.newly_used * 16 >= 50 * 200
    assert "mem_info" not in ide.text
    ide.ctx.board.disconnect_board()
    assert not page.snapshots


def test_a_map_is_kept_in_a_file_and_compared_with_later(
    ide: Studio, panel: BoardPanel, qtbot: QtBot, tmp_path: Path
) -> None:
    page, file = panel.heap, tmp_path / "heap é.json"
    show(panel, heap(b"h=..DS" + b"." * 58))
    assert page.shown is not None
    heap_files.save_to(ide.ctx, page.shown, file)
    qtbot.waitUntil(lambda: file.is_file() and not ide.ctx.jobs.running)
    page.snapshots.clear()
    show(panel, heap(b"h=L..S" + b"." * 58))
    heap_files.open_from(ide.ctx, file, page.opened)
    qtbot.waitUntil(lambda: page.change is not None)
    assert len(page.snapshots) == 2
    assert "Since the earlier map 16 B became used" in page.summary.text()


def test_a_file_that_is_no_map_is_told(ide: Studio, panel: BoardPanel, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text("{}", "utf-8")
    heap_files.open_from(ide.ctx, file, panel.heap.opened)
    qtbot.waitUntil(lambda: not ide.ctx.jobs.running)
    assert not panel.heap.snapshots
    assert [notice.kind for notice in ide.ctx.notices.kept] == ["error"]


def test_colours_follow_the_theme(panel: BoardPanel) -> None:
    show(panel, heap(b"h" * 64))
    themes.use("dark")
    try:
        assert panel.heap.grid._colors == heap_colors.of_kinds(themes.theme)
    finally:
        themes.use("light")


# --- without a window ------------------------------------------------------------------------------------------------


@given(st.binary(max_size=300).map(lambda some: bytes(b"hSD.=?="[n % 7] for n in some)))
def test_every_block_belongs_to_the_object_before_it(blocks: bytes) -> None:
    found = owned(blocks)
    assert len(found) == len(blocks)
    for at, (symbol, old) in enumerate(zip(found, blocks, strict=True)):
        start, length = object_at(blocks, at)
        assert start <= at < start + length
        if old == ord("=") and symbol & heap_paint.TAIL_BIT:
            assert symbol & ~heap_paint.TAIL_BIT == blocks[start]
        elif old != ord("="):
            assert symbol == old


def test_places_of_a_comparison() -> None:
    before, after = heap(b"h=..DSA."), heap(b"h=L..S.A")
    (found,) = changed(after, compare(before, after))
    assert list(found[:8]) == [1, 1, 3, 0, 4, 1, 4, 3]


@pytest.mark.parametrize("heap_map", [HeapMap(0.0, MemInfo()), heap(b"?" * 64)])
def test_a_map_of_nothing_is_told(heap_map: HeapMap) -> None:
    assert "free" in heap_words.summary(heap_map, None)
