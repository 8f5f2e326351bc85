"""The Problems panel: what a person sees, and where a row leads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from ide import words
from ide.panels.problems.panel import PANEL
from ide.panels.problems.widget import ProblemsPanel
from ide.problems import Problem
from tests.ide.panels.stand_in import Studio, studio
from toolchains import languages


@pytest.fixture
def ide(qtbot, tmp_path: Path) -> Iterator[Studio]:
    with studio(tmp_path) as found:
        yield found


@pytest.fixture
def panel(ide: Studio, qtbot) -> ProblemsPanel:
    widget = PANEL.create(ide.ctx)
    qtbot.addWidget(widget)
    widget.resize(900, 240)
    widget.show()
    return widget


def some(folder: Path) -> list[Problem]:
    return [
        Problem("warning", "unused variable 'x'", folder / "a.c", 3, 9),
        Problem("error", "expected ';'", folder / "src" / "b.c", 5, 12, "the tool's words"),
        Problem("note", "declared here", folder / "a.c", 1, 1),
    ]


def cells(panel: ProblemsPanel) -> list[list[str]]:
    model = panel.model
    return [[model.data(model.index(r, c)) for c in range(4)] for r in range(model.rowCount())]


def test_an_empty_panel_says_what_will_appear(panel: ProblemsPanel) -> None:
    assert panel.empty.isVisible()
    assert "appears here after Build or Run" in panel.empty.text()
    assert not panel.copy.isEnabled()


def test_errors_come_first_with_words_and_marks(ide: Studio, panel: ProblemsPanel, tmp_path: Path) -> None:
    ide.ctx.problems.put("build", some(tmp_path))
    assert cells(panel) == [
        ["× error", "expected ';'", "src/b.c", "5"],
        ["! warning", "unused variable 'x'", "a.c", "3"],
        ["· note", "declared here", "a.c", "1"],
    ]
    assert ide.layout.badges["problems"] == 2
    assert panel.filters["error"].text() == "1 error"


def test_filters_hide_and_say_so(ide: Studio, panel: ProblemsPanel, tmp_path: Path) -> None:
    ide.ctx.problems.put("build", some(tmp_path))
    panel.filters["warning"].click()
    assert [row[0] for row in cells(panel)] == ["× error", "· note"]
    panel.filters["error"].click()
    panel.filters["note"].click()
    assert panel.empty.text() == "All of them are filtered out."
    assert ide.layout.badges["problems"] == 2  # they are still there


def test_enter_goes_to_the_place(ide: Studio, panel: ProblemsPanel, qtbot, tmp_path: Path) -> None:
    ide.ctx.problems.put("build", some(tmp_path))
    panel.table.selectRow(0)
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert ide.editors.opened == [(tmp_path / "src" / "b.c", 5, 12, True)]


def test_a_click_goes_there_and_keeps_the_keyboard_in_the_table(
    ide: Studio, panel: ProblemsPanel, qtbot, tmp_path: Path
) -> None:
    ide.ctx.problems.put("build", some(tmp_path))
    at = panel.table.visualRect(panel.model.index(1, 1)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert ide.editors.opened == [(tmp_path / "a.c", 3, 9, False)]


def test_next_and_previous_go_around(ide: Studio, panel: ProblemsPanel, tmp_path: Path) -> None:
    commands = ide.ctx.commands
    assert not commands.run("problems.next")  # there is none
    ide.ctx.problems.put("build", some(tmp_path))
    for _time in range(4):
        assert commands.run("problems.next")
    assert commands.run("problems.previous")
    assert [line for _path, line, _column, _focus in ide.editors.opened] == [5, 3, 1, 5, 1]


def test_copy_is_what_compilers_write(ide: Studio, panel: ProblemsPanel, qtbot, tmp_path: Path) -> None:
    ide.ctx.problems.put("build", some(tmp_path))
    panel.table.selectRow(0)
    panel.copy.click()
    assert QGuiApplication.clipboard().text() == "src/b.c:5:12: error: expected ';'\nthe tool's words"


def test_the_tool_s_own_words_on_demand(ide: Studio, panel: ProblemsPanel, tmp_path: Path) -> None:
    ide.ctx.problems.put("build", some(tmp_path))
    panel.table.selectRow(1)
    assert not panel.details.isEnabled()
    panel.table.selectRow(0)
    assert not panel.detail.isVisible()
    panel.details.click()
    assert panel.detail.isVisible()
    assert panel.detail.toPlainText() == "the tool's words"


def test_the_selected_problem_stays_selected(ide: Studio, panel: ProblemsPanel, tmp_path: Path) -> None:
    ide.ctx.problems.put("build", some(tmp_path))
    panel.table.selectRow(1)
    ide.ctx.problems.put("run", [Problem("error", "ZeroDivisionError: divide by zero")])
    selected = panel.selected()
    assert selected is not None
    assert selected.message == "unused variable 'x'"


def test_a_language_switch_reaches_heads_and_cells(ide: Studio, panel: ProblemsPanel, tmp_path: Path) -> None:
    ide.ctx.problems.put("build", some(tmp_path))
    try:
        words.words.use("fr")
        assert cells(panel)[0][1] == "expected ';'"
    finally:
        words.words.use("en")
        languages.use("en")
    assert panel.filters["error"].text() == "1 error"
