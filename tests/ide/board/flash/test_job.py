"""Files, addresses, and what a job takes from the board."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ide.board.flash.errors import TooLarge, WrongImage
from ide.board.flash.job import check, from_flasher_args, place, what_is_lost
from ide.board.flash.records import FlashFile, FlashJob
from tests.fakes import images
from toolchains.chips import chips
from toolchains.errors import StudioError


def _file(folder: Path, data: bytes, name: str = "fw.bin") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("chip", list(chips()))
def test_the_address_comes_from_the_chip(tmp_path: Path, chip: str) -> None:
    path = _file(tmp_path, images.firmware(chip))
    assert place(chip, path) == FlashFile(chips()[chip].flash_offset, path)


def test_firmware_at_another_chips_address_is_refused(tmp_path: Path) -> None:
    path = _file(tmp_path, images.firmware("esp32s3"))
    with pytest.raises(WrongImage, match=r"On an ESP32-S3 it belongs at 0x0, not at 0x1000"):
        check(FlashJob("COM3", "esp32s3", (FlashFile(0x1000, path),)))


def test_firmware_for_another_chip_is_refused(tmp_path: Path) -> None:
    path = _file(tmp_path, images.firmware("esp32"))
    with pytest.raises(WrongImage, match="It is for the ESP32, and the board has an ESP32-C3"):
        check(FlashJob("COM3", "esp32c3", (FlashFile(0, path),)))


def test_a_program_alone_does_not_start_a_chip(tmp_path: Path) -> None:
    path = _file(tmp_path, images.app("esp32c3"))
    with pytest.raises(WrongImage, match="program alone"):
        check(FlashJob("COM3", "esp32c3", (FlashFile(0, path),)))
    check(FlashJob("COM3", "esp32c3", (FlashFile(0x10000, path),)))


def test_a_person_may_insist(tmp_path: Path) -> None:
    path = _file(tmp_path, images.firmware("esp32"))
    check(FlashJob("COM3", "esp32c3", (FlashFile(0, path),), force=True))


@pytest.mark.parametrize("force", [False, True])
def test_some_things_nobody_may_insist_on(tmp_path: Path, force: bool) -> None:
    empty = _file(tmp_path, b"", "empty.bin")
    with pytest.raises(WrongImage, match="empty"):
        check(FlashJob("COM3", "esp32", (FlashFile(0x1000, empty),), force=force))
    with pytest.raises(StudioError, match=r"gone\.bin"):
        check(FlashJob("COM3", "esp32", (FlashFile(0x1000, tmp_path / "gone.bin"),), force=force))
    one = _file(tmp_path, bytes(0x1001), "one.bin")
    two = _file(tmp_path, bytes(0x10), "two.bin")
    with pytest.raises(WrongImage, match="same place"):
        check(FlashJob("COM3", "esp32", (FlashFile(0x20000, one), FlashFile(0x21800, two)), force=force))
    with pytest.raises(TooLarge):
        check(FlashJob("COM3", "esp32", (FlashFile(0x20000, one),), force=force), flash_size=0x20000)


def test_data_goes_anywhere(tmp_path: Path) -> None:
    path = _file(tmp_path, b"littlefs" * 512)
    assert check(FlashJob("COM3", "esp32", (FlashFile(0x200000, path),)), flash_size=4 << 20) == ""


def test_what_is_lost(tmp_path: Path) -> None:
    firmware = FlashFile(0x1000, _file(tmp_path, images.firmware("esp32")))
    data = FlashFile(0x200000, _file(tmp_path, b"data", "data.bin"))
    assert "Everything on the board" in str(what_is_lost(FlashJob("COM3", "esp32", (firmware,), erase="all")))
    assert "files on the board stay" in str(what_is_lost(FlashJob("COM3", "esp32", (firmware,))))
    assert "NVS" in str(what_is_lost(FlashJob("COM3", "esp32", (firmware,))))
    assert "Only what these files cover" in str(what_is_lost(FlashJob("COM3", "esp32", (data,))))


def _args(folder: Path, **changes: object) -> Path:
    data = {"flash_files": {"0x1000": "b.bin"}, "extra_esptool_args": {"chip": "esp32"}, **changes}
    return _file(folder, json.dumps(data).encode(), "flasher_args.json")


def test_a_builds_settings_are_kept(tmp_path: Path) -> None:
    settings = {"flash_mode": "dio", "flash_size": "8MB", "flash_freq": "80m"}
    job = from_flasher_args(_args(tmp_path, flash_settings=settings), "COM3")
    assert (job.flash_mode, job.flash_size, job.flash_freq) == ("dio", "8MB", "80m")
    assert job.files == (FlashFile(0x1000, tmp_path / "b.bin"),)


@pytest.mark.parametrize(
    "changes",
    [
        {"flash_files": {"here": "b.bin"}},
        {"flash_files": []},
        {"flash_files": {}},
        {"extra_esptool_args": {"chip": "esp8266"}},
        {"extra_esptool_args": []},
        {"extra_esptool_args": {"chip": "esp32s3"}},
    ],
)
def test_a_json_that_is_something_else(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(WrongImage, match=r"flasher_args\.json is not written"):
        from_flasher_args(_args(tmp_path, **changes), "COM3", "esp32")


@pytest.mark.parametrize("text", [b"", b"[]", b"\xff\xfe", b"{}", b"null"])
def test_a_file_that_is_no_json_of_a_build(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(WrongImage):
        from_flasher_args(_file(tmp_path, text, "flasher_args.json"), "COM3")
