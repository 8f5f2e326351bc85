"""The Run panel: eight steps in plain words, the report, and what to do after a failure. On the simulated board."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.panels.run.panel import PANEL
from ide.panels.run.widget import RunPanel
from tests.ide.panels.stand_in import Studio, studio
from toolchains import paths
from toolchains.toolbox import Toolbox

BOARD = "sim:rv32"
_PATIENCE = 60_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "factorial"
    shutil.copytree(paths.examples() / "factorial", place, ignore=shutil.ignore_patterns(".natmod"))
    return place


@pytest.fixture
def ide(qtbot, folder: Path, toolbox: Toolbox, rv32_firmware: Path) -> Iterator[Studio]:
    with studio(folder) as found:
        found.ctx.board.use(BOARD)
        qtbot.waitUntil(lambda: found.ctx.board.state == "prompt", timeout=_PATIENCE)
        yield found


@pytest.fixture
def panel(ide: Studio, qtbot) -> RunPanel:
    widget = PANEL.create(ide.ctx)
    qtbot.addWidget(widget)
    widget.resize(320, 700)
    widget.show()
    return widget


def run(ide: Studio, qtbot, **wish: object) -> None:
    with qtbot.waitSignal(ide.ctx.runs.ended, timeout=_PATIENCE):
        assert ide.ctx.runs.run(**wish)


def states(panel: RunPanel) -> dict[str, str]:
    return {name: step.state for name, step in panel.steps.steps.items()}


def shown(panel: RunPanel) -> dict[str, str]:
    grid = panel.cost_grid
    rows = [[grid.itemAtPosition(row, column) for column in (0, 1)] for row in range(grid.rowCount())]
    return {one.widget().text(): two.widget().text() for one, two in rows if one is not None}


def test_before_the_first_run_it_says_what_to_do(panel: RunPanel) -> None:
    assert panel.headline.text() == "Press Run: the steps show here, and then what it cost."
    assert set(states(panel).values()) == {"waiting"}


def test_a_run_shows_its_steps_and_what_it_cost(ide: Studio, panel: RunPanel, qtbot) -> None:
    run(ide, qtbot)
    assert "3628800" in ide.text
    assert set(states(panel).values()) == {"done"}
    assert all(step.seconds is not None and " s" in step.time.text() for step in panel.steps.steps.values())
    cost = shown(panel)
    assert cost["module"].endswith("B")
    assert cost["compiler"].startswith("zig")
    assert "rv32imc" in cost["why this one"]
    assert {"memory before", "memory after", "it took", "the program ran", "time in all"} <= cost.keys()
    assert "built" in panel.headline.text()
    assert panel.trouble.isHidden()
    run(ide, qtbot)
    assert shown(panel)["change"] == "±0 B"


def test_an_error_in_c_is_told_in_the_panel_the_console_and_the_problems(
    ide: Studio, panel: RunPanel, qtbot, folder: Path
) -> None:
    source = folder / "factorial.c"
    source.write_text(source.read_text("utf-8").replace("return", "retrun", 1), "utf-8")
    run(ide, qtbot)
    assert states(panel)["build"] == "failed"
    assert states(panel)["run"] == "waiting"
    assert panel.steps.steps["build"].time.text().startswith("failed")
    assert "factorial.c:" in ide.text
    assert "error" in ide.text
    (problem,) = [one for one in ide.ctx.problems.of("build") if one.severity == "error"][:1]
    assert panel.trouble.go.text() == f"Go to factorial.c, line {problem.line}"
    panel.trouble.go.click()
    assert ide.editors.opened[0][:2] == (source, problem.line)


def test_an_exception_of_the_program_is_a_problem_at_its_line(
    ide: Studio, panel: RunPanel, qtbot, folder: Path
) -> None:
    (folder / "main.py").write_text("import factorial\nprint('before', end='')\n1 / 0\n", "utf-8")
    run(ide, qtbot)
    assert states(panel)["run"] == "failed"
    assert panel.trouble.sentence.text() == "ZeroDivisionError: divide by zero"
    (problem,) = ide.ctx.problems.of("run")
    assert (problem.path, problem.line) == (folder / "main.py", 3)
    assert "before\r\n\x1b[31mTraceback (most recent call last):\r\n" in ide.text
    assert "ZeroDivisionError: divide by zero\x1b[0m\r\n" in ide.text
    assert shown(panel)["compiler"].startswith("zig")  # the report is there all the same


def test_python_alone_needs_neither_sources_nor_compiler(ide: Studio, panel: RunPanel, qtbot, tmp_path: Path) -> None:
    file = tmp_path / "alone.py"
    file.write_text("print('alone')\nimport nothing_of_that_name\n", "utf-8")
    run(ide, qtbot, project=file)
    assert states(panel)["compiler"] == "unneeded"
    assert states(panel)["run"] == "failed"
    (problem,) = ide.ctx.problems.of("run")
    assert (problem.path, problem.line) == (file, 2)


def test_a_makefile_that_asks_shows_what_it_wants_to_run(ide: Studio, panel: RunPanel, qtbot, folder: Path) -> None:
    (folder / "natmod.toml").unlink()
    (folder / "Makefile").write_text(
        "MOD = factorial\nSRC = factorial.c\nARCH = rv32imc\nV := $(shell git describe)\nCFLAGS += -DV=$(V)\n"
        "include $(MPY_DIR)/py/dynruntime.mk\n"
    )
    run(ide, qtbot)
    assert "git describe" in panel.trouble.sentence.text()
    assert "Makefile:4: git describe" in panel.trouble.detail.toPlainText()
    assert panel.trouble.allow.isVisible()
    assert panel.trouble.go.text() == "Go to Makefile, line 4"
    with qtbot.waitSignal(ide.ctx.runs.ended, timeout=_PATIENCE):
        panel.trouble.allow.click()
    assert ide.ctx.runs.last is not None
    assert "consent" not in str(ide.ctx.runs.last.error)
