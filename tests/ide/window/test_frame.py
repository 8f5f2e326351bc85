"""The frame: panels stay where a person put them, and nothing that is said makes the window wider than the screen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ide.window.conftest import Windows


def test_panels_are_where_they_were_left(windows: Windows, qtbot: QtBot) -> None:
    project = windows.example("factorial")
    ide = windows.open(project)
    docks = ide.docks.docks
    docks["search"].close()
    ide.window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, docks["problems"])
    docks["run"].setFloating(True)
    qtbot.waitUntil(docks["run"].isVisible)
    windows.close(ide)
    again = windows.open(project)
    docks = again.docks.docks
    assert docks["search"].isHidden()
    assert again.window.dockWidgetArea(docks["problems"]) == Qt.DockWidgetArea.LeftDockWidgetArea
    assert docks["run"].isFloating()
    again.commands.run("panel.search")
    qtbot.waitUntil(docks["search"].isVisible)


def test_a_long_sentence_does_not_make_the_window_wider(windows: Windows, qtbot: QtBot) -> None:
    ide = windows.open(windows.example("factorial"))
    width = ide.window.width()
    sentence = "a step with a long name " * 20
    ide.status.tell(lambda: sentence)
    qtbot.waitUntil(lambda: ide.status.said.visibleRegion().boundingRect().width() > 0)
    assert ide.window.minimumSizeHint().width() < 1280
    assert ide.window.width() == width
    assert ide.status.said.toolTip() == sentence


def test_the_words_about_the_board_are_left_out_in_the_middle_not_cut_off(windows: Windows, qtbot: QtBot) -> None:
    ide = windows.open(windows.example("factorial"))
    bar, long = ide.status, "/dev/serial/by-id/" + "usb-bridge-" * 12 + "port0 · ESP32 · MicroPython 1.29.0 · ready"
    bar.board.setText(long)
    bar.job.show()
    bar.cancel.show()
    qtbot.waitUntil(lambda: 0 < bar.board.width() < bar.board.sizeHint().width())
    assert bar.board.toolTip() == long
    assert ide.window.minimumSizeHint().width() < 1280
    for label in (bar.said, bar.board, bar.place, bar.file):  # none is over another one, nor over the edge
        assert bar.rect().contains(label.geometry())
    assert bar.board.geometry().right() < bar.place.geometry().left()
    bar.board.setText("COM3 · ready")
    qtbot.waitUntil(lambda: bar.board.width() == bar.board.sizeHint().width())
