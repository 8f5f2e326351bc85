"""Putting a program on a board and taking it back: whatever happens in between, nothing of anybody's is lost."""

from __future__ import annotations

import itertools
import os
import random
from pathlib import Path

import pytest

from ide.board import start_plans
from ide.board.file_session import Plan, Session, sha256_of
from ide.board.install import InstallPlan
from ide.board.start_plans import Changes, FolderInTheWay, KeptElsewhere
from ide.board.start_record import PATH, Record, RecordUnreadable, Shelf
from tests.fakes.board_files import BoardFiles
from toolchains.host import Host

BEFORE = {"/main.py": b"old main", "/lib/other.mpy": b"not ours", "/helper.py": b"old helper", "/notes.txt": b"mine"}
FIRST = {"/data/t.csv": b"1,2", "/helper.mpy": b"M helper", "/pkg/__init__.mpy": b"M pkg", "/main.py": b"first main"}
SECOND = {"/helper.mpy": b"M helper 2", "/extra.mpy": b"M extra", "/main.py": b"second main"}


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.setattr(os, "fsync", lambda number: None)  # thousands of lives; no power is cut here
    return Shelf(tmp_path / "replaced", Host.current())


def put(board: BoardFiles, shelf: Shelf, wanted: dict[str, bytes], cut_after: int = -1) -> tuple[bool, Changes]:
    changes = Changes()
    return board.run(lambda s: start_plans.put(s, shelf, "blinker", wanted, changes), cut_after), changes


def take_back(board: BoardFiles, shelf: Shelf, cut_after: int = -1) -> tuple[bool, Changes]:
    changes = Changes()
    return board.run(lambda s: start_plans.take_back(s, shelf, changes), cut_after), changes


def assert_has(board: BoardFiles, before: dict[str, bytes], program: dict[str, bytes]) -> None:
    """The board has the program, and of what was there all that is not in its way."""
    hidden = {path[:-4] + ".py" for path in program if path.endswith(".mpy")}
    there = {path: data for path, data in board.files.items() if path != PATH}
    assert there == {path: data for path, data in before.items() if path not in hidden} | program


def test_a_program_is_put_exchanged_and_taken_back_exactly(shelf: Shelf) -> None:
    board = BoardFiles(BEFORE)
    folders = set(board.folders)
    _whole, first = put(board, shelf, FIRST)
    assert_has(board, BEFORE, FIRST)
    assert board.wrote[-1] == "/main.py"  # when all that it needs is there
    assert sorted(first.replaced) == ["/helper.py", "/main.py"]
    _whole, second = put(board, shelf, SECOND)
    assert_has(board, BEFORE, SECOND)
    assert sorted(second.removed) == ["/data/t.csv", "/pkg/__init__.mpy"]
    assert not second.replaced
    _whole, undone = take_back(board, shelf)
    assert (board.files, board.folders) == (BEFORE, folders)
    assert sorted(undone.restored) == ["/helper.py", "/main.py"]
    assert undone.name == "blinker"
    assert not shelf.root.is_dir() or not list(shelf.root.iterdir())
    assert take_back(board, shelf)[1].name is None


def test_a_board_whose_files_are_in_a_folder_of_their_own_has_the_program_there(shelf: Shelf) -> None:
    before = {f"/flash{path}": data for path, data in BEFORE.items()} | {"/sd/main.py": b"another disk"}
    board = BoardFiles(before, home="/flash")
    put(board, shelf, FIRST)
    assert board.files["/flash/main.py"] == b"first main"
    assert board.files["/flash/pkg/__init__.mpy"] == b"M pkg"
    assert board.wrote[-1] == "/flash/main.py"
    take_back(board, shelf)
    assert board.files == before


def test_nothing_is_written_when_nothing_differs(shelf: Shelf) -> None:
    board = BoardFiles(BEFORE)
    put(board, shelf, FIRST)
    put(board, shelf, {**FIRST, "/main.py": b"first main, corrected"})
    board.wrote.clear()
    _whole, changes = put(board, shelf, {**FIRST, "/main.py": b"first main, corrected"}, cut_after=0)
    assert board.wrote == []
    assert [file.skipped for file in changes.files] == [True] * len(FIRST)


def test_a_file_that_was_there_already_stays_after_taking_back(shelf: Shelf) -> None:
    board = BoardFiles({"/main.py": FIRST["/main.py"]})
    put(board, shelf, FIRST)
    take_back(board, shelf)
    assert board.files == {"/main.py": FIRST["/main.py"]}


@pytest.mark.parametrize("fat", [False, True])
def test_unplugged_after_any_step_the_next_time_completes_or_takes_back(shelf: Shelf, fat: bool) -> None:
    """The first put, an exchange, and a taking back, each cut off after each of its changes of the flash."""
    cuts = 0
    for stage, way_on in itertools.product(("put", "exchange", "undo"), ("complete", "other", "undo")):
        for cut in itertools.count():
            board = BoardFiles(BEFORE, fat=fat)
            folders = set(board.folders)
            if stage != "put":
                put(board, shelf, FIRST)
            if stage == "undo":
                whole, _changes = take_back(board, shelf, cut)
            else:
                whole, _changes = put(board, shelf, SECOND if stage == "exchange" else FIRST, cut)
            cuts += not whole
            if way_on == "complete":
                goal = FIRST if stage == "put" else SECOND
                put(board, shelf, goal)
                assert_has(board, BEFORE, goal)
            elif way_on == "other":
                put(board, shelf, {"/main.py": b"third", "/pkg/__init__.mpy": b"third"})
                assert_has(board, BEFORE, {"/main.py": b"third", "/pkg/__init__.mpy": b"third"})
            take_back(board, shelf)
            assert (board.files, board.folders) == (BEFORE, folders), (stage, way_on, cut)
            if whole:
                break
    assert cuts > 100


