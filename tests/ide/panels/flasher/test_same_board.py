"""Backup, restore, rescue and partitions: the board is looked at again, followed to another port, or refused."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ide.board.flash import usb
from ide.board.flash.templates import templates
from ide.board.flash.usb import UsbPort
from ide.panels.flasher.widget import FlasherPanel
from tests.fakes import images
from tests.fakes.rom_chip import RomChip
from tests.ide.panels.stand_in import Studio, studio

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")

LONG = 120_000
MAC, OTHER = "24:6f:28:00:00:01", "24:6f:28:00:00:99"
_NVS = 0x9000


@pytest.fixture
def ide(home: Path, tmp_path: Path) -> Iterator[Studio]:
    with studio(tmp_path) as found:
        yield found
        found.ctx.board.use(None)
    assert found.crashes == []


@pytest.fixture
def panel(ide: Studio, qtbot) -> FlasherPanel:
    made = FlasherPanel(ide.ctx)
    qtbot.addWidget(made)
    made.resize(1280, 380)
    made.show()
    return made


@pytest.fixture
def native(monkeypatch: pytest.MonkeyPatch) -> Callable[[RomChip], None]:
    """Say from now on that the port of a chip is the chip's own USB, which tells its MAC."""

    def plugged(chip: RomChip) -> None:
        port = UsbPort(chip.port, 0x303A, 0x1001, chip.mac.upper())
        monkeypatch.setattr(usb, "ports", lambda: [port])

    return plugged


def over(panel: FlasherPanel, qtbot) -> None:
    qtbot.waitUntil(lambda: not panel.work.busy, timeout=LONG)


def said(panel: FlasherPanel) -> str:
    return panel.side.card.said.text()


def read_and_save(panel: FlasherPanel, qtbot, port: str) -> None:
    """The table of the board is read, and its settings are saved: the panel has shown this board."""
    panel.ports.use(port)
    panel.partitions.read()
    over(panel, qtbot)
    assert panel.partitions.page.before is not None, said(panel)
    what = panel.backup.page.what
    what.setCurrentIndex(what.findData("partition:nvs"))
    panel.backup.page.save.click()
    over(panel, qtbot)
    assert said(panel).startswith("✓ Saved as"), said(panel)


def test_a_board_that_came_back_under_another_name_is_followed(panel: FlasherPanel, qtbot, native) -> None:
    with RomChip("esp32c3") as rom:
        rom.program(images.firmware("esp32c3"))
        native(rom)
        read_and_save(panel, qtbot, rom.port)
        before = rom.port
        rom.unplug()
        after = rom.plug()
        assert after != before
        native(rom)
        rom.flash[_NVS : _NVS + 4] = b"\0\0\0\0"
        panel.backup.page.put.click()
        over(panel, qtbot)
        assert "is on the board again" in said(panel), said(panel)
        assert bytes(rom.flash[_NVS : _NVS + 4]) == b"\xff\xff\xff\xff"
        assert f"The board is at {after} now." in panel.side.log.toPlainText() + said(panel)
        assert {panel.ports.port, panel.backup.page.port, panel.partitions.page.port} == {after}
        assert panel.partitions.page.before is not None  # it is the same board
        panel.work._ctx.board.use(None)


@pytest.mark.parametrize("deed", ["restore", "table", "folder", "rescue"])
def test_another_board_than_the_one_that_was_shown_is_not_written(
    panel: FlasherPanel, qtbot, tmp_path: Path, deed: str
) -> None:
    port = tmp_path / "port"
    folder = tmp_path / "files"
    folder.mkdir()
    with RomChip("esp32c3", mac=MAC) as ours, RomChip("esp32c3", mac=OTHER) as other:
        for rom in (ours, other):
            rom.program(images.firmware("esp32c3"))
        port.symlink_to(ours.port)
        read_and_save(panel, qtbot, str(port))
        port.unlink()
        port.symlink_to(other.port)
        kept = bytes(other.flash)
        deeds: dict[str, Callable[[], object]] = {
            "restore": panel.backup.page.put.click,
            "table": lambda: panel.partitions.write(templates()[0].table),
            "folder": lambda: panel.partitions.folder(folder),
            "rescue": panel.backup.page.help.click,
        }
        deeds[deed]()
        over(panel, qtbot)
        assert f"Another board is at {port} now." in said(panel)
        assert bytes(other.flash) == kept
        if deed in ("table", "folder"):
            assert panel.partitions.page.before is None
        panel.work._ctx.board.use(None)


def test_nobody_is_asked_twice_when_a_board_was_never_shown(panel: FlasherPanel, qtbot) -> None:
    """A backup of one board may be put onto another one of its kind: that is what the person wants."""
    with RomChip("esp32c3", mac=MAC) as ours, RomChip("esp32c3", mac=OTHER) as other:
        for rom in (ours, other):
            rom.program(images.firmware("esp32c3"))
        read_and_save(panel, qtbot, ours.port)
        other.flash[_NVS : _NVS + 4] = b"\0\0\0\0"
        panel.ports.use(other.port)
        panel.backup.page.put.click()
        over(panel, qtbot)
        assert "is on the board again" in said(panel), said(panel)
        assert bytes(other.flash[_NVS : _NVS + 4]) == b"\xff\xff\xff\xff"
        panel.work._ctx.board.use(None)
