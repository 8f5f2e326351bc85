"""``natmod flash`` as a person starts it, real esptool, emulated chips: from blank to verified firmware; one click."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.command import copy_example, natmod
from tests.fakes import images
from tests.fakes.official import downloaded
from tests.fakes.rom_chip import RomChip
from tests.fakes.rom_table import rows
from tests.fakes.rom_unix import UnixChip
from toolchains.chips import chips
from toolchains.paths import Paths

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")

_OFTEN = ("esp32", "esp32s3", "esp32c3")


@pytest.mark.parametrize(
    "chip", [pytest.param(chip, marks=() if chip in _OFTEN else pytest.mark.slow) for chip in sorted(rows())]
)
def test_each_chip_from_blank_to_verified_firmware(chip: str, tmp_path: Path) -> None:
    image = tmp_path / "firmware.bin"
    image.write_bytes(images.firmware(chip))
    with RomChip(chip) as rom:
        said = natmod("flash", "write", "--port", rom.port, "--firmware", image, "--json")
        assert said.code == 0, said.err
        flashed = said.record["flashed"]
        assert flashed["verified"] is True
        assert flashed["running"]["version"] == "1.26.1"
        (file,) = flashed["files"]
        assert file["address"] == chips()[chip].flash_offset
        begin = file["address"]
        assert rom.flash[begin : begin + image.stat().st_size] == image.read_bytes()
        assert rom.flash[begin + image.stat().st_size :].strip(b"\xff") == b""
        assert rom.mode == "micropython"
    assert f"--chip {chip} --port {flashed['port']}" in flashed["command"]


# --- one click -------------------------------------------------------------------------------------------------------


@pytest.fixture
def blank(unix_firmware: Path) -> Iterator[UnixChip]:
    """Fresh from the shop; once it has firmware, real programs run on it."""
    with UnixChip(unix_firmware, "esp32c6") as chip:
        yield chip


def test_run_on_an_empty_board_says_what_is_wrong_and_how_to_go_on(blank: UnixChip, tmp_path: Path) -> None:
    said = natmod("run", copy_example("factorial", tmp_path), "--board", blank.port)
    assert "there is no firmware where its chip starts" in said.assert_one_sentence()
    assert "--flash" in said.err


def test_one_click_from_an_empty_board_to_a_running_program(blank: UnixChip, tmp_path: Path, paths: Paths) -> None:
    (tmp_path / "main.py").write_text("import helper\nprint('5! =', helper.product(5))\n")
    (tmp_path / "helper.py").write_text("def product(n):\n    return n * product(n - 1) if n else 1\n")
    with downloaded(paths, "ESP32_GENERIC_C6", "1.29.0") as data:
        said = natmod("run", tmp_path, "--board", blank.port, "--flash")
    assert said.code == 0, said.out + said.err
    assert "It gets MicroPython 1.29.0, ESP32_GENERIC_C6." in said.out
    assert "Written and compared" in said.out
    assert "5! = 120" in said.out
    assert blank.flash[: len(data)] == data
    asked = len(blank.requests)
    said = natmod("run", tmp_path, "--board", blank.port, "--flash", "--json")  # now there is nothing to write
    assert said.code == 0, said.out + said.err
    assert said.record["flash"] is None
    assert said.record["run"]["output"].startswith("5! = 120")
    assert len(blank.requests) == asked


@pytest.mark.usefixtures("warm_home")
def test_one_click_from_an_empty_board_to_a_native_module(blank: UnixChip, tmp_path: Path, paths: Paths) -> None:
    """The emulated chip runs modules for x64: all else is as on a real one."""
    with downloaded(paths, "ESP32_GENERIC_C6", "1.29.0"):
        said = natmod("run", copy_example("factorial", tmp_path), "--board", blank.port, "--flash")
    assert said.code == 0, said.out + said.err
    assert "Written and compared" in said.out
    assert "factorial(10) = 3628800" in said.out


# --- bad input -------------------------------------------------------------------------------------------------------


def _flipped(data: bytes) -> bytes:
    return data[:0x20000] + bytes([data[0x20000] ^ 1]) + data[0x20001:]


_IMAGES: dict[str, tuple[Callable[[], bytes], str]] = {
    "another chip": (lambda: images.firmware("esp32s3"), "It is for the ESP32-S3, and the board has an ESP32-C3."),
    "truncated": (lambda: images.firmware("esp32c3")[:0x18000], "cut"),
    "bit-flipped": (lambda: _flipped(images.firmware("esp32c3")), "damaged"),
    "text": (lambda: b"print('hello')\n" * 99, "text"),
    "app only": (lambda: images.app("esp32c3"), "It is a program alone"),
    "larger than the flash": (
        lambda: images.firmware("esp32c3", rows=(images.Row("factory", 0, 0, 0x10000, 0x2F0000),), size=5 << 19),
        "bad.bin does not fit",
    ),
}


@pytest.mark.parametrize("name", _IMAGES)
def test_a_bad_image_is_one_sentence_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    make, words = _IMAGES[name]
    (tmp_path / "bad.bin").write_bytes(make())
    with RomChip("esp32c3", flash_size=(2 if "larger" in name else 4) << 20) as rom:
        said = natmod("flash", "write", "--port", rom.port, "--firmware", tmp_path / "bad.bin")
        assert words in said.assert_one_sentence()
        assert rom.flash.strip(b"\xff") == b""


def test_a_table_that_overlaps(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("factory,app,factory,0x10000,1M\nvfs,data,fat,0x90000,1M\n")
    with RomChip("esp32c3") as rom:
        rom.program()
        before = bytes(rom.flash)
        said = natmod("flash", "partitions", "--port", rom.port, "--csv", tmp_path / "bad.csv", "--no-backup")
        assert "factory and vfs overlap" in said.assert_one_sentence()
        assert bytes(rom.flash) == before


def test_a_mouse_and_a_port_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "mouse0").write_bytes(b"")
    for port, words in ((tmp_path / "mouse0", "is not the port of an ESP board"), ("/dev/ttyNONE", "no board at")):
        assert words in natmod("flash", "write", "--port", port).assert_one_sentence()


def test_a_port_that_another_program_has() -> None:
    hold = "import serial, sys; p = serial.Serial(sys.argv[1], exclusive=True); print('held', flush=True); input()"
    with RomChip("esp32c3") as rom:
        other = subprocess.Popen([sys.executable, "-c", hold, rom.port], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == b"held\n"
            sentence = natmod("flash", "write", "--port", rom.port).assert_one_sentence()
            assert "is taken" in sentence or "is using it" in sentence
            assert rom.flash.strip(b"\xff") == b""
        finally:
            other.communicate(b"\n")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may open everything")
def test_no_permission() -> None:
    with RomChip("esp32c3") as rom:
        os.chmod(rom.port, 0)
        natmod("flash", "write", "--port", rom.port).assert_one_sentence()


def test_a_cable_without_data_lines() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:  # somebody takes the bytes, and nobody answers
        port = f"socket://127.0.0.1:{server.getsockname()[1]}"
        sentence = natmod("flash", "write", "--port", port).assert_one_sentence()
    assert "not one byte came back" in sentence
    assert "A cable that only charges does this" in sentence


def test_secure_boot(tmp_path: Path) -> None:
    (tmp_path / "firmware.bin").write_bytes(images.firmware("esp32s3"))
    with RomChip("esp32s3") as rom:
        rom.faults.secure_boot = True
        rom.reset()
        said = natmod("flash", "write", "--port", rom.port, "--firmware", tmp_path / "firmware.bin")
        assert "Secure boot is on: the chip starts only firmware that its maker signed." in said.assert_one_sentence()
        assert rom.flash.strip(b"\xff") == b""
