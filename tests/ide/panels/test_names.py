"""The Board, Build, Run, Problems and Toolchains panels for those who do not see them, or have no mouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from ide.panels.board.panel import PANEL as BOARD
from ide.panels.builds.panel import PANEL as BUILD
from ide.panels.packages.panel import PANEL as PACKAGES
from ide.panels.plotter.panel import PANEL as PLOTTER
from ide.panels.problems.panel import PANEL as PROBLEMS
from ide.panels.run.panel import PANEL as RUN
from ide.panels.toolchains.panel import PANEL as TOOLCHAINS
from tests import qt_leaks
from tests.ide.panels.stand_in import Studio, studio


@pytest.fixture
def ide(qtbot, tmp_path: Path) -> Iterator[Studio]:
    (tmp_path / "natmod.toml").write_text('schema = 1\n[module]\nname = "x"\nsources = ["x.c"]\n', "utf-8")
    (tmp_path / "x.c").write_text("", "utf-8")
    with studio(tmp_path) as found:
        yield found


def _name(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else ""


@pytest.mark.parametrize("info", [BOARD, BUILD, PACKAGES, PLOTTER, PROBLEMS, RUN, TOOLCHAINS], ids=lambda info: info.id)
def test_whatever_takes_the_keyboard_has_a_name(info, ide: Studio, qtbot) -> None:
    panel = info.create(ide.ctx)
    qtbot.addWidget(panel)
    panel.show()
    takers = [
        widget
        for widget in panel.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(widget.parent(), QAbstractScrollArea)
        and widget.window() is panel.window()  # a list that drops down is Qt's own window
    ]
    assert takers
    assert [(widget, widget.parent()) for widget in takers if not _name(widget)] == []
    qtbot.waitUntil(lambda: not ide.ctx.jobs.running, timeout=60_000)


@pytest.mark.parametrize("info", [BOARD, BUILD, PACKAGES, PLOTTER, PROBLEMS, RUN, TOOLCHAINS], ids=lambda info: info.id)
def test_a_panel_at_rest_has_no_timer(info, ide: Studio, qtbot) -> None:
    before = set(qt_leaks.running_timers())
    panel = info.create(ide.ctx)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: not ide.ctx.jobs.running, timeout=60_000)
    qtbot.waitUntil(lambda: set(qt_leaks.running_timers()) <= before, timeout=5_000)
