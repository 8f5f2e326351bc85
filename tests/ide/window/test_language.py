"""The language switches at once, everywhere; dark and light do, too."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.ide.window.conftest import Windows


@pytest.mark.parametrize(
    ("language", "run", "menu"),
    [("fr", "Lancer", "&Fichier"), ("zh_TW", "執行", "檔案(&F)"), ("zh_CN", "运行", "文件(&F)")],
)
def test_the_window_speaks_another_language_at_once(
    windows: Windows, qtbot: QtBot, language: str, run: str, menu: str
) -> None:
    ide = windows.open(windows.example("factorial"))
    ide.commands.run(f"view.language_{language}")
    assert ide.actions.of("project.run").text() == run
    assert ide.window.menuBar().actions()[0].text() == menu
    assert ide.settings.text("window.language") == language
    ide.commands.run("view.language_en")
    assert ide.actions.of("project.run").text() == "Run"


def test_colours_change_at_once(windows: Windows, qtbot: QtBot) -> None:
    ide = windows.open(windows.example("factorial"))
    for name in ("dark", "contrast", "light"):
        ide.commands.run(f"view.theme_{name}")
        assert ide.themes.theme.name == name
        assert ide.window.palette().window().color() == ide.themes.color("window")
