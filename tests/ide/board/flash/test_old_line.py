"""esptool lines from tutorials of ten years."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide.board.flash import commands, old_line
from ide.board.flash.errors import BadOldLine
from ide.board.flash.records import FlashFile


def test_the_line_of_micropythons_own_page() -> None:
    job = old_line.parse("esptool.py --baud 460800 write_flash 0x1000 ESP32_BOARD_NAME-DATE-VERSION.bin", chip="esp32")
    assert job.files == (FlashFile(0x1000, Path("ESP32_BOARD_NAME-DATE-VERSION.bin")),)
    assert (job.chip, job.baud, job.erase) == ("esp32", 460800, "keep")


@pytest.mark.parametrize(
    "text",
    [
        "esptool.py --chip esp32 --port /dev/ttyUSB0 write_flash -z 0x1000 fw.bin",
        "$ esptool --chip esp32 -p /dev/ttyUSB0 write-flash 0x1000 fw.bin",
        "python -m esptool --chip=esp32 --port=/dev/ttyUSB0 write_flash --compress 0x1000 fw.bin",
        "python3 ~/tools/esptool.py -c esp32 -p /dev/ttyUSB0 write_flash -p 4096 fw.bin",
        "esptool.py --chip esp32 --port /dev/ttyUSB0 \\\n --before default_reset \\\n write_flash 0x1000 fw.bin",
        "--chip esp32 --port /dev/ttyUSB0 write_flash 0x1000 fw.bin",
        "esptool.exe --chip ESP32 --port /dev/ttyUSB0 write_flash --verify 0x1000 fw.bin",
    ],
)  # fmt: skip
def test_all_the_ways_to_say_the_same(text: str) -> None:
    job = old_line.parse(text, folder=Path("/here"))
    assert (job.chip, job.port, job.compress, job.stub) == ("esp32", "/dev/ttyUSB0", True, True)
    assert job.files == (FlashFile(0x1000, Path("/here/fw.bin")),)


def test_it_is_run_as_version_5() -> None:
    text = (
        "esptool.py -p COM3 -b 921600 --no-stub write_flash --flash_mode dio --flash_freq 40m --flash_size 4MB -e -u "
        "0x8000 partition-table.bin 0x0 bootloader.bin 0x10000 app.bin"
    )
    job = old_line.parse(text, chip="esp32s3", port="/dev/ttyACM0")
    argv = commands.write_flash(commands.Link(job.port, job.chip, commands.Way(job.baud)), job)
    words = " ".join(argv)
    assert "--port /dev/ttyACM0 --baud 921600 write-flash --erase-all" in words
    assert "--flash-mode dio --flash-freq 40m --flash-size 4MB" in words
    assert [file.address for file in job.files] == [0, 0x8000, 0x10000]
    assert (job.stub, job.compress, job.erase) == (False, False, "all")


def test_erasing_first_in_a_line_of_its_own() -> None:
    text = "esptool.py --port COM3 erase_flash\nesptool.py --port COM3 write_flash 0x0 fw.bin"
    assert old_line.parse(text).erase == "all"
    assert old_line.parse("esptool.py erase_flash && esptool.py write_flash 0 fw.bin").erase == "all"


def test_windows_paths_stay_whole() -> None:
    job = old_line.parse(r'C:\> esptool.exe -p COM3 write_flash 0x1000 "C:\Users\Ann B\new fw.bin"')
    assert str(job.files[0].path) == r"C:\Users\Ann B\new fw.bin"
    job = old_line.parse(r"esptool.exe -p COM3 write_flash 0x1000 C:\new\table.bin")
    assert str(job.files[0].path) == r"C:\new\table.bin"


def test_megabits_of_very_old_lines() -> None:
    assert old_line.parse("esptool.py write_flash -fs 32m -fm DIO 0 fw.bin").flash_size == "4MB"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("avrdude -p m328p", "no esptool"),
        ("esptool.py --port COM3 flash_id", "flash_id"),
        ("esptool.py --port COM3 erase_flash", "no write_flash"),
        ("esptool.py write_flash", "no file"),
        ("esptool.py write_flash 0x1000", "no file after"),
        ("esptool.py write_flash 0x1000 'fw.bin", "quotation mark"),
        ("esptool.py write_flash --encrypt 0x1000 fw.bin", "--encrypt"),
        ("esptool.py --chip esp8266 write_flash 0 fw.bin", "esp8266"),
        ("esptool.py --chip esp32 write_flash 0x1000 fw.bin", "ESP32-S3"),
        ("esptool.py --baud fast write_flash 0x1000 fw.bin", "fast"),
        ("esptool.py write_flash -fm turbo 0x1000 fw.bin", "turbo"),
        ("esptool.py burn_key block1 key.bin", "burn_key"),
        ("esptool.py --port", "--port"),
        ("x" * 30_000, "too long"),
    ],
)
def test_what_is_not_run_is_told(text: str, word: str) -> None:
    with pytest.raises(BadOldLine, match="cannot be run") as failed:
        old_line.parse(text, chip="esp32s3")
    assert word in str(failed.value)


def test_force_is_not_taken_from_a_tutorial() -> None:
    assert not old_line.parse("esptool.py write_flash --force 0 fw.bin").force
