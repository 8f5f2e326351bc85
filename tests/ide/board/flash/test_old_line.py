"""esptool lines from tutorials of ten years."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide.board.flash import commands, line_read, old_line
from ide.board.flash.errors import BadOldLine, WrongImage
from ide.board.flash.records import BoardFacts, ChipFacts, FlashFile, Security
from tests.fakes import images
from toolchains.host import Host


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


C3 = ChipFacts("esp32c3", "ESP32-C3", (0, 4), 4 << 20, 0, "", "24:6f:28:00:00:01", 40, Security(known=True), ())
FACTS = BoardFacts("/dev/ttyACM0", C3, None, "boot-loop", "usb-serial-jtag")


def test_what_is_not_as_it_was_pasted_is_said(tmp_path: Path) -> None:
    (tmp_path / "fw.bin").write_bytes(images.firmware("esp32c3"))
    text = (
        "esptool.py --port COM9 erase_flash\n"
        "esptool.py --chip auto -p COM9 --before default_reset write_flash -z --flash_size 32m 0x0 fw.bin"
    )
    found = line_read.read(Host("linux", "x86_64"), text, FACTS, tmp_path)
    assert [str(one) for one in found.differs] == [
        "The port is /dev/ttyACM0; the line had COM9.",
        "The line names no chip; the board has an ESP32-C3.",
        "The line names no speed; 460800 baud is tried first.",
        "Old words are as esptool 5 has them: erase_flash → erase-flash, write_flash → write-flash, "
        "--flash_size → --flash-size.",
        "The size of the flash, 32m, is called 4MB now.",
        "Erasing and writing are one run: --erase-all.",
        "Left out, since it is decided here or goes without saying: --before default_reset, -z.",
    ]
    assert "--chip esp32c3 --port /dev/ttyACM0 --baud 460800 write-flash --erase-all" in found.command
    assert found.short.startswith("esptool --chip esp32c3 --port /dev/ttyACM0 ")
    assert "Everything on the board is erased" in str(found.lost)


def test_a_line_of_today_for_this_board_is_as_it_was_pasted(tmp_path: Path) -> None:
    file = tmp_path / "fw.bin"
    file.write_bytes(images.firmware("esp32c3"))
    text = f"esptool --chip esp32c3 --port /dev/ttyACM0 --baud 921600 --no-stub write-flash --no-compress 0x0 {file}"
    found = line_read.read(Host("linux", "x86_64"), text, FACTS, Path("elsewhere"))
    assert found.differs == ()
    assert "--baud 921600 --no-stub write-flash" in found.command
    assert found.command.endswith(f"--no-compress 0x0 {file}")


def test_a_line_is_compared_with_the_chip_before_it_is_run(tmp_path: Path) -> None:
    (tmp_path / "fw.bin").write_bytes(images.firmware("esp32"))
    with pytest.raises(BadOldLine, match="for the ESP32, and the board has an ESP32-C3"):
        line_read.read(Host("linux", "x86_64"), "esptool.py --chip esp32 write_flash 0x1000 fw.bin", FACTS, tmp_path)
    with pytest.raises(WrongImage, match="for the ESP32, and the board has an ESP32-C3"):
        line_read.read(Host("linux", "x86_64"), "esptool.py write_flash 0x0 fw.bin", FACTS, tmp_path)
