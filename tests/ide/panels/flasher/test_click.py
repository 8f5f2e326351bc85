"""The one click of the window: an empty board gets firmware that fits, then the project runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board.classify import classify
from ide.board_notice import BoardNotice
from ide.commands import Command
from ide.panels.flasher.widget import FlasherPanel
from tests.fakes.official import downloaded
from tests.fakes.rom_chip import RomChip
from tests.ide.panels.stand_in import Studio, studio
from toolchains.paths import Paths
from toolchains.text import _

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")

LONG = 120_000


@pytest.fixture
def ide(home: Path, tmp_path: Path) -> Iterator[Studio]:
    with studio(tmp_path) as found:
        yield found


@pytest.fixture
def ran(ide: Studio) -> list[str]:
    """Whether the project was run."""
    found: list[str] = []
    ide.ctx.commands.records.pop("project.run")
    ide.ctx.commands.register(Command("project.run", _("Run"), lambda: found.append("run")))
    return found


def test_an_empty_board_is_offered_micropython_gets_it_and_runs(
    ide: Studio, ran: list[str], paths: Paths, qtbot
) -> None:
    panel = FlasherPanel(ide.ctx)
    qtbot.addWidget(panel)
    panel.show()
    board, notice = ide.ctx.board, BoardNotice(ide.ctx)
    with RomChip("esp32c6") as rom, downloaded(paths, "ESP32_GENERIC_C6", "1.29.0") as data:
        board.use(rom.port)
        notice.tell(classify(b"invalid header: 0xffffffff\r\n" * 3))  # what a run ends with
        said = ide.ctx.notices.kept[-1]
        assert "there is no firmware where its chip starts" in str(said.text)
        (put,) = said.actions
        assert str(put.title) == "Put MicroPython on it and run"
        put.run()
        qtbot.waitUntil(lambda: bool(ran) or not panel.work.busy, timeout=LONG)
        assert ran == ["run"], panel.side.card.said.text()
        assert rom.flash[: len(data)] == data
        qtbot.waitUntil(lambda: board.identity is not None, timeout=LONG)
        assert board.identity is not None
        assert board.identity.version == "1.29.0"
        board.use(None)
        board.close()
    assert ide.crashes == []
