"""Looking at a board's files, and what a look leaves behind: nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from ide.board.files import browse, change, transfer
from ide.board.files.errors import BadPath, NotAFolder, NotOnBoard
from ide.board.files.records import Upload
from ide.board.files.rows import ask_rows, board_path, read_rows
from ide.board.link import Board
from tests.conftest import RecordingContext
from tests.fakes.hostile_names import HOSTILE_NAMES

Files = Callable[[], dict[str, bytes]]


def test_a_folder_is_listed_folders_first_with_sizes_and_room(board: Board, ctx: RecordingContext) -> None:
    transfer.upload(ctx, board, [Upload(b"12345", "/b.py"), Upload(b"", "/a.py"), Upload(b"x", "/z/deep/er.txt")])
    listing = browse.list_folder(ctx, board)
    assert [(e.path, e.kind, e.size) for e in listing.entries] == [
        ("/z", "folder", None),
        ("/a.py", "file", 0),
        ("/b.py", "file", 5),
    ]
    assert listing.filesystem is not None
    assert listing.filesystem.mount == "/"
    assert 0 < listing.filesystem.free <= listing.filesystem.total
    tree = browse.list_tree(ctx, board, "/z/")
    assert (tree.folder, [e.path for e in tree.entries]) == ("/z", ["/z/deep", "/z/deep/er.txt"])


def test_properties_have_the_hash_and_a_time_that_can_be(board: Board, ctx: RecordingContext) -> None:
    transfer.upload(ctx, board, [Upload(b"content", "/file.txt")])
    found = browse.properties(ctx, board, "/file.txt")
    assert found.sha256 == hashlib.sha256(b"content").hexdigest()
    assert found.entry.size == 7
    assert found.entry.modified is None or found.entry.modified > 1_600_000_000
    assert browse.properties(ctx, board, "/").entry.is_folder


def test_what_is_not_there_is_said(board: Board, ctx: RecordingContext) -> None:
    transfer.upload(ctx, board, [Upload(b"", "/file")])
    with pytest.raises(NotOnBoard, match="The board has no /none"):
        browse.list_folder(ctx, board, "/none")
    with pytest.raises(NotAFolder, match="/file is a file"):
        browse.list_tree(ctx, board, "/file")
    with pytest.raises(NotOnBoard):
        browse.properties(ctx, board, "/none")


def test_looking_leaves_no_name_and_meets_none(board: Board, ctx: RecordingContext) -> None:
    board.soft_reset(ctx)
    board.exec(ctx, "print = open = repr = os = range = None\nlist = lambda *a: 1 / 0\n")
    before = board.ask(ctx, "sorted(globals())")
    transfer.upload(ctx, board, [Upload(b"x" * 5000, "/a/b.txt")])
    assert browse.list_tree(ctx, board).entries[-1].path == "/a/b.txt"
    assert transfer.read_file(ctx, board, "/a/b.txt").data == b"x" * 5000
    change.remove(ctx, board, ["/a"], recursive=True)
    assert board.ask(ctx, "sorted(globals())") == before
    assert board.ask(ctx, "'natmod_run' in __import__('sys').modules") is False
    board.soft_reset(ctx)


def test_a_look_leaves_the_board_in_its_folder(board: Board, ctx: RecordingContext) -> None:
    change.make_folder(ctx, board, "/work")
    board.exec(ctx, "import os\nos.chdir('/work')\n")
    transfer.upload(ctx, board, [Upload(b"x", "/lib/a.py")])
    change.rename(ctx, board, "/lib/a.py", "/b.py")
    assert browse.home(ctx, board) == "/work"
    board.exec(ctx, "os.chdir('/')\n")


def test_many_files_come_in_one_listing(board: Board, ctx: RecordingContext) -> None:
    board.exec(ctx, "for i in range(300):\n with open('/file%03d' % i, 'w') as f:\n  f.write('x' * i)\n", timeout=60)
    entries = browse.list_folder(ctx, board).entries
    assert [(e.name, e.size) for e in entries] == [(f"file{i:03}", i) for i in range(300)]


def test_a_listing_has_an_end(board: Board, ctx: RecordingContext, monkeypatch: pytest.MonkeyPatch) -> None:
    transfer.upload(ctx, board, [Upload(b"", f"/{name}") for name in "abcde"])
    monkeypatch.setattr(browse, "MOST_ENTRIES", 3)
    listing = browse.list_folder(ctx, board)
    assert (len(listing.entries), listing.cut) == (3, True)


def test_a_file_that_goes_away_during_the_look_is_left_out(board: Board, ctx: RecordingContext) -> None:
    transfer.upload(ctx, board, [Upload(b"", "/here"), Upload(b"", "/gone")])
    # After the names, before sizes and times.
    late = "s=t\ndef t(p):\n if p=='/gone':o.remove(p)\n return s(p)\nW('/',9,0,(),())"
    rows = list(ask_rows(ctx, board, ("look",), late))
    assert [row[3] for row in rows if len(row) == 5] == ["here"]


def test_foreign_words_between_the_rows_are_nothing_and_damage_is_asked_again(
    board: Board, ctx: RecordingContext
) -> None:
    rows = ask_rows(ctx, board, (), "P('a',1)\nprint('I (12) wifi: connected')\nP('b',2)")
    assert list(rows) == [("a", 1), ("b", 2)]
    asked: list[int] = []

    def once_damaged(attempt: int) -> str:
        asked.append(attempt)
        return "P('x')" if attempt else "print('\\x1e(\\'x\\',) 0\\x1f')"

    assert list(ask_rows(ctx, board, (), once_damaged)) == [("x",)]
    assert asked == [0, 1]


def test_rows_are_literals_or_nothing() -> None:
    good = b"\x1e(1, 'x') %x\x1f" % sum(b"(1, 'x')")
    evil = b"(__import__('os').getcwd(),)"
    bad = b"\x1e%s %x\x1f" % (evil, sum(evil))
    assert list(read_rows(b"noise" + bad + good + b"\x1e(1, 'x') 0\x1f\x1e(")) == [(1, "x")]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("/", "/"),
        ("//a/./b/", "/a/b"),
        ("/a/../b", "/b"),
        ("/../../x", "/x"),
        *((f"/{n}", f"/{n}") for n in HOSTILE_NAMES),
    ],
)
def test_paths_are_made_plain(given: str, wanted: str) -> None:
    assert board_path(given) == wanted


@pytest.mark.parametrize("path", ["relative", "", "/nul\0", "/" + "ä" * 128, "/\udc80"])
def test_what_cannot_be_a_path_is_refused(path: str) -> None:
    with pytest.raises(BadPath):
        board_path(path)
