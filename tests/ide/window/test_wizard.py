"""A new project: say what you want, see what fits and why, give it a name, and it opens."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ide import wizard_advice
from ide.composition import Ide
from ide.gallery_dialog import GalleryDialog
from ide.wizard import Wizard
from ide.words import words
from tests.ide.window.conftest import Windows
from tests.ide.window.test_widths import LANGUAGES, cut_off, settled
from toolchains import project
from toolchains.firmware.user_modules import read
from toolchains.sdk_tree import SdkTree


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    folders: list[Path] = []
    monkeypatch.setattr(Ide, "open_project", lambda _ide, folder: folders.append(folder))
    return folders


@pytest.fixture
def wizard(windows: Windows, opened: list[Path]) -> Wizard:
    ide = windows.open(windows.example("factorial"))
    ide.commands.run("project.new")
    (found,) = ide.window.findChildren(Wizard)
    return found


def _wish(wizard: Wizard, wish_id: str) -> None:
    wizard.wishes.setCurrentRow([wish.id for wish in wizard_advice.WISHES].index(wish_id))


def test_it_asks_first_and_makes_what_fits(wizard: Wizard, qtbot: QtBot, opened: list[Path], tmp_path: Path) -> None:
    qtbot.waitUntil(wizard.create_button.isEnabled)
    _wish(wizard, "type")
    assert wizard.fits.text() == "Native module with a class"
    assert "memory" in wizard.reason.text()
    wizard.folder.setText(str(tmp_path / "new ones 新"))
    wizard.name.setText("ring")
    qtbot.waitUntil(wizard.create_button.isEnabled)
    qtbot.keyClick(wizard.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: opened == [tmp_path / "new ones 新" / "ring"])
    assert project.load(opened[0]).sources == ("ring.c",)


def test_a_firmware_is_made_for_who_wants_the_chip(wizard: Wizard, qtbot: QtBot, opened: list[Path]) -> None:
    _wish(wizard, "chip")
    assert wizard.fits.text() == "User C module"
    wizard.name.setText("radio")
    qtbot.waitUntil(wizard.create_button.isEnabled)
    wizard.create_button.click()
    qtbot.waitUntil(lambda: bool(opened))
    made = project.load(opened[0])
    assert made.firmware is not None
    assert made.firmware.modules == ("usermods/radio",)
    assert read(made.root / "usermods/radio").names == ("radio",)


def test_a_port_of_one_s_own(wizard: Wizard, qtbot: QtBot, opened: list[Path], sdk_tree: SdkTree) -> None:
    _wish(wizard, "own_chip")
    assert wizard.fits.text() == "Port of MicroPython"
    wizard.name.setText("mine")
    qtbot.waitUntil(wizard.create_button.isEnabled)
    wizard.create_button.click()
    qtbot.waitUntil(lambda: bool(opened))
    made = project.load(opened[0])
    assert made.firmware is not None
    assert made.firmware.port == "mine"
    assert (made.root / "ports/mine/main.c").is_file()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("my-module", "For example: my_module"),
        ("class", "Python language"),
        ("taken", "exists already"),
        ("élève 新", "For example: eleve"),
        ("~", "letters, digits"),
    ],
)
def test_a_name_is_checked_while_it_is_typed(
    name: str, said: str, wizard: Wizard, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "here" / "taken").mkdir(parents=True)
    (tmp_path / "here" / "taken" / "file").write_text("mine", "utf-8")
    wizard.folder.setText(str(tmp_path / "here"))
    wizard.name.setText(name)
    qtbot.waitUntil(lambda: said in wizard.problem.text())
    assert not wizard.create_button.isEnabled()
    wizard.name.setText("free")
    qtbot.waitUntil(wizard.create_button.isEnabled)
    assert wizard.problem.text() == ""


def test_a_folder_that_cannot_be_used_is_said_not_raised(wizard: Wizard, qtbot: QtBot, opened: list[Path]) -> None:
    wizard.folder.setText("/proc/nowhere")
    wizard.name.setText("demo")
    qtbot.waitUntil(lambda: wizard.create_button.isEnabled() or wizard.problem.text() != "")
    wizard.create_project()
    qtbot.waitUntil(lambda: wizard.problem.text() != "")
    assert opened == []
    for odd in ("~nobody-of-this-name", "", "\0"):
        wizard.folder.setText(odd)
    qtbot.waitUntil(lambda: not wizard._ctx.jobs.running)


def test_the_suggested_name_is_free(windows: Windows, qtbot: QtBot, opened: list[Path], warm_home: Path) -> None:
    (warm_home / "projects" / "my_module").mkdir(parents=True)
    ide = windows.open(windows.example("factorial"))
    ide.commands.run("project.new")
    (wizard,) = ide.window.findChildren(Wizard)
    qtbot.waitUntil(lambda: wizard.name.text() == "my_module2")
    qtbot.waitUntil(wizard.create_button.isEnabled)


def test_it_speaks_the_language_at_once(wizard: Wizard, qtbot: QtBot) -> None:
    words.use("fr")
    assert wizard.wishes.item(0).text() == str(wizard_advice.WISHES[0].title)
    words.use("en")
    qtbot.waitUntil(wizard.create_button.isEnabled)
    wizard.reject()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", ["project.new", "project.examples"])
def test_no_word_of_the_dialogs_is_cut_off(
    command: str, language: str, windows: Windows, qtbot: QtBot, opened: list[Path]
) -> None:
    ide = windows.open(windows.example("factorial"))
    words.use(language)
    ide.commands.run(command)
    (dialog,) = [*ide.window.findChildren(Wizard), *ide.window.findChildren(GalleryDialog)]
    qtbot.waitUntil(lambda: not ide.jobs.running)
    if isinstance(dialog, Wizard):
        _wish(dialog, "chip")
        dialog.name.setText("my-module")
        qtbot.waitUntil(lambda: dialog.problem.text() != "")
    settled(dialog)
    assert list(cut_off(dialog)) == []
    assert dialog.width() <= 1280
    assert dialog.height() <= 720
    qtbot.waitUntil(lambda: not ide.jobs.running)
    dialog.reject()
