"""What a person's disk may hold, met by the whole window: each is said in a sentence, and the window works on."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ide.window.conftest import Windows


def _told(windows: Windows, qtbot: QtBot, words: str) -> None:
    (ide,) = windows.open_ones
    qtbot.waitUntil(lambda: any(words in str(notice.text) for notice in ide.notices.kept))


@pytest.mark.parametrize(
    "garbage", [b"\xff\xfe\x00garbage", b"[window\ntheme = ", b"window = 7\n[editor]\nfont_size = 'x'\n"]
)
def test_settings_of_garbage(
    windows: Windows, qtbot: QtBot, warm_home: Path, garbage: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ide.board.boards.choose_address", lambda _host: "/dev/no-such-port")
    file = warm_home / "config" / "settings.toml"
    file.write_bytes(b"[board]\nconnect = false\n" + garbage)
    ide = windows.open(windows.example("factorial"))
    assert ide.editors.current_path() is not None
    assert ide.commands.run("view.theme_dark")
    assert ide.themes.theme.name == "dark"
    if b"window = 7" not in garbage:  # that one is TOML, and its values are passed over
        _told(windows, qtbot, "settings")
        assert [other for other in file.parent.iterdir() if other != file and garbage in other.read_bytes()]


def test_files_that_are_no_text_and_a_file_that_goes_away(windows: Windows, qtbot: QtBot) -> None:
    project = windows.example("factorial")
    (project / "picture.bin").write_bytes(bytes(range(256)) * 50)
    with (project / "log.txt").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    (project / "old.c").write_bytes("// déjà vu\nint x;\n".encode("latin-1"))
    (project / "wide.py").write_bytes("name = '中文'\n".encode("utf-16"))
    ide = windows.open(project)
    ide.editors.open(project / "picture.bin")
    _told(windows, qtbot, "picture.bin")
    ide.editors.open(project / "log.txt")
    _told(windows, qtbot, "200 MB")
    for name, words in (("old.c", "déjà vu"), ("wide.py", "中文")):
        ide.editors.open(project / name)
        qtbot.waitUntil(lambda name=name: ide.editors.current_path() == project / name)
        assert words in (ide.editors.text_of(project / name) or "")
    assert "UTF-16" in ide.status.file.text()
    (project / "wide.py").unlink()
    ide.editors.current().sci.insert(0, "# still here\n")  # type: ignore[union-attr]
    assert ide.editors.save_all()
    assert (project / "wide.py").read_text("utf-16") == "# still here\nname = '中文'\n"
