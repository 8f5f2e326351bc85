"""The race panel: a function of the project races on the board, its numbers are shown and saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from ide.panels.race import saving
from ide.panels.race.panel import PANEL
from ide.panels.race.widget import RacePanel
from tests.ide.panels.stand_in import Studio, studio
from toolchains.toolbox import Toolbox

PATIENCE = 60_000
SOURCE = "import micropython\n\n\n# race: add(3, 4)\ndef add(a: int, b: int) -> int:\n    return a + b\n"


@pytest.fixture
def ide(qtbot: QtBot, tmp_path: Path, toolbox: Toolbox) -> Iterator[Studio]:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "sums.py").write_text(SOURCE)
    with studio(tmp_path / "mine") as found:
        yield found


@pytest.mark.usefixtures("rv32_firmware")
def test_a_function_of_the_project_races_and_is_saved(ide: Studio, qtbot: QtBot, tmp_path: Path) -> None:
    panel = PANEL.create(ide.ctx)
    assert isinstance(panel, RacePanel)
    qtbot.addWidget(panel)
    panel.resize(900, 300)
    panel.show()
    qtbot.waitUntil(lambda: panel.what.count() > 3, timeout=PATIENCE)
    assert panel.what.currentText() == "add, in sums.py"
    assert panel.call.text() == "add(3, 4)"
    assert not panel.go.isEnabled()
    ide.ctx.board.use("sim:rv32")
    qtbot.waitUntil(lambda: ide.ctx.board.state == "prompt" and ide.ctx.board.identity is not None, timeout=PATIENCE)
    with qtbot.waitSignal(panel.racing.ended, timeout=PATIENCE):
        qtbot.mouseClick(panel.go, Qt.MouseButton.LeftButton)
        assert panel.go.text() == "Stop"
    assert [panel.numbers.item(row, 0).text() for row in range(4)] == ["Python", "native", "viper", "C"]
    assert panel.lanes.words_of("as_viper").endswith(" times Python")
    assert panel.lanes.words_of("as_c") == "left out: the project has no C yet"
    assert "viper is the fastest" in panel.said.text() or "native is the fastest" in panel.said.text()
    assert "a simulator's times" in panel.said.text()
    assert panel.report is not None
    saving.save_csv(ide.ctx, panel.report, tmp_path / "r.csv")
    saving.save_picture(ide.ctx, panel.report, tmp_path / "r.png")
    qtbot.waitUntil(lambda: (tmp_path / "r.png").exists() and (tmp_path / "r.csv").exists(), timeout=PATIENCE)
    qtbot.waitUntil(lambda: not QImage(str(tmp_path / "r.png")).isNull(), timeout=PATIENCE)
    assert (tmp_path / "r.csv").read_text().splitlines()[4].startswith("C,")
    qtbot.waitUntil(lambda: panel.racing.possible, timeout=PATIENCE)
    panel.call.setText("add(1")
    with qtbot.waitSignal(panel.racing.ended, timeout=PATIENCE) as ended:
        panel.start()
    assert ended.args == [None]
    assert "is no valid Python" in str(ide.ctx.notices.kept[-1].text)
    qtbot.waitUntil(lambda: ide.ctx.board.state == "prompt", timeout=PATIENCE)


def test_the_frame_in_c_is_written_and_opened(ide: Studio, qtbot: QtBot) -> None:
    panel = PANEL.create(ide.ctx)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: panel.what.count() > 3, timeout=PATIENCE)
    panel.to_c.click()
    qtbot.waitUntil(lambda: bool(ide.editors.opened), timeout=PATIENCE)
    path = ide.editors.opened[-1][0]
    assert path.name == "add_c.c"
    assert "MP_QSTR_add" in path.read_text()
