"""Looking at the board's files: lazily, in passing, never by stopping a program."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from ide.folder_model import KIND, NOTE
from tests.ide.panels.files.conftest import Hand

FOREVER = b"import time\rwhile True: print('on'); time.sleep_ms(100)\r\r"


def run_forever(board: Hand) -> None:
    board.ctx.board.type(FOREVER)
    board.until(lambda: b"\non\r" in board.printed and board.ctx.board.state == "running")


def test_without_a_board_it_says_what_will_be_here_and_how(hand: Hand) -> None:
    assert hand.panel.bar.label.text() == "No board. Choose one, and its files show here."
    assert [button.text() for button in hand.panel.bar.buttons] == ["Choose a board"]
    assert hand.panel.tree.isHidden()
    assert not hand.ctx.commands.run("files.upload")
    assert hand.panel.local.isVisible()


def test_the_boards_files_are_there_when_it_is(board: Hand) -> None:
    board.write("/a b/ü.py", b"x = 1\n")
    board.write("/main.py", b"print(1)\n" * 200)
    before = bytes(board.printed)
    board.ctx.commands.run("files.refresh")
    board.until(lambda: "main.py" in board.shown())
    assert "a b/" in board.shown()
    model = board.panel.model
    assert model.index_of(model.root / "main.py").siblingAtColumn(1).data() == "1.8 kB"
    assert "sim:unix" in board.panel.head.label.toolTip()
    assert board.shown("/a b") == []  # nobody looked into it
    board.panel.tree.expand(model.index_of(model.root / "a b"))
    board.until(lambda: board.shown("/a b") == ["ü.py"])
    assert board.panel.bar.isHidden()
    assert bytes(board.printed) == before  # no trace on the console


def test_how_much_is_free_is_said_in_a_narrow_panel_too(board: Hand) -> None:
    head = board.panel.head
    board.until(lambda: head.label.text().endswith(" free"))
    assert head.label.text() == f"{head.label.brief} free"
    whole = head.label.grab().toImage()
    head.label.setFixedWidth(head.label.fontMetrics().horizontalAdvance(head.label.brief) + 2)
    assert head.label.grab().toImage() != whole


def test_a_program_that_runs_is_not_stopped_and_one_button_does_it(board: Hand) -> None:
    board.write("/first.py", b"")
    board.ctx.commands.run("files.refresh")
    board.until(lambda: "first.py" in board.shown())
    run_forever(board)
    board.until(board.panel.bar.isVisible)
    assert board.panel.bar.label.text() == "The board runs a program."
    board.ctx.commands.run("files.refresh")
    assert board.ctx.board.state == "running"
    assert "first.py" in board.shown()  # what it had before is still shown
    (stop,) = board.panel.bar.buttons
    assert stop.text() == "Stop and look"
    stop.click()
    board.settle()
    board.until(board.panel.bar.isHidden)
    assert board.ctx.board.state == "prompt"


def test_what_a_program_did_is_seen_when_it_is_over(board: Hand) -> None:
    board.ctx.board.type(b"f = open('/made here.txt', 'w').close()\r")
    board.until(lambda: "made here.txt" in board.shown())
    board.ctx.board.type(b"import os; os.remove('/made here.txt')\r")
    board.until(lambda: "made here.txt" not in board.shown())


def test_a_panel_that_nobody_sees_asks_nothing(board: Hand) -> None:
    board.panel.hide()
    board.ctx.board.type(b"f = open('/unseen.txt', 'w').close()\r")
    board.until(lambda: board.printed.endswith(b">>> ") and b"unseen" in board.printed)
    board.ctx.board.type(b"1 + 1\r")
    board.until(lambda: board.printed.endswith(b"2\r\n>>> ") and board.ctx.board.state == "prompt")
    assert "unseen.txt" not in board.shown()
    assert not board.panel.looker._timer.isActive()
    board.panel.show()
    board.until(lambda: "unseen.txt" in board.shown())


def test_another_board_has_other_files(board: Hand) -> None:
    board.write("/of the first.py", b"")
    board.ctx.commands.run("files.refresh")
    board.until(lambda: "of the first.py" in board.shown())
    board.ctx.board.disconnect_board()
    board.until(board.panel.tree.isHidden)
    assert board.shown() == []
    assert "No board" in board.panel.bar.label.text()


def test_a_folder_that_goes_while_one_looks_is_a_row_less(board: Hand) -> None:
    board.write("/here/x.py", b"")
    board.ctx.commands.run("files.refresh")
    board.until(lambda: "here/" in board.shown())
    board.panel.tree.expand(board.panel.model.index_of(PurePosixPath("/here")))
    board.until(lambda: board.shown("/here") == ["x.py"])
    board.exec("import os\nos.remove('/here/x.py')\nos.rmdir('/here')")
    board.ctx.commands.run("files.refresh")
    board.until(lambda: "here/" not in board.shown())
    board.settle()


def test_a_folder_with_very_many_files_says_how_many_are_left_out(board: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ide.panels.files.model.MOST", 5)
    board.exec("import os\nos.mkdir('/many')\nfor n in range(9):\n open('/many/f%d' % n, 'w').close()")
    board.ctx.commands.run("files.refresh")
    board.until(lambda: "many/" in board.shown())
    board.panel.tree.expand(board.panel.model.index_of(PurePosixPath("/many")))
    board.until(lambda: board.shown("/many") == ["f0", "f1", "f2", "f3", "f4", "and 4 more"])
    parent = board.panel.model.index_of(PurePosixPath("/many"))
    assert board.panel.model.index(5, 0, parent).data(KIND) == NOTE


def test_a_half_typed_line_is_left_alone(board: Hand) -> None:
    board.ctx.board.type(b"if True:\r")
    board.until(lambda: board.ctx.board.continued)
    board.until(board.panel.bar.isVisible)
    assert "types at the board's prompt" in board.panel.bar.label.text()
    board.ctx.board.interrupt()
    board.until(board.panel.bar.isHidden)
    board.settle()
