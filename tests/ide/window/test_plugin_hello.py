"""The example plugin, installed by pip, in the real window: its panel is one like any other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ide.composition import Ide
from ide.docks import PanelDock
from tests.fakes.plugins import Plugins, forget
from tests.homes import CHECKOUT
from tests.ide.window.conftest import Windows


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the example."""
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        Plugins(folder, patch).install(CHECKOUT / "examples" / "plugin_hello")
    return folder


@pytest.fixture
def ide(windows: Windows, qtbot: QtBot, site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ide]:
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    ide = windows.open(windows.example("factorial"))
    qtbot.waitUntil(lambda: "hello" in ide.docks.docks and ide.docks.docks["hello"].made)
    yield ide
    forget("natmod_hello")


def _label(dock: PanelDock) -> QLabel:
    found = dock.widget().findChild(QLabel)
    assert isinstance(found, QLabel)
    return found


def test_it_greets_the_project(ide: Ide) -> None:
    dock = ide.docks.docks["hello"]
    assert _label(dock).text() == "Hello, factorial!"
    assert dock.windowTitle() == "Hello"
    assert ide.window.dockWidgetArea(dock) == Qt.DockWidgetArea.RightDockWidgetArea
    assert [notice for notice in ide.notices.kept if "hello" in str(notice.text)] == []


def test_it_can_be_hidden_moved_and_floated(ide: Ide, qtbot: QtBot) -> None:
    dock = ide.docks.docks["hello"]
    dock.close()
    qtbot.waitUntil(dock.isHidden)
    ide.commands.run("panel.hello")
    qtbot.waitUntil(dock.isVisible)
    ide.window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    assert ide.window.dockWidgetArea(dock) == Qt.DockWidgetArea.LeftDockWidgetArea
    dock.setFloating(True)
    qtbot.waitUntil(dock.isFloating)
    assert _label(dock).isVisible()
