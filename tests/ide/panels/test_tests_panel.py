"""The tests panel on a real MicroPython: green, red, skipped, and one click to the line that failed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QTreeWidgetItem, QWidget
from pytestqt.qtbot import QtBot

from ide.context import IdeContext
from ide.panels.tests.widget import TestsPanel
from ide.words import words
from tests.ide.panels.fake_editors import FakeEditors
from tests.ide.panels.parts import FakeLayout, window_parts
from toolchains.sdk_tree import SdkTree

PATIENT = 60_000
FILES = {
    "demo.py": "def double(n):\n    return 2 * n\n",
    "main.py": "import demo\nprint(demo.double(2))\n",
    "tests/test_good.py": "import demo\nassert demo.double(2) == 4\n",
    "tests/test_bad.py": "import demo\nprint('été 中文')\n\nassert demo.double(2) == 5\n",
    "tests/test_skip.py": "print('SKIP no camera')\n",
    "tests/test_two.py": (
        "import unittest\n\n\nclass TestTwo(unittest.TestCase):\n    def test_right(self):\n"
        "        self.assertEqual(1, 1)\n\n    def test_wrong(self):\n        self.assertEqual(1, 2)\n"
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "élève 课程" / "demo"
    for name, text in FILES.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text, "utf-8")
    return target


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QWidget]:
    widget = QWidget()
    widget.resize(230, 500)
    yield widget
    widget.close()
    widget.deleteLater()


@pytest.fixture
def ctx(warm_home: Path, window: QWidget, folder: Path, tmp_path: Path) -> Iterator[IdeContext]:
    with window_parts(folder) as parts:
        yield dataclasses.replace(
            parts, editors=cast(Any, FakeEditors()), window=window, state_folder=tmp_path / "state"
        )
        words.use("en")


@pytest.fixture
def panel(ctx: IdeContext, window: QWidget, qtbot: QtBot) -> TestsPanel:
    made = TestsPanel(ctx)
    made.setParent(window)
    made.resize(window.size())
    window.show()
    qtbot.waitExposed(window)
    ctx.project.read()
    qtbot.waitUntil(lambda: len(made.results.files) == 4 and not ctx.jobs.running)
    return made


@pytest.fixture
def board(ctx: IdeContext, sdk_tree: SdkTree, unix_firmware: Path, qtbot: QtBot) -> None:
    ctx.board.use("sim:unix")
    qtbot.waitUntil(lambda: ctx.board.state == "prompt" and ctx.board.identity is not None, timeout=PATIENT)


def rows(panel: TestsPanel) -> dict[str, str]:
    """What a person reads: name and result, without the time."""
    found: dict[str, str] = {}

    def take(item: QTreeWidgetItem) -> None:
        found[item.text(0)] = " ".join(item.text(1).split()[:2])
        for at in range(item.childCount()):
            take(item.child(at))

    for at in range(panel.tree.topLevelItemCount()):
        take(panel.tree.topLevelItem(at))
    return found


def item_of(panel: TestsPanel, name: str) -> QTreeWidgetItem:
    (found,) = panel.tree.findItems(name, Qt.MatchFlag.MatchRecursive | Qt.MatchFlag.MatchExactly)
    return found


def run(ctx: IdeContext, panel: TestsPanel, qtbot: QtBot, command: str = "tests.run_all") -> None:
    assert ctx.commands.run(command)
    qtbot.waitUntil(lambda: panel._task is None, timeout=PATIENT)


def editors(ctx: IdeContext) -> FakeEditors:
    return cast(FakeEditors, ctx.editors)


def test_it_lists_the_tests_before_anything_ran(panel: TestsPanel, ctx: IdeContext) -> None:
    assert list(rows(panel)) == [
        "test_bad.py", "test_good.py", "test_skip.py", "test_two.py", "test_right", "test_wrong",
    ]  # fmt: skip
    assert panel.summary.text() == "Not run yet."
    assert not ctx.commands.run("tests.run_failed")
    assert not ctx.commands.run("tests.stop")


def test_all_of_them_on_a_board(panel: TestsPanel, ctx: IdeContext, board: None, folder: Path, qtbot: QtBot) -> None:
    console = bytearray()
    ctx.board.printed.connect(console.extend)
    run(ctx, panel, qtbot)
    qtbot.waitUntil(lambda: console.endswith(b">>> "), timeout=PATIENT)
    assert console.startswith(b"Run the tests\r\n")  # the new prompt is not behind the old one
    assert rows(panel) == {
        "test_bad.py": "✗ failed", "test_good.py": "✓ passed", "test_skip.py": "– skipped",
        "test_two.py": "✗ failed", "test_right": "✓ passed", "test_wrong": "✗ failed",
    }  # fmt: skip
    assert panel.summary.text() == "2 passed · 2 failed · 1 skipped"
    assert editors(ctx).saves == 1
    assert cast(FakeLayout, ctx.layout).shown == ["tests"]
    problems = ctx.problems.of("test")
    assert [(problem.path, problem.line) for problem in problems] == [
        (folder / "tests" / "test_bad.py", 4),
        (folder / "tests" / "test_two.py", 9),
    ]
    # The first that failed is shown, with what it printed.
    assert "assert demo.double(2) == 5" in panel.output.toPlainText()
    assert "été 中文" in panel.output.toPlainText()
    # One click, or Enter, and the line is there.
    where = panel.tree.visualItemRect(item_of(panel, "test_wrong")).center()
    qtbot.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert editors(ctx).opened == [(folder / "tests" / "test_two.py", 9)]
    panel.tree.setCurrentItem(item_of(panel, "test_bad.py"))
    qtbot.keyClick(panel.tree, Qt.Key.Key_Return)
    assert editors(ctx).opened[-1] == (folder / "tests" / "test_bad.py", 4)

    # What failed runs again alone; what was mended is green.
    (folder / "tests" / "test_bad.py").write_text("import demo\nassert demo.double(2) == 4\n", "utf-8")
    run(ctx, panel, qtbot, "tests.run_failed")
    assert rows(panel)["test_bad.py"] == "✓ passed"
    assert rows(panel)["test_wrong"] == "✗ failed"
    assert rows(panel)["test_good.py"] == "✓ passed"
    assert len(ctx.problems.of("test")) == 1

    # One alone.
    panel.tree.setCurrentItem(item_of(panel, "test_right"))
    run(ctx, panel, qtbot, "tests.run_selected")
    assert rows(panel)["test_right"] == "✓ passed"


def test_stop_ends_a_test_that_never_ends(
    panel: TestsPanel, ctx: IdeContext, board: None, folder: Path, qtbot: QtBot
) -> None:
    (folder / "tests" / "test_bad.py").write_text("while True:\n    pass\n", "utf-8")
    assert ctx.commands.run("tests.run_all")
    qtbot.waitUntil(lambda: rows(panel)["test_bad.py"] == "▸ runs", timeout=PATIENT)
    stop = next(button for button in panel.findChildren(QToolButton) if button.text() == "Stop")
    qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel._task is None, timeout=5000)
    assert "Cancelled" in panel.summary.text()
    assert set(rows(panel).values()) == {""}
    assert ctx.problems.of("test") == []
    qtbot.waitUntil(lambda: ctx.board.state == "prompt", timeout=PATIENT)
    panel.tree.setCurrentItem(item_of(panel, "test_good.py"))
    run(ctx, panel, qtbot, "tests.run_selected")
    assert rows(panel)["test_good.py"] == "✓ passed"


def test_without_a_board_one_is_asked_for(panel: TestsPanel, ctx: IdeContext) -> None:
    ctx.commands.run("tests.run_all")
    assert "choose one" in str(ctx.notices.kept[-1].text)
    assert panel._task is None


def test_nothing_runs_when_a_file_could_not_be_saved(panel: TestsPanel, ctx: IdeContext, board: None) -> None:
    editors(ctx).can_save = False
    ctx.commands.run("tests.run_all")
    assert panel._task is None


def test_a_module_that_does_not_build_is_a_problem_with_its_place(
    panel: TestsPanel, ctx: IdeContext, board: None, folder: Path, qtbot: QtBot
) -> None:
    (folder / "natmod.toml").write_text('schema = 1\n[module]\nname = "native"\n', "utf-8")
    (folder / "native.c").write_text('#include "py/dynruntime.h"\nint broken(\n', "utf-8")
    run(ctx, panel, qtbot)
    assert "native.c" in panel.summary.text()
    assert any(problem.path == folder / "native.c" and problem.line for problem in ctx.problems.of("test"))


def test_new_tests_are_seen_without_being_asked_for(panel: TestsPanel, folder: Path, qtbot: QtBot) -> None:
    (folder / "tests" / "test_more.py").write_text("assert True\n", "utf-8")
    qtbot.waitUntil(lambda: "test_more.py" in rows(panel))
    (folder / "tests" / "test_more.py").unlink()
    qtbot.waitUntil(lambda: "test_more.py" not in rows(panel))


def test_a_project_without_tests_says_how_to_write_one(
    window: QWidget, tmp_path: Path, warm_home: Path, qtbot: QtBot
) -> None:
    (tmp_path / "demo.py").touch()
    with window_parts(tmp_path) as parts:
        ctx = dataclasses.replace(parts, editors=cast(Any, FakeEditors()), window=window)
        panel = TestsPanel(ctx)
        panel.setParent(window)
        ctx.project.read()
        qtbot.waitUntil(lambda: "No tests yet" in panel.summary.text() and not ctx.jobs.running)
        assert not ctx.commands.run("tests.run_all")
        (tmp_path / "tests").mkdir()
        (tmp_path / "tests" / "test_demo.py").touch()
        qtbot.waitUntil(lambda: list(rows(panel)) == ["test_demo.py"])
        qtbot.waitUntil(lambda: not ctx.jobs.running)
