"""Looking at the board's files: lazily, in passing, never by stopping a program."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tests.ide.panels.files.conftest import Hand


def test_without_a_board_it_says_what_will_be_here_and_how(hand: Hand) -> None:
    assert hand.panel.state.label.text() == "No board. Choose one, and its files show here."
    assert [button.text() for button in hand.panel.state.buttons] == ["Choose a board"]
    assert hand.panel.tree.isHidden()
    assert not hand.ctx.commands.run("files.upload")


def test_the_boards_files_are_there_when_it_is(board: Hand) -> None:
    board.write("/a b/ü.py", b"x = 1\n")
    board.write("/main.py", b"print(1)\n" * 200)
    before = bytes(board.printed)
    board.ctx.commands.run("files.refresh")
    board.until(lambda: "main.py" in board.shown())
    assert "a b/" in board.shown()
    model = board.panel.model
    assert model.index_of(model.root / "main.py").siblingAtColumn(1).data() == "1.8 kB"
    assert "sim:unix" in board.panel.head.text()
    assert board.shown("/a b") == []  # nobody looked into it
    board.panel.tree.expand(model.index_of(model.root / "a b"))
    board.until(lambda: board.shown("/a b") == ["ü.py"])
    assert board.panel.state.isHidden()
    assert bytes(board.printed) == before  # no trace on the console
