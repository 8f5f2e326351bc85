"""A disk without room for what the window remembers: it says so, and works all the same."""

from __future__ import annotations

from io import FileIO
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.disks import small_disk
from tests.ide.window.conftest import Windows


def test_a_window_whose_state_cannot_be_kept_opens_looks_for_boards_and_keeps_the_text(
    windows: Windows, qtbot: QtBot, warm_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ide.board.boards.choose_address", lambda _host: "/dev/no-such-port")
    (warm_home / "config" / "settings.toml").write_text("[board]\nconnect = true\n", "utf-8")
    project = windows.example("factorial")
    with small_disk(warm_home / "state", "256k") as state:
        (state / "windows").mkdir()
        filler = state / "filler"
        with filler.open("wb", buffering=0) as file:
            for size in (4096, 1):
                _fill(file, size)
        ide = windows.open(project)
        qtbot.waitUntil(lambda: any("space" in str(notice.text) for notice in ide.notices.kept))
        qtbot.waitUntil(lambda: ide.board.address == "/dev/no-such-port")
        view = ide.editors.current()
        assert view is not None
        view.sci.insert(0, "// no room for this\n")
        filler.unlink()
        windows.close(ide)
        again = windows.open(project)
        qtbot.waitUntil(lambda: "// no room for this" in (again.editors.text_of(project / "factorial.c") or ""))
        windows.close(again)


def _fill(file: FileIO, size: int) -> None:
    """Write until nothing more goes in."""
    try:
        while file.write(b"x" * size):
            pass
    except OSError:
        return
