"""A board's file edited in place: saving sends it back, and whatever happens nothing is lost."""

from __future__ import annotations

import threading
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from ide.notify import Notice
from ide.panels.files import edited
from ide.panels.files.editing import Editing
from ide.panels.files.kept import Kept, KeptCopies
from tests.ide.panels.files.conftest import Hand
from tests.ide.panels.files.test_looking import run_forever


@pytest.fixture
def opened(board: Hand) -> Hand:
    """``/main été.py`` of the board is open in the editor."""
    board.write("/main été.py", b"x = 1\r\n")
    board.ctx.commands.run("files.refresh")
    board.until(lambda: "main été.py" in board.shown())
    board.settle()
    board.select("/main été.py")
    assert board.ctx.commands.run("files.edit")
    board.until(lambda: len(board.editors.opened) == 1)
    board.settle()
    return board


def local(hand: Hand) -> Path:
    return hand.editors.opened[0][0]


def save(hand: Hand, data: bytes) -> None:
    """As the editor does."""
    local(hand).write_bytes(data)
    hand.editors.saved.emit(local(hand))


def notice(hand: Hand, part: str) -> Notice:
    hand.until(lambda: any(part in str(one.text) for one in hand.ctx.notices.kept))
    return next(one for one in reversed(hand.ctx.notices.kept) if part in str(one.text))


def press(found: Notice, title: str) -> None:
    next(action for action in found.actions if str(action.title) == title).run()


def test_a_file_of_the_board_opens_under_its_name_and_byte_for_byte(opened: Hand) -> None:
    assert local(opened).name == "main été.py"
    assert local(opened).read_bytes() == b"x = 1\r\n"
    assert opened.ctx.state_folder in local(opened).parents


def test_saving_sends_it_back_without_a_trace(opened: Hand) -> None:
    before = bytes(opened.printed)
    save(opened, b"x = 2\r\n")
    opened.until(lambda: opened.panel.message.text() == "main été.py is on the board.")
    opened.settle()
    assert opened.read("/main été.py") == b"x = 2\r\n"
    save(opened, b"x = 3\r\n")
    save(opened, b"x = 4\r\n")  # while the one before is on its way
    opened.until(lambda: opened.panel.editing.copies.waiting() == [] and not opened.panel.work.busy)
    assert opened.read("/main été.py") == b"x = 4\r\n"
    assert bytes(opened.printed) == before
    assert not opened.ctx.notices.kept


def test_other_files_that_are_saved_are_none_of_its_business(opened: Hand, folder: Path) -> None:
    opened.editors.saved.emit(folder / "main.py")
    assert not opened.panel.work.busy


def test_no_text_is_not_opened(board: Hand) -> None:
    board.write("/x.mpy", b"M\x06\0\1\2\0")
    board.ctx.commands.run("files.refresh")
    board.until(lambda: "x.mpy" in board.shown())
    board.settle()
    board.select("/x.mpy")
    board.ctx.commands.run("files.edit")
    board.until(lambda: "/x.mpy is not a text file" in board.panel.message.text())
    assert board.editors.opened == []


def test_a_file_that_the_board_changed_is_not_written_over_mine_may_go_there(opened: Hand) -> None:
    opened.write("/main été.py", b"the board's\n")
    save(opened, b"mine\n")
    found = notice(opened, "Whose stays?")
    assert [str(action.title) for action in found.actions] == [
        "Put mine there", "Take the board's", "Show what differs",
    ]  # fmt: skip
    assert opened.read("/main été.py") == b"the board's\n"
    assert "not yet on the board: main été.py" in opened.panel.bar.label.text()
    press(found, "Show what differs")
    opened.until(lambda: len(opened.editors.pages) == 1)
    assert "+mine" in opened.editors.pages[0].sci.text()
    assert "-the board's" in opened.editors.pages[0].sci.text()
    opened.editors.pages[0].deleteLater()
    press(found, "Put mine there")
    done = notice(opened, "The other version is kept as main été.board.py")
    opened.settle()
    assert opened.read("/main été.py") == b"mine\n"
    assert local(opened).with_name("main été.board.py").read_bytes() == b"the board's\n"
    press(done, "Open main été.board.py")
    assert opened.editors.opened[-1][0].read_bytes() == b"the board's\n"
    assert opened.panel.bar.isHidden()


def test_the_boards_version_may_be_taken_and_mine_stays(opened: Hand) -> None:
    opened.write("/main été.py", b"the board's\n")
    save(opened, b"mine\n")
    press(notice(opened, "Whose stays?"), "Take the board's")
    notice(opened, "The other version is kept as main été.mine.py")
    opened.settle()
    assert local(opened).read_bytes() == b"the board's\n"
    assert local(opened).with_name("main été.mine.py").read_bytes() == b"mine\n"
    assert opened.read("/main été.py") == b"the board's\n"
    save(opened, b"on top of the board's\n")
    opened.until(lambda: opened.panel.message.text() == "main été.py is on the board.")
    assert opened.read("/main été.py") == b"on top of the board's\n"


