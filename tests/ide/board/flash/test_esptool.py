"""Builds of several files, one image of them, and the plain commands: read, compare, erase. With real esptool."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board.flash import esptool
from ide.board.flash.errors import Mismatch
from ide.board.flash.job import from_flasher_args
from ide.board.flash.records import FlashFile, FlashJob
from ide.board.flash.write import write
from tests.conftest import RecordingContext
from tests.fakes import images
from tests.fakes.rom_chip import RomChip
from toolchains.chips import chips
from toolchains.host import Host
from toolchains.toolbox import Toolbox

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")

PATIENCE_S = 10.0


@pytest.fixture
def box(home: Path) -> Iterator[Toolbox]:
    with Toolbox.of(Host.current()) as made:
        yield made


def test_a_build_of_several_files_at_addresses(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    args = _build(tmp_path, "esp32s3")
    with RomChip("esp32s3") as rom:
        job = from_flasher_args(args, rom.port, "esp32s3")
        done = write(ctx, box, job, patience=PATIENCE_S)
        for file in job.files:
            data = file.path.read_bytes()
            assert rom.flash[file.address : file.address + len(data)] == data
    assert done.verified
    assert done.running is not None


def test_one_factory_image_of_several_files(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    job = from_flasher_args(_build(tmp_path, "esp32"), "")
    made = esptool.merge(ctx, ctx.host, "esp32", job.files, tmp_path / "factory" / "all.bin")
    assert made.address == 0x1000
    data = made.path.read_bytes()
    for file in job.files:
        start = file.address - made.address
        assert data.startswith(file.path.read_bytes(), start)
    with RomChip("esp32") as rom:
        done = write(ctx, box, FlashJob(rom.port, "esp32", (made,)), patience=PATIENCE_S)
    assert done.running is not None


def _build(folder: Path, chip: str) -> Path:
    """What ESP-IDF's build folder holds."""
    parts = {
        chips()[chip].flash_offset: ("bootloader/bootloader.bin", images.bootloader(chip)),
        0x8000: ("partition_table/partition-table.bin", images.table()),
        0x10000: ("micropython.bin", images.app(chip)),
    }
    for name, data in parts.values():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    args = {
        "write_flash_args": ["--flash_mode", "dio", "--flash_size", "4MB", "--flash_freq", "40m"],
        "flash_settings": {"flash_mode": "keep", "flash_size": "keep", "flash_freq": "keep"},
        "flash_files": {hex(at): name for at, (name, _data) in parts.items()},
        "extra_esptool_args": {"after": "hard_reset", "before": "default_reset", "stub": True, "chip": chip},
    }
    path = folder / "flasher_args.json"
    path.write_text(json.dumps(args), "utf-8")
    return path


def test_reading_comparing_erasing(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    with RomChip("esp32s2") as rom:
        file = FlashFile(0x1000, tmp_path / "firmware.bin")
        file.path.write_bytes(images.firmware("esp32s2"))
        write(ctx, box, FlashJob(rom.port, "esp32s2", (file,)), reconnect=False)
        copy = tmp_path / "copy" / "flash.bin"
        esptool.read(ctx, ctx.host, rom.port, "esp32s2", 0x1000, 0x20000, copy)
        assert copy.read_bytes() == rom.flash[0x1000:0x21000]
        esptool.verify(ctx, ctx.host, rom.port, "esp32s2", [file])
        esptool.erase(ctx, ctx.host, rom.port, "esp32s2", (0x11000, 0x2000))
        assert set(rom.flash[0x11000:0x13000]) == {0xFF}
        with pytest.raises(Mismatch) as failed:
            esptool.verify(ctx, ctx.host, rom.port, "esp32s2", [file])
        assert failed.value.fields["address"] == 0x1000
        esptool.erase(ctx, ctx.host, rom.port, "esp32s2")
        assert set(rom.flash) == {0xFF}
