"""What a room's lab.toml presets is there at the first start, and what the person then chooses stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ide import app
from ide.board_session import BoardSession
from ide.engine import Engine
from tests.ide.window.conftest import Windows
from toolchains.host import Host


def _room(home: Path, text: str) -> None:
    (home / "config").mkdir(parents=True, exist_ok=True)
    (home / "config" / "lab.toml").write_text(text, "utf-8")


def test_language_and_panels_are_the_room_s_until_the_person_changes_them(
    windows: Windows, warm_home: Path, qtbot: QtBot
) -> None:
    _room(warm_home, 'language = "fr"\nhidden = ["search", "start"]\n')
    project = windows.example("factorial")
    ide = windows.open(project)
    assert ide.settings.text("window.language") == "fr"
    assert ide.docks.docks["problems"].windowTitle().startswith("Problèmes")
    hidden = {name for name, dock in ide.docks.docks.items() if dock.isHidden()}
    assert {"search", "start"} <= hidden
    assert "console" not in hidden
    ide.settings.set("window.language", "en")
    ide.settings.set("window.welcome", True)
    ide.docks.show_panel("search")
    windows.close(ide)
    again = windows.open(project)
    assert again.settings.text("window.language") == "en"
    assert not again.docks.docks["search"].isHidden()
    assert not again.docks.docks["start"].isHidden()


def test_a_language_that_the_person_chose_before_stays(windows: Windows, warm_home: Path) -> None:
    (warm_home / "config" / "settings.toml").write_text('[board]\nconnect = false\n[window]\nlanguage = "zh_TW"\n')
    _room(warm_home, 'language = "fr"\n')
    assert windows.open(windows.example("factorial")).settings.text("window.language") == "zh_TW"


def test_a_fault_in_it_is_said_once_and_stops_nothing(windows: Windows, warm_home: Path, qtbot: QtBot) -> None:
    _room(warm_home, 'langauge = "fr"\n')
    ide = windows.open(windows.example("factorial"))
    qtbot.waitUntil(lambda: "lab.toml line 1" in ide.window.notice_bar.label.text())
    assert ide.settings.text("window.language") == ""


def test_the_board_is_the_room_s(
    windows: Windows, warm_home: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[str] = []
    monkeypatch.setattr(BoardSession, "use", lambda _session, address, *_more: used.append(address))
    (warm_home / "config" / "settings.toml").write_text("[window]\ntheme = 'light'\n")
    _room(warm_home, 'board = "COM7"\n')
    windows.open(windows.example("factorial"))
    qtbot.waitUntil(lambda: used == ["COM7"])


@pytest.mark.parametrize(("project", "name"), [("ring_class", "ring_class"), ("no_such_example", "factorial")])
def test_the_first_project_is_the_room_s(warm_home: Path, project: str, name: str) -> None:
    _room(warm_home, f'project = "{project}"\n')
    engine = Engine(Host.current())
    assert app.last_project(engine).name == name
