"""Copies of board files: found again, garbage passed over, old ones forgotten first."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from ide.panels.files import kept as module
from ide.panels.files.kept import Kept, KeptCopies, beside


@pytest.fixture
def copies(tmp_path: Path) -> KeptCopies:
    return KeptCopies(tmp_path / "state", tmp_path / "project")


def made(copies: KeptCopies, path: str, board: str = "b", *, waiting: bool = False) -> Kept:
    local = copies.place(board, path)
    local.parent.mkdir(parents=True, exist_ok=True)
    local.write_bytes(b"x")
    return Kept(board, path, local, hashlib.sha256(b"x").hexdigest(), waiting)


def test_what_was_written_is_read(copies: KeptCopies, tmp_path: Path) -> None:
    one, two = made(copies, "/main.py", waiting=True), made(copies, "/lib/é 中.py")
    copies.write([one, two])
    assert KeptCopies(tmp_path / "state", tmp_path / "project").read() == [one, two]
    assert KeptCopies(tmp_path / "state", tmp_path / "other").read() == []


def test_two_boards_have_two_copies_and_hostile_names_stay_inside(copies: KeptCopies) -> None:
    places = {copies.place(board, "/main.py") for board in ("a", "b")}
    places |= {copies.place("a", path) for path in ("/lib/main.py", "/Main.py", "/..\\..\\x", "/con", "/" + "x" * 255)}
    assert len(places) == 7
    assert all(copies.folder == place.parent.parent for place in places)
    assert all(len(place.name) <= 120 for place in places)


@pytest.mark.parametrize(
    "entry",
    [
        3, None, {}, {"board": "b"}, {"board": "b", "path": "/x", "local": "/etc/passwd", "sha256": ""},
        {"board": "b", "path": 3, "local": "x", "sha256": ""},
    ],
)  # fmt: skip
def test_garbage_is_passed_over(copies: KeptCopies, entry: object) -> None:
    good = made(copies, "/main.py")
    copies.write([good])
    file = copies.folder / "kept.json"
    text = json.loads(file.read_text("utf-8"))
    text["files"].insert(0, entry)
    file.write_text(json.dumps(text), "utf-8")
    assert copies.read() == [good]
    file.write_text("{", "utf-8")
    assert copies.read() == []


def test_a_path_that_climbs_out_is_passed_over(copies: KeptCopies, tmp_path: Path) -> None:
    outside = tmp_path / "secret"
    outside.write_text("x", "utf-8")
    copies.write([Kept("b", "/x", copies.folder / ".." / ".." / ".." / "secret", "")])
    assert copies.read() == []


def test_old_copies_are_forgotten_but_not_those_that_wait(copies: KeptCopies, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    waits = made(copies, "/waits.py", waiting=True)
    assert copies.put(waits) == []
    others = [made(copies, f"/{n}.py") for n in range(4)]
    gone = [path for one in others for path in copies.put(one)]
    assert gone == [others[0].local, others[1].local]
    assert copies.waiting() == [waits]


def test_a_name_beside_is_free(tmp_path: Path) -> None:
    local = tmp_path / "main.py"
    assert beside(local, "board").name == "main.board.py"
    (tmp_path / "main.board.py").touch()
    assert beside(local, "board").name == "main.board-2.py"


def test_a_renamed_folder_takes_its_copies_along(copies: KeptCopies) -> None:
    copies.put(made(copies, "/lib/a.py"))
    copies.put(made(copies, "/library/a.py"))
    copies.renamed("b", "/lib", "/code")
    assert sorted(one.path for one in copies.all()) == ["/code/a.py", "/library/a.py"]


def test_what_was_saved_while_nobody_looked_waits(copies: KeptCopies) -> None:
    one = made(copies, "/main.py")
    copies.write([one])
    one.local.write_bytes(b"saved later")
    assert [(kept.path, kept.waiting) for kept in copies.read()] == [("/main.py", True)]
