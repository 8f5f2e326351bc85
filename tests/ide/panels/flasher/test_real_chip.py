"""From a blank chip to MicroPython, through the panel, with real esptool and emulated chips."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ide.panels.flasher.many_doors import ManyDoors, ManyOrder
from ide.panels.flasher.widget import FlasherPanel
from tests.fakes import images
from tests.fakes.rom_chip import RomChip
from tests.ide.panels.stand_in import Studio, studio
from toolchains.chips import chips
from toolchains.jobs import JobContext

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")

LONG = 120_000
#: In the images: the program, and where MicroPython puts the files.
_APP, _FILES = 0x10000, 0x200000
OFTEN, OTHERS = ("esp32", "esp32c3"), ("esp32s2", "esp32s3", "esp32c2", "esp32c5", "esp32c6", "esp32h2", "esp32p4")


@pytest.fixture
def ide(home: Path, tmp_path: Path) -> Iterator[Studio]:
    with studio(tmp_path) as found:
        yield found


@pytest.fixture
def panel(ide: Studio, qtbot) -> FlasherPanel:
    made = FlasherPanel(ide.ctx)
    qtbot.addWidget(made)
    made.resize(1280, 380)
    made.show()
    return made


def over(panel: FlasherPanel, qtbot) -> None:
    qtbot.waitUntil(lambda: not panel.work.busy, timeout=LONG)


@pytest.mark.parametrize("chip", [*OFTEN, *(pytest.param(chip, marks=pytest.mark.slow) for chip in OTHERS)])
def test_blank_to_micropython(panel: FlasherPanel, ide: Studio, qtbot, tmp_path: Path, chip: str) -> None:
    image = images.firmware(chip)
    path = tmp_path / "firmware.bin"
    path.write_bytes(image)
    page = panel.one.page
    with RomChip(chip) as rom:
        panel.ports.use(rom.port)
        page.act.click()
        over(panel, qtbot)
        assert page.runs.text() == "nothing: the board restarts again and again", panel.side.card.said.text()
        panel.one.pick_file(path)
        over(panel, qtbot)
        assert page.chosen is not None
        assert page.chosen.fits
        page.act.click()
        over(panel, qtbot)
        assert panel.side.card.said.text().startswith("✓ Written and compared"), panel.side.card.said.text()
        assert "MicroPython" in panel.side.card.said.text()
        assert "write-flash --erase-all" in panel.side.command.line.text()
        offset = chips()[chip].flash_offset
        assert bytes(rom.flash[offset : offset + len(image)]) == image
        qtbot.waitUntil(lambda: ide.ctx.board.state == "prompt", timeout=LONG)  # and the console has it
        qtbot.waitUntil(lambda: ide.ctx.board.identity is not None, timeout=LONG)
        ide.ctx.board.use(None)
        ide.ctx.board.close()
    assert ide.crashes == []


def test_a_board_that_loops_is_not_erased_before_its_files_are_saved(
    panel: FlasherPanel, ide: Studio, qtbot, tmp_path: Path
) -> None:
    path = tmp_path / "firmware.bin"
    path.write_bytes(images.firmware("esp32c3"))
    page = panel.one.page
    with RomChip("esp32c3") as rom:
        rom.program(path.read_bytes())
        rom.flash[_FILES : _FILES + 4] = b"mine"
        rom.flash[_APP : _APP + 16] = bytes(16)
        rom.reset()
        panel.ports.use(rom.port)
        page.act.click()
        over(panel, qtbot)
        panel.one.pick_file(path)
        over(panel, qtbot)
        assert page.erase.isChecked()
        page.act.click()
        over(panel, qtbot)
        assert "✓ Written and compared" in panel.side.card.said.text(), panel.side.card.said.text()
        assert bytes(rom.flash[_FILES : _FILES + 4]) == b"\xff" * 4
        ide.ctx.board.use(None)
        ide.ctx.board.close()
    (kept,) = (ide.ctx.engine.paths.data / "backups").iterdir()
    assert (kept / "image.bin").read_bytes()[:4] == b"mine"
    assert ide.crashes == []


def test_many_boards_are_not_erased_before_their_files_are_saved(
    panel: FlasherPanel, ide: Studio, tmp_path: Path
) -> None:
    path = tmp_path / "firmware.bin"
    path.write_bytes(images.firmware("esp32c3"))
    doors = ManyDoors(ide.ctx)
    with RomChip("esp32c3") as rom:
        rom.program(path.read_bytes())
        rom.flash[_FILES : _FILES + 4] = b"mine"
        order = ManyOrder((rom.port,), "", path, True, None, False)
        doors.flash_all(JobContext(), lambda _told: None, order)
        assert bytes(rom.flash[_FILES : _FILES + 4]) == b"\xff" * 4
    assert [row.error for row in doors.rows] == [None]
    (kept,) = (ide.ctx.engine.paths.data / "backups").iterdir()
    assert (kept / "image.bin").read_bytes()[:4] == b"mine"


def test_backup_table_and_restore(panel: FlasherPanel, ide: Studio, qtbot, tmp_path: Path) -> None:
    with RomChip("esp32c3") as rom:
        rom.program(images.firmware("esp32c3"))
        panel.ports.use(rom.port)
        panel.partitions.read()
        over(panel, qtbot)
        table = panel.partitions.page.table
        assert table is not None, panel.side.card.said.text()
        assert table.find("factory") is not None
        panel.backup.page.what.setCurrentIndex(panel.backup.page.what.findData("partition:nvs"))
        panel.backup.page.save.click()
        over(panel, qtbot)
        assert panel.side.card.said.text().startswith("✓ Saved as"), panel.side.card.said.text()
        kept = panel.backup.page.file
        assert kept is not None
        rom.flash[0x9000:0x9004] = b"\0\0\0\0"
        panel.backup.page.put.click()
        over(panel, qtbot)
        assert panel.side.card.said.text().startswith("✓"), panel.side.card.said.text()
        assert bytes(rom.flash[0x9000:0x9004]) == b"\xff\xff\xff\xff"
        (replaced,) = [place for place in kept.parent.iterdir() if place != kept]  # what was there is a backup, too
        assert (replaced / "partition.bin").read_bytes()[:4] == b"\0\0\0\0"
        ide.ctx.board.use(None)
        ide.ctx.board.close()
    assert ide.crashes == []


def test_boot_is_pressed_while_the_coach_waits(panel: FlasherPanel, ide: Studio, qtbot) -> None:
    with RomChip("esp32c3", wiring="button") as rom:
        panel.ports.use(rom.port)
        panel.one.page.act.click()
        qtbot.waitUntil(panel.side.coach.isVisible, timeout=LONG)
        rom.press_boot()
        over(panel, qtbot)
        assert panel.side.coach.isHidden()
        assert panel.one.page.chip.text().startswith("ESP32-C3")
    assert ide.crashes == []


def test_a_line_of_an_old_tutorial_is_read_for_the_chip_and_run(
    panel: FlasherPanel, ide: Studio, qtbot, tmp_path: Path
) -> None:
    image = images.firmware("esp32c3")
    path = tmp_path / "old fw.bin"
    path.write_bytes(image)
    with RomChip("esp32c3") as rom:
        panel.ports.use(rom.port)
        panel.side.command.pasted.emit(f"esptool.py -p COM9 write_flash -z --flash_size keep 0x0 '{path}'")
        over(panel, qtbot)
        assert f"The port is {rom.port}; the line had COM9." in panel.side.card.said.text()
        assert set(rom.flash) == {0xFF}  # nothing was written yet
        assert f"--port {rom.port} --baud 460800 write-flash" in panel.side.command.line.text()
        panel.side.card.buttons["line"].click()
        over(panel, qtbot)
        assert panel.side.card.said.text().startswith("✓ Written and compared"), panel.side.card.said.text()
        assert bytes(rom.flash[: len(image)]) == image
        ide.ctx.board.use(None)
        ide.ctx.board.close()
    assert ide.crashes == []


def test_a_file_larger_than_the_flash_is_refused_when_it_is_chosen(
    panel: FlasherPanel, ide: Studio, qtbot, tmp_path: Path
) -> None:
    path = tmp_path / "firmware.bin"
    path.write_bytes(images.firmware("esp32c3", size=1 << 20))
    with RomChip("esp32c3", flash_size=1 << 20) as rom:
        panel.ports.use(rom.port)
        panel.one.look()
        over(panel, qtbot)
        panel.one.pick_file(path)
        over(panel, qtbot)
    assert "firmware.bin does not fit" in panel.side.card.said.text()
    assert all(one.firmware.path != path for one in panel.one.page.proposals)


def test_another_board_than_the_one_that_was_shown_is_not_written(
    panel: FlasherPanel, ide: Studio, qtbot, tmp_path: Path
) -> None:
    path = tmp_path / "firmware.bin"
    path.write_bytes(images.firmware("esp32c3"))
    page = panel.one.page
    with RomChip("esp32c3") as rom:
        panel.ports.use(rom.port)
        panel.one.look()
        over(panel, qtbot)
        panel.one.pick_file(path)
        over(panel, qtbot)
        assert page.facts is not None
        assert page.facts.chip is not None
        page.facts = replace(page.facts, chip=replace(page.facts.chip, mac="24:6f:28:00:00:99"))
        panel.doors.shown.forget()  # the cable was pulled meanwhile
        page.act.click()
        over(panel, qtbot)
        assert set(rom.flash) == {0xFF}
    assert "Another board is at" in panel.side.card.said.text()
    assert page.facts is None


def test_every_filesystem_is_saved_before_a_folder_is_written(
    panel: FlasherPanel, ide: Studio, qtbot, tmp_path: Path
) -> None:
    rows = (
        images.Row("factory", 0, 0, 0x10000, 0x90000),
        images.Row("vfs", 1, 0x81, 0xA0000, 0x20000),
        images.Row("web", 1, 0x81, 0xC0000, 0x20000),
    )
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "main.py").write_bytes(b"print('new')")
    with RomChip("esp32c3", flash_size=1 << 20) as rom:
        rom.program(images.firmware("esp32c3", rows=rows, flash_size=1 << 20))
        for row in rows[1:]:
            rom.flash[row.offset : row.offset + 4] = row.name.encode().ljust(4)
        panel.ports.use(rom.port)
        panel.partitions.folder(folder)
        over(panel, qtbot)
        assert "✓ files is on the board." in panel.side.card.said.text(), panel.side.card.said.text()
        saved = [path.read_bytes()[:4] for path in panel.backup._doors.backup_folder().glob("*/image.bin")]
        assert sorted(saved) == [b"vfs ", b"web "]
        assert b"print('new')" in rom.flash[0xA0000:0xC0000]
        ide.ctx.board.use(None)
        ide.ctx.board.close()
    assert ide.crashes == []
