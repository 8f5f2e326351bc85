"""What a window remembers survives; garbage is forgotten."""

from __future__ import annotations

from pathlib import Path

from ide import session_state


def test_what_was_written_comes_back(tmp_path: Path) -> None:
    path = session_state.state_file(tmp_path, tmp_path / "项目 é")
    session_state.write(path, {"board": "sim:rv32"})
    assert session_state.read(path)["board"] == "sim:rv32"


def test_garbage_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    for content in (b"\xff\x00", b"[1]", b'{"schema": 99}', b"{"):
        path.write_bytes(content)
        assert session_state.read(path) == {}


def test_recent_projects_are_those_that_are_there_the_last_one_first(tmp_path: Path) -> None:
    recent = session_state.Recent(tmp_path / "state")
    one, two, gone = tmp_path / "one", tmp_path / "two", tmp_path / "gone"
    for folder in (one, two, gone):
        folder.mkdir()
        recent.add(folder)
    gone.rmdir()
    recent.add(one)
    assert recent.folders() == [one, two]
