"""A folder here and one on the board made the same: what would change is told, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ide.board.errors import BoardFull
from ide.board.files import browse, sync, transfer
from ide.board.files.errors import ChangedHere, ChangedOnBoard, NotOnBoard
from ide.board.files.records import SyncPlan, Upload
from ide.board.link import Board
from tests.conftest import RecordingContext
from tests.ide.board.files.conftest import seen
from tests.sims import SimBoard
from toolchains.errors import DiskError

Files = Callable[[], dict[str, bytes]]


_FOR_A_BOARD = ("main.py", "lib/a b.py", "lib/naïve.py")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with what nobody wants on a board."""
    root = tmp_path / "my project é"
    for name, data in {
        "main.py": b"print(1)\n",
        "lib/a b.py": b"a = 1\n" * 400,
        "lib/naïve.py": b"",
        ".git/config": b"secret",
        ".natmod/x.o": b"x",
        "lib/__pycache__/a.cpython-311.pyc": b"x",
        "build/x.mpy": b"x",
        "fast.c": b"int x;",
        "src/fast.h": b"#pragma once",
        "natmod.toml": b"[module]",
        "Makefile": b"all:",
        "README.md": b"# Read",
        "README": b"Read",
        "lib/notes.md": b"notes",
        "tests/test_fast.py": b"test",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def told(plan: SyncPlan) -> dict[str, str]:
    return {step.path: step.action for step in plan.steps}


def here(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_project_goes_to_the_board_without_what_is_left_out(
    board: Board, ctx: RecordingContext, on_board: Files, folder: Path
) -> None:
    plan = sync.plan(ctx, board, folder)
    assert told(plan) == {"/main.py": "create", "/lib/a b.py": "create", "/lib/naïve.py": "create"}
    assert plan.fits
    assert plan.needs >= 2400
    assert on_board() == {}, "a plan changes nothing"
    sync.apply(ctx, board, plan)
    assert on_board() == {"/main.py": b"print(1)\n", "/lib/a b.py": seen(b"a = 1\n" * 400), "/lib/naïve.py": b""}
    assert set(told(sync.plan(ctx, board, folder)).values()) == {"same"}


def test_only_what_differs_is_sent_and_nothing_is_deleted_unless_asked(
    board: Board, ctx: RecordingContext, on_board: Files, folder: Path
) -> None:
    sync.apply(ctx, board, sync.plan(ctx, board, folder, "/app"))
    transfer.upload(ctx, board, [Upload(b"log", "/app/log.txt"), Upload(b"mine", "/boot.py"), Upload(b"", "/app/x/y")])
    (folder / "main.py").write_bytes(b"print(2)\n")  # of the same length
    (folder / "lib" / "a b.py").write_bytes(b"shorter")
    plan = sync.plan(ctx, board, folder, "/app")
    assert told(plan) == {"/app/main.py": "replace", "/app/lib/a b.py": "replace", "/app/lib/naïve.py": "same"}
    report = sync.apply(ctx, board, plan)
    assert {file.path for file in report.files} == {"/app/main.py", "/app/lib/a b.py"}
    assert on_board()["/app/log.txt"] == b"log"
    plan = sync.plan(ctx, board, folder, "/app", delete=True)
    assert {step.path for step in plan.of("delete")} == {"/app/log.txt", "/app/x", "/app/x/y"}
    assert set(sync.apply(ctx, board, plan).removed) == {"/app/log.txt", "/app/x", "/app/x/y"}
    assert on_board() == {"/boot.py": b"mine", "/app/main.py": b"print(2)\n", "/app/lib/a b.py": b"shorter",
                          "/app/lib/naïve.py": b""}  # fmt: skip
    assert [e.path for e in browse.list_folder(ctx, board, "/app").entries if e.is_folder] == ["/app/lib"]


def test_a_board_is_pulled_and_what_is_here_only_stays(board: Board, ctx: RecordingContext, folder: Path) -> None:
    transfer.upload(ctx, board, [Upload(b"print(3)\n", "/main.py"), Upload(b"new", "/data/log.txt"),
                                 Upload(b"hidden", "/.state")])  # fmt: skip
    before = here(folder)
    plan = sync.plan(ctx, board, folder, direction="from_board")
    assert told(plan) == {"/main.py": "replace", "/data/log.txt": "create"}
    assert here(folder) == before
    sync.apply(ctx, board, plan)
    assert here(folder) == {**before, "main.py": b"print(3)\n", "data/log.txt": b"new"}
    plan = sync.plan(ctx, board, folder, direction="from_board", delete=True)
    assert {step.path for step in plan.of("delete")} == {"/lib/a b.py", "/lib/naïve.py"}
    sync.apply(ctx, board, plan)
    assert set(here(folder)) == {name for name in before if name not in _FOR_A_BOARD} | {"main.py", "data/log.txt"}


def test_what_changed_after_the_preview_is_not_overwritten(
    board: Board, ctx: RecordingContext, on_board: Files, folder: Path
) -> None:
    transfer.upload(ctx, board, [Upload(b"old", "/main.py")])
    up = sync.plan(ctx, board, folder)
    board.exec(ctx, "with open('/main.py', 'w') as f:\n f.write('by the board')\n")
    with pytest.raises(ChangedOnBoard):
        sync.apply(ctx, board, up)
    assert on_board() == {"/main.py": b"by the board"}
    down = sync.plan(ctx, board, folder, direction="from_board")
    (folder / "main.py").write_bytes(b"edited meanwhile")
    with pytest.raises(ChangedHere, match="after the preview"):
        sync.apply(ctx, board, down)
    assert (folder / "main.py").read_bytes() == b"edited meanwhile"


def test_only_the_file_that_was_listed_is_deleted(
    board: Board, ctx: RecordingContext, on_board: Files, folder: Path
) -> None:
    sync.apply(ctx, board, sync.plan(ctx, board, folder))
    transfer.upload(ctx, board, [Upload(b"log 1", "/log.txt"), Upload(b"gone", "/gone.txt")])
    (folder / "main.py").write_bytes(b"print(2)\n")
    plan = sync.plan(ctx, board, folder, delete=True)
    transfer.upload(ctx, board, [Upload(b"log 2", "/log.txt")])  # of the same length
    with pytest.raises(ChangedOnBoard):
        sync.apply(ctx, board, plan)
    assert on_board()["/log.txt"] == b"log 2"
    assert on_board()["/main.py"] == b"print(1)\n", "nothing is written before that"
    transfer.upload(ctx, board, [Upload(b"log 1", "/log.txt")])
    board.exec(ctx, "__import__('os').remove('/gone.txt')")
    assert sync.apply(ctx, board, plan).removed == ("/log.txt",)
    transfer.upload(ctx, board, [Upload(b"log 1", "/log.txt")])
    plan = sync.plan(ctx, board, folder, delete=True)
    transfer.upload(ctx, board, [Upload(b"longer than before", "/log.txt")])
    with pytest.raises(ChangedOnBoard, match="somebody else") as raised:
        sync.apply(ctx, board, plan)
    assert raised.value.there is not None


def test_a_file_and_a_folder_of_one_name_are_left_alone(
    board: Board, ctx: RecordingContext, on_board: Files, folder: Path
) -> None:
    transfer.upload(ctx, board, [Upload(b"x", "/main.py/inside"), Upload(b"file", "/lib")])
    plan = sync.plan(ctx, board, folder)
    assert told(plan) == {"/main.py": "conflict", "/lib/a b.py": "conflict", "/lib/naïve.py": "conflict"}
    sync.apply(ctx, board, plan)
    assert on_board() == {"/main.py/inside": b"x", "/lib": b"file"}
    plan = sync.plan(ctx, board, folder, direction="from_board")
    assert told(plan) == {"/main.py": "conflict", "/main.py/inside": "conflict", "/lib": "conflict"}


def test_names_that_no_computer_shares_do_not_come_here(board: Board, ctx: RecordingContext, tmp_path: Path) -> None:
    transfer.upload(ctx, board, [Upload(b"1", "/CON"), Upload(b"2", "/a:b"), Upload(b"3", "/good")])
    plan = sync.plan(ctx, board, tmp_path, direction="from_board")
    assert told(plan) == {"/CON": "conflict", "/a:b": "conflict", "/good": "create"}
    sync.apply(ctx, board, plan)
    assert here(tmp_path) == {"good": b"3"}


def test_own_patterns_as_in_gitignore(board: Board, ctx: RecordingContext, folder: Path) -> None:
    plan = sync.plan(ctx, board, folder, excludes=("*", "!lib/", "!lib/*.py", "lib/naïve.py"))
    assert told(plan) == {"/lib/a b.py": "create"}


def test_what_is_not_there_is_said(board: Board, ctx: RecordingContext, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DiskError):
        sync.plan(ctx, board, tmp_path / "none")
    with pytest.raises(NotOnBoard):
        sync.plan(ctx, board, folder, "/none", direction="from_board")
    assert len(sync.plan(ctx, board, folder, "/none").changes) == 3


def test_two_hundred_unchanged_files_are_one_question(
    sim: SimBoard, board: Board, ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sim.address == "sim:rv32":
        pytest.skip("the same questions to a slower machine")
    for number in range(200):
        (tmp_path / f"file{number}.py").write_bytes(b"x = %d\n" % number)
    sync.apply(ctx, board, sync.plan(ctx, board, tmp_path))
    asked: list[object] = []
    whole = Board.exec
    monkeypatch.setattr(Board, "exec", lambda *args, **options: asked.append(args) or whole(*args, **options))
    plan = sync.plan(ctx, board, tmp_path)
    assert len(plan.of("same")) == 200
    assert len(asked) == 1


def test_what_does_not_fit_is_in_the_plan_and_refused(
    sim: SimBoard, board: Board, ctx: RecordingContext, tmp_path: Path
) -> None:
    if sim.address != "sim:rv32":
        pytest.skip("the filesystem of sim:unix is this computer's")
    with (tmp_path / "huge.bin").open("wb") as file:
        file.truncate(5_000_000)
    plan = sync.plan(ctx, board, tmp_path)
    assert not plan.fits
    with pytest.raises(BoardFull):
        sync.apply(ctx, board, plan)