def test_a_file_that_is_gone_from_the_board_can_be_put_there_again(opened: Hand) -> None:
    opened.exec("import os\nos.remove('/main été.py')")
    save(opened, b"mine\n")
    found = notice(opened, "is not the file that was opened")
    assert [str(action.title) for action in found.actions] == ["Put mine there"]
    press(found, "Put mine there")
    opened.until(lambda: opened.panel.editing.copies.waiting() == [])
    opened.settle()
    assert opened.read("/main été.py") == b"mine\n"


def test_a_running_program_is_not_stopped_by_saving(opened: Hand) -> None:
    run_forever(opened)
    save(opened, b"x = 2\n")
    found = notice(opened, "not yet on the board: the board runs a program")
    assert opened.ctx.board.state == "running"
    press(found, "Stop it and send the file")
    opened.until(lambda: opened.panel.message.text() == "main été.py is on the board.")
    opened.settle()
    assert opened.read("/main été.py") == b"x = 2\n"


def test_what_was_saved_without_the_board_waits_even_for_another_window(opened: Hand) -> None:
    opened.ctx.board.disconnect_board()
    save(opened, b"kept\n")
    opened.until(lambda: "its board is not connected" in opened.panel.message.text())
    opened.until(lambda: not opened.ctx.jobs.running)
    later = KeptCopies(opened.ctx.state_folder, opened.ctx.project.folder).read()
    assert [(kept.path, kept.waiting) for kept in later] == [("/main été.py", True)]
    opened.ctx.board.use("sim:unix")
    opened.until(lambda: opened.ctx.board.state == "prompt" and opened.ctx.board.identity is not None)
    opened.write("/main été.py", b"x = 1\r\n")  # a simulated board begins anew
    opened.settle()
    (send,) = opened.panel.bar.buttons
    send.click()
    opened.until(lambda: opened.panel.editing.copies.waiting() == [])
    opened.settle()
    assert opened.read("/main été.py") == b"kept\n"


def test_a_copy_that_waits_is_shown_as_it_is_here(opened: Hand) -> None:
    run_forever(opened)
    save(opened, b"not sent\n")
    notice(opened, "not yet on the board")
    opened.ctx.board.interrupt()
    opened.settle()
    opened.panel.editing.open(PurePosixPath("/main été.py"))
    assert len(opened.editors.opened) == 2
    assert local(opened).read_bytes() == b"not sent\n"


def test_a_file_that_was_renamed_on_the_board_goes_to_its_new_name(opened: Hand) -> None:
    opened.panel.deeds.move([(PurePosixPath("/main été.py"), PurePosixPath("/renamed.py"))])
    opened.until(lambda: "renamed.py" in opened.shown())
    opened.settle()
    save(opened, b"x = 5\n")
    opened.until(lambda: opened.panel.message.text() == "renamed.py is on the board.")
    assert opened.read("/renamed.py") == b"x = 5\n"
    assert opened.read("/main été.py") is None


def test_a_file_is_not_opened_before_it_is_known_what_was_kept(opened: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    run_forever(opened)
    save(opened, b"not sent\n")
    notice(opened, "not yet on the board")
    opened.ctx.board.interrupt()
    opened.settle()
    go_on = threading.Event()
    read = KeptCopies.read

    def slow(copies: KeptCopies) -> list[Kept]:
        found = read(copies)
        go_on.wait(60)
        return found

    monkeypatch.setattr(KeptCopies, "read", slow)
    later = Editing(opened.ctx, opened.panel.work, opened.panel)  # of a window that opens now
    later.open(PurePosixPath("/main été.py"))
    later.moved(PurePosixPath("/other.py"), PurePosixPath("/else.py"))
    assert not opened.panel.work.busy
    go_on.set()
    opened.until(lambda: len(opened.editors.opened) == 2)
    opened.settle()
    assert local(opened).read_bytes() == b"not sent\n"
    assert [kept.path for kept in read(later.copies)] == ["/main été.py"]


def test_what_is_saved_while_the_two_are_compared_is_sent(opened: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    opened.write("/main été.py", b"the board's\n")
    save(opened, b"mine\n")
    found = notice(opened, "Whose stays?")
    go_on = threading.Event()
    compare = edited.compare

    def slow(*args: Any) -> str:
        go_on.wait(60)
        return compare(*args)

    monkeypatch.setattr(edited, "compare", slow)
    press(found, "Show what differs")
    save(opened, b"the board's\n")  # taken over by hand
    go_on.set()
    opened.until(lambda: opened.panel.editing.copies.waiting() == [])
    opened.settle()
    assert opened.panel.message.text() == "main été.py is on the board."
    for page in opened.editors.pages:
        page.deleteLater()
