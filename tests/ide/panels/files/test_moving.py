"""Files to the board and from it: by button, drag and drop, clipboard. Nothing is replaced unasked."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from PySide6.QtCore import QMimeData, QModelIndex, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication

from ide.panels.files.model import BOARD_FILES, ROOT, board_files, local_files, paths_on_board
from ide.panels.files.trees import Tree
from tests.ide.panels.files.conftest import Hand
from tests.ide.panels.files.test_looking import run_forever
from toolchains.sdk_tree import SdkTree


def drop(hand: Hand, tree: Tree, data: QMimeData, index: QModelIndex) -> None:
    """With the mouse, upon a row."""
    at = tree.visualRect(index).center() if index.isValid() else QPoint(20, tree.viewport().height() - 4)
    actions, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, actions, data, button, none)
    QApplication.sendEvent(tree.viewport(), enter)
    assert enter.isAccepted()
    QApplication.sendEvent(tree.viewport(), QDragMoveEvent(at, actions, data, button, none))
    QApplication.sendEvent(tree.viewport(), QDropEvent(QPointF(at), actions, data, button, none))


def urls(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def test_a_selected_file_of_the_project_goes_to_the_board(board: Hand, folder: Path) -> None:
    board.select_local(folder / "main.py")
    assert board.ctx.commands.run("files.upload")
    board.until(lambda: "main.py" in board.shown())
    board.settle()
    assert board.read("/main.py") == (folder / "main.py").read_bytes()
    assert board.panel.message.text() == f"main.py is on the board, {len((folder / 'main.py').read_bytes())} B."
    assert board.editors.saves == 1  # what the editor had of it was saved first
    assert b"Put 1 file on the board" in board.printed  # the console says what the board is busy with


def test_a_folder_goes_with_all_in_it_but_not_what_no_board_needs(board: Hand, folder: Path) -> None:
    (folder / "lib" / "__pycache__").mkdir()
    (folder / "lib" / "__pycache__" / "x.pyc").write_bytes(b"no")
    board.select_local(folder / "lib")
    board.ctx.commands.run("files.upload")
    board.until(lambda: "lib/" in board.shown())
    board.settle()
    assert board.read("/lib/two words.py") == b"x = 2\n"
    assert board.exec("import os\nprint(os.listdir('/lib'))").strip() == b"['two words.py']"


def test_what_is_there_already_is_asked_about_with_the_room_there_is(board: Hand, folder: Path) -> None:
    board.write("/main.py", b"the board's\n")
    board.select_local(folder / "main.py")
    board.ctx.commands.run("files.upload")
    box = board.box()
    assert "/main.py" in box.text().splitlines()
    assert "are free" in box.informativeText() or "They take" in box.informativeText()
    board.answer("Leave as it is")
    board.settle()
    assert board.read("/main.py") == b"the board's\n"
    board.ctx.commands.run("files.upload")
    board.answer("Replace")
    board.until(lambda: "is on the board" in board.panel.message.text())
    board.settle()
    assert board.read("/main.py") == (folder / "main.py").read_bytes()


def test_files_from_the_desktop_are_dropped_into_a_folder_of_the_board(board: Hand, tmp_path: Path) -> None:
    board.write("/data/old.txt", b"old")
    board.ctx.commands.run("files.refresh")
    board.until(lambda: "data/" in board.shown())
    board.settle()
    desktop = tmp_path / "Bureau été"
    desktop.mkdir()
    (desktop / "it's new.txt").write_bytes(bytes(range(256)))
    drop(board, board.panel.tree, urls(desktop / "it's new.txt"), board.panel.model.index_of(PurePosixPath("/data")))
    board.until(lambda: "is on the board" in board.panel.message.text())
    board.settle()
    assert board.read("/data/it's new.txt") == bytes(range(256))


def test_board_files_are_dropped_into_the_project(board: Hand, folder: Path) -> None:
    board.write("/deep/log été.csv", b"1,2\n" * 500)
    board.ctx.commands.run("files.refresh")
    board.until(lambda: "deep/" in board.shown())
    board.settle()
    data = board.panel.model.mimeData([board.panel.model.index_of(PurePosixPath("/deep"))])
    drop(board, board.panel.local, data, board.panel.local_model.index_of(folder / "lib"))
    board.until(lambda: (folder / "lib" / "deep" / "log été.csv").exists() and not board.panel.work.busy)
    assert (folder / "lib" / "deep" / "log été.csv").read_bytes() == b"1,2\n" * 500


def test_a_drop_inside_the_board_moves(board: Hand) -> None:
    board.write("/a.py", b"a")
    board.write("/into/b.py", b"b")
    board.ctx.commands.run("files.refresh")
    board.until(lambda: {"a.py", "into/"} <= set(board.shown()))
    board.settle()
    data = board.panel.model.mimeData([board.panel.model.index_of(PurePosixPath("/a.py"))])
    drop(board, board.panel.tree, data, board.panel.model.index_of(PurePosixPath("/into")))
    board.until(lambda: "a.py" not in board.shown())
    board.settle()
    assert board.read("/into/a.py") == b"a"


def test_copy_and_paste_both_ways(board: Hand, folder: Path) -> None:
    board.write("/board.py", b"from the board\n")
    board.ctx.commands.run("files.refresh")
    board.until(lambda: "board.py" in board.shown())
    board.settle()
    board.select("/board.py")
    board.qtbot.keyClick(board.panel.tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "/board.py"
    board.select_local(folder)
    board.qtbot.keyClick(board.panel.local, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    board.until(lambda: (folder / "board.py").exists() and not board.panel.work.busy)
    board.settle()
    board.qtbot.keyClick(board.panel.tree, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)  # on the board: a copy
    board.until(lambda: "board-2.py" in board.shown())
    board.settle()
    assert board.read("/board-2.py") == b"from the board\n"
    board.write("/all/in.py", b"in")
    board.ctx.commands.run("files.refresh")
    board.until(lambda: "all/" in board.shown())
    board.settle()
    board.select("/all")
    assert board.ctx.commands.run("files.copy")
    board.select("/board.py")
    assert board.ctx.commands.run("files.paste")  # a folder goes with all in it
    board.until(lambda: "all-2/" in board.shown())
    board.settle()
    assert board.read("/all-2/in.py") == b"in"
    board.select_local(folder / "main.py")
    board.qtbot.keyClick(board.panel.local, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    board.qtbot.keyClick(board.panel.tree, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    board.until(lambda: "main.py" in board.shown())
    board.settle()
    assert board.read("/main.py") == (folder / "main.py").read_bytes()


def test_fetching_asks_before_it_replaces_a_file_of_the_project(board: Hand, folder: Path) -> None:
    mine = (folder / "main.py").read_bytes()
    board.write("/main.py", b"the board's\n")
    board.ctx.commands.run("files.refresh")
    board.until(lambda: "main.py" in board.shown())
    board.settle()
    board.select("/main.py")
    board.panel.local.setCurrentIndex(board.panel.local_model.index(0, 0))
    board.ctx.commands.run("files.download")
    assert "Replace it by the board's" in board.answer("Leave as it is")
    assert (folder / "main.py").read_bytes() == mine
    board.ctx.commands.run("files.download")
    board.answer("Replace")
    board.until(lambda: (folder / "main.py").read_bytes() == b"the board's\n")
    board.settle()
    assert board.panel.message.text() == "main.py is in demo, 12 B."


def test_the_file_of_the_editor_goes_to_the_place_that_it_has_in_the_project(board: Hand, folder: Path) -> None:
    board.editors.path = folder / "lib" / "two words.py"
    assert board.ctx.commands.run("files.upload_current")
    board.until(lambda: "is on the board" in board.panel.message.text())
    board.settle()
    assert board.read("/lib/two words.py") == b"x = 2\n"


def test_an_upload_while_a_program_runs_waits_and_is_done_when_it_ends(board: Hand, folder: Path) -> None:
    run_forever(board)
    board.select_local(folder / "main.py")
    board.ctx.commands.run("files.upload")
    board.until(lambda: board.panel.work.held is not None)
    assert board.panel.bar.label.text() == "“Put 1 file on the board” would stop the board's program."
    assert board.ctx.board.state == "running"
    board.ctx.board.interrupt()
    board.until(lambda: "is on the board" in board.panel.message.text())
    board.settle()
    assert board.read("/main.py") == (folder / "main.py").read_bytes()


def test_a_full_board_is_said_before_the_first_byte(
    hand: Hand, folder: Path, sdk_tree: SdkTree, rv32_firmware: Path
) -> None:
    (folder / "large.bin").write_bytes(bytes(6_000_000))
    hand.ctx.board.use("sim:rv32")
    hand.until(lambda: hand.panel.model.filesystem(ROOT) is not None)
    assert hand.panel.head.label.text().endswith("MB free")
    hand.select_local(folder / "large.bin")
    hand.ctx.commands.run("files.upload")
    hand.until(lambda: "does not fit on the board" in hand.panel.message.text())
    hand.settle()
    assert hand.panel.message.property("role") == "bad"
    assert hand.shown() == []


def test_a_file_that_goes_between_choosing_and_sending_is_said(board: Hand, folder: Path) -> None:
    board.select_local(folder / "main.py")
    (folder / "main.py").unlink()
    board.ctx.commands.run("files.upload")
    board.until(lambda: board.panel.message.property("role") == "bad" and board.panel.message.text() != "")
    board.settle()
    assert board.read("/main.py") is None


def test_garbage_in_a_drag_is_nothing() -> None:
    data = QMimeData()
    for raw in (b"", b"{", b"3", b'{"a": 1}', b"[1, null]", b"[" * 50_000, b"[" * 200_000):
        data.setData(BOARD_FILES, raw)
        assert paths_on_board(data) == []
    web = QMimeData()
    web.setUrls([QUrl("https://example.org/x.py")])
    assert local_files(web) == []
    assert paths_on_board(board_files([PurePosixPath("/a b")])) == [PurePosixPath("/a b")]
