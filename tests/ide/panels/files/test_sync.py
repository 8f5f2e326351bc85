"""Project and board made the same: a preview first, then exactly that; nothing is deleted unasked."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt

from ide.board.files import sync
from ide.board.files.records import SyncPlan
from ide.board.files.sync import DEFAULT_EXCLUDES
from ide.panels.files.sync_dialog import SyncDialog
from tests.ide.panels.files.conftest import Hand
from tests.ide.panels.files.test_looking import run_forever


@pytest.fixture
def dialog(board: Hand) -> SyncDialog:
    """Open, over a board that has one file of the project in an older form, and one of its own."""
    board.write("/main.py", b"old\n")
    board.write("/only here.txt", b"data\n")
    assert board.ctx.commands.run("files.sync")
    found = cast(SyncDialog, board.panel.window().findChild(SyncDialog))
    board.until(lambda: found.plan is not None)
    return found


def rows(dialog: SyncDialog) -> list[tuple[str, str]]:
    table = dialog.table
    items = [table.topLevelItem(at) for at in range(table.topLevelItemCount())]
    return [(item.text(0), item.text(1)) for item in items]


def test_it_shows_what_would_change_and_then_does_exactly_that(board: Hand, dialog: SyncDialog, folder: Path) -> None:
    assert rows(dialog) == [("replaced", "/main.py"), ("new", "/lib/two words.py")]
    assert dialog.summary.text().startswith("1 new · 1 replaced · 0 the same · needs ")
    assert board.editors.saves == 1  # what is open is saved first
    assert dialog.act.text() == "Write 2 files"
    board.qtbot.mouseClick(dialog.act, Qt.MouseButton.LeftButton)
    board.until(lambda: dialog.summary.text().startswith("Done: 2 files went over"))
    board.until(lambda: dialog.plan is not None)
    board.settle()
    assert "Nothing to do: 2 files are the same." in dialog.summary.text()
    assert not dialog.act.isEnabled()
    assert board.read("/main.py") == (folder / "main.py").read_bytes()
    assert board.read("/lib/two words.py") == b"x = 2\n"
    assert board.read("/only here.txt") == b"data\n"
    dialog.all.click()
    assert rows(dialog) == [("the same", "/lib/two words.py"), ("the same", "/main.py")]
    board.until(lambda: "lib/" in board.shown())
    dialog.close()


def test_deleting_is_asked_for_and_said_before(board: Hand, dialog: SyncDialog) -> None:
    dialog.delete_too.click()
    board.until(lambda: ("deleted", "/only here.txt") in rows(dialog))
    assert dialog.act.text() == "Write 2 files, delete 1"
    dialog.act.click()
    board.until(lambda: "deleted: 1" in dialog.summary.text())
    board.settle()
    assert board.read("/only here.txt") is None
    dialog.close()


def test_what_is_left_out_is_remembered_for_the_project(board: Hand, dialog: SyncDialog) -> None:
    assert dialog.excludes.text().split() == [*DEFAULT_EXCLUDES]
    dialog.excludes.setText(".* __pycache__/ lib/ *.txt")
    dialog.excludes.editingFinished.emit()
    board.until(lambda: dialog.plan is not None and rows(dialog) == [("replaced", "/main.py")])
    dialog.act.click()
    board.until(lambda: dialog.summary.text().startswith("Done"))
    board.settle()
    dialog.close()
    board.until(lambda: board.panel.window().findChild(SyncDialog) is None)
    board.ctx.commands.run("files.sync")
    again = cast(SyncDialog, board.panel.window().findChild(SyncDialog))
    board.until(lambda: again.plan is not None and not again.comparing)
    assert again.excludes.text() == ".* __pycache__/ lib/ *.txt"
    assert rows(again) == []
    again.close()


def test_fetching_from_the_board_never_deletes_in_the_project(board: Hand, dialog: SyncDialog, folder: Path) -> None:
    dialog.delete_too.click()
    dialog.from_board.click()
    board.until(lambda: dialog.plan is not None and dialog.plan.direction == "from_board")
    assert not dialog.delete_too.isEnabled()
    assert rows(dialog) == [("replaced", "/main.py"), ("new", "/only here.txt")]
    assert dialog.act.text() == "Fetch 2 files"
    dialog.act.click()
    board.until(lambda: dialog.summary.text().startswith("Done: 2 files"))
    board.settle()
    assert (folder / "only here.txt").read_bytes() == b"data\n"
    assert (folder / "main.py").read_bytes() == b"old\n"
    assert (folder / "lib" / "two words.py").exists()
    dialog.close()


def test_a_running_program_is_asked_about_in_the_dialog(board: Hand, dialog: SyncDialog) -> None:
    from ide.panels.files.bars import HeldBar

    run_forever(board)
    dialog.act.click()
    bar = cast(HeldBar, dialog.findChild(HeldBar))
    board.until(bar.isVisible)
    assert board.ctx.board.state == "running"
    bar.buttons[1].click()  # let it run
    board.until(lambda: not dialog.comparing)
    assert board.ctx.board.state == "running"
    dialog.again.click()
    board.until(bar.isVisible)
    bar.buttons[0].click()
    board.until(lambda: dialog.plan is not None)
    assert board.ctx.board.state != "running"
    dialog.close()
    board.settle()


def test_what_was_compared_with_one_board_is_not_done_to_another(board: Hand, dialog: SyncDialog) -> None:
    session = board.ctx.board
    session.disconnect_board()
    assert dialog.plan is None
    assert not dialog.act.isEnabled()
    assert rows(dialog) == []
    assert dialog.summary.text() == "Look at the preview again: nothing was written."
    session.use("sim:unix")
    board.until(lambda: session.state == "prompt" and session.identity is not None)
    board.settle()
    assert dialog.plan is None
    dialog.apply()
    assert not board.panel.work.busy
    dialog.again.click()
    board.until(lambda: dialog.plan is not None)
    dialog.close()
    board.settle()


def test_the_answer_of_a_board_that_is_not_here_any_more_is_no_preview(
    board: Hand, dialog: SyncDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[SyncPlan] = []
    plan = sync.plan

    def noted(*args: Any, **options: Any) -> SyncPlan:
        made.append(plan(*args, **options))
        return made[-1]

    def become(number: str) -> None:
        assert board.ctx.board.identity is not None
        board.ctx.board.identity = dataclasses.replace(board.ctx.board.identity, unique_id=number)
        board.ctx.board.changed.emit()

    monkeypatch.setattr(sync, "plan", noted)
    become("e6614c")
    dialog.again.click()
    become("e6614d")  # while the first one is asked
    board.until(lambda: dialog.plan is not None)
    assert len(made) == 2
    assert dialog.plan is made[1]
    become("e6614e")
    assert dialog.plan is None
    assert not dialog.act.isEnabled()
    dialog.close()
    board.settle()


def test_a_folder_of_the_board_that_is_a_file_is_said(board: Hand, dialog: SyncDialog) -> None:
    dialog.target.setText("/main.py")
    dialog.target.editingFinished.emit()
    board.until(lambda: "is a file on the board" in dialog.summary.text())
    assert dialog.summary.property("role") == "bad"
    assert not dialog.act.isEnabled()
    dialog.close()
    board.settle()


def test_closed_in_the_middle_it_leaves_nothing_behind(board: Hand) -> None:
    board.ctx.commands.run("files.sync")
    cast(SyncDialog, board.panel.window().findChild(SyncDialog)).close()
    board.until(lambda: board.panel.window().findChild(SyncDialog) is None)
    board.settle()
