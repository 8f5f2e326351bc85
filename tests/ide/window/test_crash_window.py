"""Our own code falls over in the real window: the text is kept, what happened can be read, and work goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from ide.commands import Command
from ide.composition import Ide
from tests.ide.window.conftest import Windows
from toolchains.jobs import JobContext
from toolchains.text import Text

pytestmark = pytest.mark.logs_warnings


@pytest.fixture
def ide(windows: Windows) -> Iterator[Ide]:
    """A window that takes its own faults, as outside of tests."""
    found = windows.open(windows.example("factorial"))
    found.crash.install()
    yield found
    found.crash.remove()


def _type(ide: Ide, text: str) -> None:
    view = ide.editors.current()
    assert view is not None
    view.sci.insert(0, text)


def _fail() -> None:
    raise ZeroDivisionError("our own fault")


def _fail_in_worker(_ctx: JobContext) -> None:
    _fail()


@pytest.mark.parametrize("where", ["command", "timer", "worker"])
def test_a_fault_is_told_and_nothing_is_lost(ide: Ide, qtbot: QtBot, where: str) -> None:
    _type(ide, "// typed just now\n")
    if where == "command":
        ide.commands.register(Command("test.fail", Text("Fail"), _fail, "Ctrl+Alt+F9", "help/99"))
        ide.actions.of("test.fail").trigger()
    elif where == "timer":
        QTimer.singleShot(0, _fail)
    else:
        ide.jobs.start(Text("Fail"), _fail_in_worker)
    bar = ide.window.notice_bar
    qtbot.waitUntil(bar.isVisible)
    assert "Natmod Studio made a mistake" in bar.label.text()
    assert [backup.text.split("\n")[0] for backup in ide.editors.files.backups.found()] == ["// typed just now"]
    show = next(button for button in bar.findChildren(QToolButton) if button.text() == "Show what happened")
    show.click()

    def shown() -> Path | None:
        return ide.editors.current_path()

    qtbot.waitUntil(lambda: (path := shown()) is not None and path.name.startswith("crash-"))
    path = shown()
    assert path is not None
    assert "ZeroDivisionError: our own fault" in path.read_text("utf-8")
    assert ide.commands.run("view.theme_dark")  # it goes on
    assert ide.themes.theme.name == "dark"
