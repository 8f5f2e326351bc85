"""The panel "Compiled": lines of C and of assembly that belong together, and the bytes of the module."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt

from ide.editor.scintilla import M
from ide.panels.compiled.assembly_page import LINKED
from ide.panels.compiled.panel import PANEL
from ide.panels.compiled.widget import CompiledPanel
from ide.treemap import Tile, Treemap, squarified
from tests.ide.panels.stand_in import Studio, studio
from toolchains import paths
from toolchains.toolbox import Toolbox

_PATIENCE = 60_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "factorial"
    shutil.copytree(paths.examples() / "factorial", place, ignore=shutil.ignore_patterns(".natmod"))
    return place


@pytest.fixture
def ide(qtbot, folder: Path, toolbox: Toolbox) -> Iterator[Studio]:
    with studio(folder) as found:
        yield found


@pytest.fixture
def panel(ide: Studio, qtbot) -> CompiledPanel:
    widget = PANEL.create(ide.ctx)
    qtbot.addWidget(widget)
    widget.resize(420, 640)
    widget.show()
    settled(widget, qtbot)
    return widget


def settled(panel: CompiledPanel, qtbot) -> None:
    qtbot.waitUntil(lambda: not panel.busy and not panel._stale, timeout=_PATIENCE)


def build(ide: Studio, panel: CompiledPanel, qtbot) -> None:
    with qtbot.waitSignal(ide.ctx.runs.ended, timeout=_PATIENCE):
        ide.ctx.runs.build(("rv32imc",))
    settled(panel, qtbot)


def marked(view) -> list[int]:
    lines = range(view.send(M.GetLineCount))
    return [line for line in lines if view.send(M.MarkerGet, line) & 1 << LINKED]


def test_a_line_of_c_marks_its_instructions_and_back(panel: CompiledPanel, qtbot, folder: Path) -> None:
    page = panel.assembly
    assert page.listing is not None
    assert panel.source.currentText() == "factorial.c"
    text = (folder / "factorial.c").read_text("utf-8")
    line = text[: text.index("result *= i;")].count("\n") + 1
    page.source.go_to(page.source.position_of(line))
    qtbot.waitUntil(lambda: marked(page.source) == [line - 1], timeout=_PATIENCE)
    there = marked(page.assembly)
    assert any("mul" in page.assembly.line_text(at) for at in there)
    assert f"Line {line}: {page.listing.count(line)} instruction" in page.head.text()
    assert page.source.send(M.GetReadOnly)
    assert page.assembly.send(M.GetReadOnly)


def test_an_instruction_marks_its_line_of_c(panel: CompiledPanel, qtbot, folder: Path) -> None:
    page = panel.assembly
    assert page.listing is not None
    panel.activateWindow()
    page.assembly.take_focus()
    qtbot.waitUntil(page.assembly.hasFocus, timeout=_PATIENCE)
    at = next(at for at, one in enumerate(page.listing.lines) if "mul" in one.text)
    page.assembly.go_to(page.assembly.position_of(at + 1))
    qtbot.waitUntil(lambda: len(marked(page.source)) == 1 and at in marked(page.assembly), timeout=_PATIENCE)
    assert "result *= i" in page.source.line_text(marked(page.source)[0])
    qtbot.keyClick(page.assembly, Qt.Key.Key_Tab)
    assert not page.assembly.hasFocus()  # a text to be read is no trap for the keyboard


def test_another_architecture_has_other_assembly(panel: CompiledPanel, qtbot) -> None:
    before = panel.assembly.assembly.text()
    panel.arch.setCurrentText("x64")
    panel.arch.activated.emit(panel.arch.currentIndex())
    settled(panel, qtbot)
    assert panel.assembly.assembly.text() != before
    assert "rsp" in panel.assembly.assembly.text() or "rax" in panel.assembly.assembly.text()


def test_a_source_with_a_mistake_is_told_in_words(ide: Studio, panel: CompiledPanel, qtbot, folder: Path) -> None:
    (folder / "factorial.c").write_text("int broken(", "utf-8")
    ide.editors.saved.emit(folder / "factorial.c")
    settled(panel, qtbot)
    assert "factorial.c" in panel.assembly.head.text()
    assert panel.assembly.split.isHidden()


def test_the_bytes_of_the_module_and_what_changed(ide: Studio, panel: CompiledPanel, qtbot, folder: Path) -> None:
    panel.pages.setCurrentWidget(panel.bytes)
    assert "Build the module" in panel.bytes.head.text()
    assert panel.bytes.split.isHidden()
    build(ide, panel, qtbot)
    assert "factorial.mpy" in panel.bytes.head.text()
    source = folder / "factorial.c"
    source.write_text(source.read_text("utf-8").replace("from 0 up", "from 0 up, please"), "utf-8")
    build(ide, panel, qtbot)
    assert "+" in panel.bytes.head.text()
    rows = [panel.bytes.table.topLevelItem(at) for at in range(panel.bytes.table.topLevelItemCount())]
    found = {row.text(0): row.text(2) for row in rows if row is not None}
    assert found["factorial needs a number from 0 up, please"].startswith("+")
    assert {row.text(3) for row in rows if row is not None} >= {"Function", "String", "Constant"}


def test_builds_that_nobody_watches_are_compared_too(ide: Studio, panel: CompiledPanel, qtbot, folder: Path) -> None:
    panel.hide()
    source = folder / "factorial.c"
    for words in ("from 0 up, please", "from 0 up, if you please"):
        with qtbot.waitSignal(ide.ctx.runs.ended, timeout=_PATIENCE):
            ide.ctx.runs.build(("rv32imc",))
        qtbot.waitUntil(lambda: not ide.ctx.jobs.running, timeout=_PATIENCE)
        source.write_text(source.read_text("utf-8").replace("from 0 up", words, 1), "utf-8")
    panel.show()
    settled(panel, qtbot)
    assert "against the last build" in panel.bytes.head.text()


def test_map_and_table_choose_the_same(ide: Studio, panel: CompiledPanel, qtbot) -> None:
    panel.pages.setCurrentWidget(panel.bytes)
    build(ide, panel, qtbot)
    page = panel.bytes
    qtbot.keyClick(page.treemap, Qt.Key.Key_Home)
    assert page.treemap.current == 0
    assert page.table.indexOfTopLevelItem(page.table.currentItem()) == 0
    assert page.treemap.accessibleDescription()
    page.table.setCurrentItem(page.table.topLevelItem(2))
    assert page.treemap.current == 2


def test_areas_are_as_large_as_what_they_stand_for(qtbot) -> None:
    sizes = [600.0, 300.0, 60.0, 40.0]
    places = squarified(sizes, QRectF(0, 0, 200, 100))
    assert [round(place.width() * place.height()) for place in places] == [12000, 6000, 1200, 800]
    assert all(QRectF(-1, -1, 202, 102).contains(place) for place in places)
    assert squarified([0.0], QRectF(0, 0, 10, 10)) == [QRectF()]


def test_arrows_walk_through_all_tiles(ide: Studio, qtbot) -> None:
    treemap = Treemap(ide.ctx.themes, None)  # type: ignore[arg-type]
    qtbot.addWidget(treemap)
    treemap.resize(300, 200)
    treemap.show_tiles([Tile("a", f"n{size}", size) for size in (50, 40, 30, 20, 10)] + [Tile("a", "gone", 0, -5)])
    qtbot.keyClick(treemap, Qt.Key.Key_Right)
    seen = {treemap.current}
    for _round in range(4):
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up):
            qtbot.keyClick(treemap, key)
            seen.add(treemap.current)
    assert len(seen) > 2
    assert 5 not in seen  # nothing is drawn of what is gone
    qtbot.keyClick(treemap, Qt.Key.Key_End)
    assert treemap.tiles[treemap.current].size == 10
