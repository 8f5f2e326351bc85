"""A firmware with another partition table, written by the real esptool and started by the emulated chip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board.flash import image, restore
from ide.board.flash.errors import WrongImage
from ide.board.flash.records import ChipFacts, Security
from ide.board.flash.table import BadTable, Table, read_binary
from ide.board.flash.table_csv import read_csv
from ide.board.flash.table_image import app_place, header_flash_size, job_with_table
from ide.board.flash.templates import templates
from ide.board.flash.write import write
from tests.conftest import RecordingContext
from tests.fakes import images
from tests.fakes.rom_chip import RomChip
from toolchains.host import Host
from toolchains.toolbox import Toolbox

_MB = 1 << 20


@pytest.fixture
def tools(host: Host) -> Iterator[Toolbox]:
    with Toolbox.of(host) as toolbox:
        yield toolbox


def _template(name: str) -> Table:
    return next(one.table for one in templates() if one.name == name)


@pytest.mark.parametrize("chip_name", ["esp32", "esp32c3", "esp32p4"])
def test_a_firmware_with_room_for_updates(
    chip_name: str, ctx: RecordingContext, tools: Toolbox, tmp_path: Path
) -> None:
    firmware = tmp_path / "firmware.bin"
    firmware.write_bytes(images.firmware(chip_name))
    table = _template("explicit-16M")
    with RomChip(chip_name, flash_size=16 * _MB) as chip:
        job = job_with_table(chip.port, firmware, table, 16 * _MB, tmp_path / "new.bin")
        assert job.flash_size == "16MB", "the bootloader would refuse what lies beyond what its header says"
        done = write(ctx, tools, job)
        assert read_binary(bytes(chip.flash[0x8000:0x9000])) == table
        assert header_flash_size(bytes(chip.flash[job.files[0].address :][:4])) == 16 * _MB
    assert done.running is not None


def test_the_app_goes_where_the_table_says(tmp_path: Path) -> None:
    firmware = tmp_path / "firmware.bin"
    firmware.write_bytes(images.firmware("esp32"))
    table = read_csv("nvs,data,nvs,0x9000,0x6000\nstore,data,0x40,0x10000,64K\nfactory,app,factory,0x20000,1M\n")
    job = job_with_table("COM3", firmware, table, 4 * _MB, tmp_path / "new.bin")
    new, old = image.read(tmp_path / "new.bin"), image.read(firmware)
    assert job.flash_size == "keep"
    assert new.app is not None
    assert old.app is not None
    assert new.app.offset + 0x1000 == 0x20000
    assert new.data[new.app.offset :] == old.data[old.app.offset : old.app.offset + old.app.size]
    assert app_place(_template("ota-4M")).name == "ota_0"


def test_what_cannot_be_joined_is_refused(tmp_path: Path) -> None:
    firmware, app = tmp_path / "firmware.bin", tmp_path / "app.bin"
    firmware.write_bytes(images.firmware("esp32"))
    app.write_bytes(images.app("esp32"))
    with pytest.raises(WrongImage):
        job_with_table("COM3", app, _template("standard"), 4 * _MB, tmp_path / "new.bin")
    small = read_csv("factory,app,factory,0x10000,64K")
    with pytest.raises(BadTable) as refused:
        job_with_table("COM3", firmware, small, 4 * _MB, tmp_path / "new.bin")
    assert "has room for" in str(refused.value)
    with pytest.raises(BadTable):
        job_with_table("COM3", firmware, _template("explicit-16M"), 4 * _MB, tmp_path / "new.bin")
    assert not (tmp_path / "new.bin").exists()


def test_a_table_beyond_what_the_bootloader_believes_is_not_written(ctx: RecordingContext, tools: Toolbox) -> None:
    with RomChip("esp32", flash_size=16 * _MB) as chip:
        chip.program()
        before = bytes(chip.flash[:0x10000])
        facts = ChipFacts("esp32", "ESP32", None, 16 * _MB, None, "", chip.mac, None, Security(known=True), ())
        with pytest.raises(BadTable) as refused:
            restore.write_table(ctx, tools, chip.port, _template("explicit-16M"), facts=facts)
        assert bytes(chip.flash[:0x10000]) == before
    assert "made for a flash of 4.0 MB" in str(refused.value)
    assert "together with the table" in str(refused.value)
