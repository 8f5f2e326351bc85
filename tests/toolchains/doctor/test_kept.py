"""What is kept to be taken back, which anybody may have written."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolchains.doctor.kept import NAME, NothingToUndo, keep, take_back
from toolchains.edits import EditRefused, TextEdit, apply
from toolchains.text import _


def test_rounds_are_taken_back_the_last_first(tmp_path: Path) -> None:
    path = tmp_path / "a.c"
    path.write_text("a")
    undos = [apply(_("x"), [TextEdit(path, 0, 1, "a", "b")]), apply(_("x"), [TextEdit(path, 0, 1, "b", "c")])]
    keep(tmp_path, undos)
    assert take_back(tmp_path) == (path,)
    assert path.read_text() == "a"
    with pytest.raises(NothingToUndo):
        take_back(tmp_path)


def test_work_that_was_done_since_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.c"
    path.write_text("a")
    keep(tmp_path, [apply(_("x"), [TextEdit(path, 0, 1, "a", "b")])])
    path.write_text("b, and more")
    with pytest.raises(EditRefused):
        take_back(tmp_path)
    assert path.read_text() == "b, and more"


@pytest.mark.parametrize("name", ["../outside.c", "/etc/passwd", ".git/config", ".natmod/x", "a\0b", 7, None, "link/x"])
def test_nothing_outside_the_project_is_written(tmp_path: Path, name: object) -> None:
    root = tmp_path / "project"
    (root / ".natmod").mkdir(parents=True)
    (root / "link").symlink_to(tmp_path)
    change = {"path": name, "before": base64.b64encode(b"evil").decode(), "after": None}
    (root / ".natmod" / NAME).write_text(json.dumps({"schema": 1, "rounds": [[change]]}))
    with pytest.raises(NothingToUndo):
        take_back(root)
    assert not (tmp_path / "outside.c").exists()
    assert not (tmp_path / "x").exists()


@given(st.binary(max_size=200))
def test_any_file_is_a_sentence_at_most(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    root = tmp_path_factory.mktemp("k")
    (root / ".natmod").mkdir()
    (root / ".natmod" / NAME).write_bytes(data)
    with pytest.raises(NothingToUndo):
        take_back(root)