def test_random_lives_of_a_board_end_as_they_began(shelf: Shelf) -> None:
    for seed in range(150):
        rng = random.Random(seed)
        before = {
            path: rng.choice((data, FIRST.get(path, data))) for path, data in BEFORE.items() if rng.random() < 0.7
        }
        board = BoardFiles(before, fat=rng.random() < 0.5)
        for _change in range(rng.randrange(1, 6)):
            program = {path: data for path, data in {**FIRST, **SECOND}.items() if rng.random() < 0.6}
            program["/main.py"] = rng.randbytes(3)
            if rng.random() < 0.7:
                put(board, shelf, program, rng.choice((-1, rng.randrange(30))))
            else:
                take_back(board, shelf, rng.choice((-1, rng.randrange(30))))
        take_back(board, shelf)
        assert board.files == before, seed


def test_what_somebody_else_changed_is_left_alone_and_the_old_file_is_named(shelf: Shelf) -> None:
    board = BoardFiles(BEFORE)
    put(board, shelf, FIRST)
    board.files["/main.py"] = b"edited with another tool"
    _whole, changes = take_back(board, shelf)
    assert board.files == {**BEFORE, "/main.py": b"edited with another tool"}
    assert changes.theirs == ["/main.py"]
    assert changes.kept_in is not None
    assert (Path(changes.kept_in) / sha256_of(b"old main")).read_bytes() == b"old main"


def test_what_somebody_else_changed_is_kept_when_the_program_is_put_again(shelf: Shelf) -> None:
    board = BoardFiles(BEFORE)
    put(board, shelf, FIRST)
    board.files["/main.py"] = b"edited with another tool"
    _whole, changes = put(board, shelf, SECOND)
    assert changes.theirs == ["/main.py"]
    assert_has(board, BEFORE, SECOND)
    _whole, undone = take_back(board, shelf)
    assert board.files == {**BEFORE, "/main.py": b"edited with another tool"}
    assert undone.kept_in is not None  # the very first one
    assert [path.read_bytes() for path in Path(undone.kept_in).iterdir()] == [b"old main"]


def test_another_computer_says_that_it_has_not_the_old_files_and_changes_nothing(shelf: Shelf, tmp_path: Path) -> None:
    board = BoardFiles(BEFORE)
    put(board, shelf, FIRST)
    there = dict(board.files)
    with pytest.raises(KeptElsewhere, match=r"not on this computer: /main\.py, /helper\.py|/helper\.py, /main\.py"):
        take_back(board, Shelf(tmp_path / "elsewhere", Host.current()))
    assert board.files == there
    take_back(board, shelf)
    assert board.files == BEFORE


def test_a_damaged_copy_on_this_computer_is_never_put_back(shelf: Shelf) -> None:
    board = BoardFiles(BEFORE)
    put(board, shelf, FIRST)
    next(iter(shelf.root.rglob(sha256_of(b"old main")))).write_bytes(b"damaged")
    with pytest.raises(KeptElsewhere):
        take_back(board, shelf)


def test_a_folder_that_import_would_find_first_is_named(shelf: Shelf) -> None:
    board = BoardFiles({"/helper/readme.txt": b""})
    with pytest.raises(FolderInTheWay, match=r"a folder /helper: import would find it before /helper\.mpy"):
        put(board, shelf, FIRST)
    assert board.files == {"/helper/readme.txt": b""}


@pytest.mark.parametrize(
    "note",
    [b"", b"[]", b'{"schema":2}', Record("../x", "y").to_bytes(), b'{"schema":1,"id":"a","name":"","files":{"/x":[]}}'],
)
def test_a_note_of_another_kind_stops_before_anything_is_touched(shelf: Shelf, note: bytes) -> None:
    for work in (put, take_back):
        board = BoardFiles({**BEFORE, PATH: note})
        with pytest.raises(RecordUnreadable):
            work(board, shelf, *([FIRST] if work is put else []))
        assert board.files == {**BEFORE, PATH: note}


@pytest.mark.parametrize(("home", "folder"), [("/", "/lib"), ("/flash", "/flash/lib")])
def test_an_install_goes_where_the_board_looks_for_modules(home: str, folder: str) -> None:
    board = BoardFiles({f"{folder}/m.py": b"old"}, home=home)
    plans: list[InstallPlan] = []

    def plan(session: Session) -> Plan:
        plans.append(InstallPlan(session, "/lib", {"m.mpy": b"M new", "pkg/__init__.mpy": b"M"}, ["m.py"]))
        return plans[0].run()

    assert board.run(plan)
    assert board.files == {f"{folder}/m.mpy": b"M new", f"{folder}/pkg/__init__.mpy": b"M"}
    assert (plans[0].folder, len(plans[0].done)) == (folder, 2)
