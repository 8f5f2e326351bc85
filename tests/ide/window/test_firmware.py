"""The Firmware panel in the window: natmod.toml is open in the editor, and Run means the project's own firmware."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from ide.composition import Ide
from ide.panels.firmware.widget import FirmwarePanel
from tests.ide.window.conftest import PATIENT, Windows
from toolchains.firmware.table import FirmwareTable
from toolchains.sdk_tree import SdkTree


def _panel(ide: Ide, qtbot: QtBot) -> FirmwarePanel:
    assert ide.commands.run("project.firmware")
    found = ide.docks.docks["firmware"].findChild(FirmwarePanel)
    assert isinstance(found, FirmwarePanel)
    qtbot.waitUntil(lambda: not found.looking and ide.project.project is not None, timeout=PATIENT)
    return found


def test_an_open_natmod_toml_is_changed_on_the_screen_and_saved(windows: Windows, qtbot: QtBot) -> None:
    ide = windows.open(windows.example("factorial"))
    assert ide.docks.docks["firmware"].isHidden()
    panel, file = _panel(ide, qtbot), ide.folder / "natmod.toml"
    before = file.read_text("utf-8")
    ide.editors.open(file)
    qtbot.waitUntil(lambda: ide.editors.text_of(file) is not None, timeout=PATIENT)
    panel.doing.begin(FirmwareTable("unix"))
    qtbot.waitUntil(lambda: panel.stack.currentIndex() == 1 and not panel.edits.busy, timeout=PATIENT)
    text = ide.editors.text_of(file)
    assert text is not None
    assert '[firmware]\nport = "unix"\nmodules = ["."]' in text
    assert file.read_text("utf-8") == text
    assert ide.editors.modified_paths() == []
    panel.undo.click()
    qtbot.waitUntil(lambda: panel.stack.currentIndex() == 0 and not panel.edits.busy, timeout=PATIENT)
    assert ide.editors.text_of(file) == file.read_text("utf-8") == before

    panel.doing.begin(FirmwareTable("unix"))  # what somebody typed since is not lost
    qtbot.waitUntil(lambda: panel.stack.currentIndex() == 1 and not panel.edits.busy, timeout=PATIENT)
    view = ide.editors.current()
    assert view is not None
    view.sci.insert(0, "# mine\n")
    panel.undo.click()
    assert "your work would be lost" in panel.said.text()
    assert (ide.editors.text_of(file) or "").startswith("# mine")
    ide.editors.save_all()


@pytest.mark.slow
def test_run_builds_the_firmware_of_the_project(windows: Windows, qtbot: QtBot, sdk_tree: SdkTree) -> None:
    ide = windows.open(windows.example("usermod_example"))
    dock = ide.docks.docks["firmware"]
    assert not dock.isHidden()  # the project is one
    assert dock.visibleRegion().isEmpty()  # and behind the console
    assert ide.commands.run("project.run")
    panel = dock.findChild(FirmwarePanel)
    assert isinstance(panel, FirmwarePanel)
    assert panel.work.busy
    qtbot.waitUntil(lambda: "CC " in panel.output.toPlainText(), timeout=PATIENT)
    panel.work.stop.click()
    qtbot.waitUntil(lambda: not panel.work.busy, timeout=PATIENT)
    assert ide.problems.of("firmware") == []
    assert ide.notices.kept == []
