"""Renaming, removing, making folders."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ide.board.files import browse, change, rows, transfer
from ide.board.files.errors import AlreadyThere, BadPath, IsFolder, NotAFolder, NotOnBoard
from ide.board.files.records import Upload
from ide.board.link import Board
from tests.conftest import RecordingContext
from tests.fakes.hostile_names import HOSTILE_NAMES

Files = Callable[[], dict[str, bytes]]


def test_a_file_gets_another_name_or_place(board: Board, ctx: RecordingContext, on_board: Files) -> None:
    transfer.upload(ctx, board, [Upload(b"1", "/a.py"), Upload(b"2", "/lib/b.py")])
    change.rename(ctx, board, "/a.py", "/c.py")
    change.rename(ctx, board, "/lib/b.py", "/d.py")
    assert on_board() == {"/c.py": b"1", "/d.py": b"2"}
    change.rename(ctx, board, "/lib", "/library")
    change.rename(ctx, board, "/c.py", "/library/c.py")
    assert on_board() == {"/library/c.py": b"1", "/d.py": b"2"}


def test_a_rename_takes_no_place_that_is_taken_unless_told(
    board: Board, ctx: RecordingContext, on_board: Files
) -> None:
    transfer.upload(ctx, board, [Upload(b"1", "/a"), Upload(b"2", "/b")])
    with pytest.raises(AlreadyThere, match="/b is there already"):
        change.rename(ctx, board, "/a", "/b")
    with pytest.raises(NotOnBoard):
        change.rename(ctx, board, "/none", "/c")
    with pytest.raises(BadPath):
        change.rename(ctx, board, "/", "/c")
    assert on_board() == {"/a": b"1", "/b": b"2"}
    change.rename(ctx, board, "/a", "/b", overwrite=True)
    assert on_board() == {"/b": b"1"}


def test_a_rename_whose_answer_was_lost_is_not_missed_the_second_time(
    board: Board, ctx: RecordingContext, on_board: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer.upload(ctx, board, [Upload(b"1", "/a")])
    whole, seen = rows.read_rows, []

    def damaged(said: bytes):
        seen.append(said)
        return iter(()) if len(seen) == 1 else whole(said)

    monkeypatch.setattr(rows, "read_rows", damaged)
    change.rename(ctx, board, "/a", "/b")
    assert len(seen) == 2
    assert on_board() == {"/b": b"1"}


def test_removing_tells_every_path_and_refuses_what_is_not_empty(
    board: Board, ctx: RecordingContext, on_board: Files
) -> None:
    transfer.upload(ctx, board, [Upload(b"", "/f/a"), Upload(b"", "/f/g/b"), Upload(b"", "/c")])
    with pytest.raises(IsFolder, match="/f is a folder"):
        change.remove(ctx, board, ["/f"])
    with pytest.raises(NotOnBoard):
        change.remove(ctx, board, ["/c", "/none"])
    with pytest.raises(BadPath):
        change.remove(ctx, board, ["/"], recursive=True)
    assert set(on_board()) == {"/f/a", "/f/g/b", "/c"}
    gone = change.remove(ctx, board, ["/f", "/c"], recursive=True)
    assert sorted(gone) == ["/c", "/f", "/f/a", "/f/g", "/f/g/b"]
    assert gone.index("/f/g/b") < gone.index("/f/g") < gone.index("/f")
    assert browse.list_tree(ctx, board).entries == ()


def test_a_folder_is_made_with_those_above_it(board: Board, ctx: RecordingContext) -> None:
    change.make_folder(ctx, board, "/a/b c/ü")
    change.make_folder(ctx, board, "/a/b c/ü/")
    assert [e.path for e in browse.list_tree(ctx, board).entries] == ["/a", "/a/b c", "/a/b c/ü"]
    transfer.upload(ctx, board, [Upload(b"", "/file")])
    with pytest.raises(NotAFolder, match="/file is a file"):
        change.make_folder(ctx, board, "/file/below")


def test_hostile_names_are_listed_renamed_and_removed(board: Board, ctx: RecordingContext, on_board: Files) -> None:
    transfer.upload(ctx, board, [Upload(name.encode(), f"/{name}") for name in HOSTILE_NAMES])
    assert {e.name for e in browse.list_folder(ctx, board).entries} == set(HOSTILE_NAMES)
    for name in HOSTILE_NAMES:
        change.rename(ctx, board, f"/{name}", f"/{name}~")
    assert on_board() == {f"/{name}~": name.encode() for name in HOSTILE_NAMES}
    assert len(change.remove(ctx, board, [f"/{name}~" for name in HOSTILE_NAMES])) == len(HOSTILE_NAMES)
    assert on_board() == {}
