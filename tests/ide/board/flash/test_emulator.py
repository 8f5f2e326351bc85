"""The emulated chips are chips to real esptool, and behave as boards with flash, buttons and cables do."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import serial

from tests.fakes import images, rom_flash, rom_loader
from tests.fakes.rom_chip import RomChip
from tests.fakes.rom_faults import RomFaults
from tests.fakes.rom_table import rows
from tests.waiting import wait_until
from toolchains.chips import chips

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the emulated chip is on a pseudo-terminal")

_FATAL = 2


def _esptool(chip: RomChip, *words: str, code: int = 0) -> str:
    argv = [sys.executable, "-P", "-m", "esptool", "--port", chip.port, *words]
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def firmware(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("images") / "esp32c3.bin"
    path.write_bytes(images.firmware("esp32c3", size=60_000))
    return path


def _written(chip: RomChip, image: bytes) -> bool:
    return chip.flash[chip.row.boot : chip.row.boot + len(image)] == image


@pytest.mark.parametrize("name", sorted(rows()))
def test_esptool_takes_it_for_the_chip_and_it_runs_what_was_written(name: str, tmp_path: Path) -> None:
    image = images.firmware(name, size=60_000, version="1.27.0")
    (tmp_path / "firmware.bin").write_bytes(image)
    with RomChip(name, mac="24:6f:28:0a:0b:0c") as chip:
        said = _esptool(chip, "--baud", "460800", "write-flash", hex(chip.row.boot), str(tmp_path / "firmware.bin"))
        assert f"Connected to {chip.row.name} on" in said
        assert "24:6f:28:0a:0b:0c" in said
        assert "crystal freq" not in said.lower().replace("crystal frequency:", "")  # a warning
        assert _written(chip, image)
        assert set(chip.flash[chip.row.boot + len(image) :]) == {0xFF}
        wait_until(lambda: chip.mode == "micropython", "it starts from its flash")
        with serial.Serial(chip.port, timeout=5) as port:
            port.write(b"\x02")
            assert b"MicroPython v1.27.0" in port.read_until(b">>> ")


def test_its_table_agrees_with_the_chips_that_we_know() -> None:
    known = {name: (chip.flash_offset, chip.image_id) for name, chip in chips().items() if name in rows()}
    assert {name: (row.boot, row.id) for name, row in rows().items()} == known
    assert set(rows()) == {f"esp32{kind}" for kind in ("", "s2", "s3", "c2", "c3", "c5", "c6", "h2", "p4")}


@pytest.mark.parametrize("name", sorted(rows()))
def test_it_has_the_revision_that_it_was_given(name: str) -> None:
    with RomChip(name, revision=(1, 1)) as chip:
        assert "(revision v1.1)" in _esptool(chip, "--no-stub", "read-mac")


def test_flash_is_read_with_and_without_the_stub(firmware: Path, tmp_path: Path) -> None:
    with RomChip("esp32c3", flash_size=8 << 20) as chip:
        chip.program(firmware.read_bytes())
        assert "Detected flash size: 8MB" in _esptool(chip, "flash-id")
        for options, size in (((), 0x20000), (("--no-stub",), 0x400)):
            into = tmp_path / f"{size}.bin"
            _esptool(chip, *options, "read-flash", "0x8000", str(size), str(into))
            assert into.read_bytes() == chip.flash[0x8000 : 0x8000 + size]
        _esptool(chip, "erase-region", "0x9000", "0x1000")
        assert set(chip.flash[0x9000:0xA000]) == {0xFF}
        _esptool(chip, "erase-flash")
        assert set(chip.flash) == {0xFF}
        wait_until(lambda: chip.mode == "loop", "it starts from its flash")


def test_psram_in_the_chip_is_a_feature_of_it() -> None:
    with RomChip("esp32s3", psram=8) as chip:
        assert "Embedded PSRAM 8MB" in _esptool(chip, "--no-stub", "read-mac")


def _heard(chip: RomChip, until: bytes) -> bytes:
    with serial.Serial(chip.port, timeout=5) as port:
        return bytes(port.read_until(until))


def test_what_does_not_start_says_so_again_and_again(firmware: Path) -> None:
    with RomChip("esp32c3") as chip:
        assert b"rst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)" in _heard(
            chip, b"invalid header: 0xffffffff\r\n" * 1
        )
        image = bytearray(firmware.read_bytes())
        image[-100] ^= 1
        chip.program(bytes(image))
        assert _heard(chip, b"No bootable app").endswith(b"No bootable app")
        chip.program(images.firmware("esp32s3", size=60_000))
        assert b"mismatch chip ID" in _heard(chip, b"found 9")


def test_a_board_with_buttons_only_waits_for_them(firmware: Path) -> None:
    with RomChip("esp32c3", wiring="button") as chip:
        chip.program(firmware.read_bytes())
        assert "Failed to connect" in _esptool(chip, "--connect-attempts", "1", "read-mac", code=2)
        assert chip.mode == "micropython"
        chip.press_boot()
        _esptool(chip, "read-mac")
        assert chip.mode == "stub"
        assert "Stub flasher is already running" in _esptool(chip, "flash-id")
        chip.reset()
        assert chip.mode == "micropython"


def test_a_chip_resets_itself_when_esptool_arms_its_watchdog(firmware: Path) -> None:
    with RomChip("esp32c3", wiring="button") as chip:
        chip.program(firmware.read_bytes())
        chip.press_boot()
        _esptool(chip, "--after", "watchdog-reset", "read-mac")
        assert chip.mode == "micropython"


def test_python_on_the_board_can_ask_for_download_mode(firmware: Path) -> None:
    with RomChip("esp32c3", wiring="button") as chip:
        chip.program(firmware.read_bytes())
        with serial.Serial(chip.port, timeout=5) as port:
            port.write(b"\x03\x01import machine\nmachine.bootloader()\x04")
            assert port.read_until(b"waiting for download").endswith(b"waiting for download")
        assert chip.mode == "download"


def test_a_socket_is_a_port_too(firmware: Path) -> None:
    with RomChip("esp32c3", wire="socket", wiring="button") as chip:
        chip.press_boot()
        _esptool(chip, "write-flash", "0x0", str(firmware))
        assert _written(chip, firmware.read_bytes())
        chip.reset()
        assert chip.mode == "micropython"


def test_modem_lines_do_what_they_do_on_a_board(firmware: Path) -> None:
    with RomChip("esp32c3", wire="rfc2217") as chip:
        chip.program(firmware.read_bytes())
        starts = chip.starts
        assert "24:6f:28:00:00:01" in _esptool(chip, "--no-stub", "read-mac")
        assert (chip.mode, chip.starts) == ("micropython", starts + 1)


def test_a_board_whose_boot_pin_is_not_connected_starts_its_program() -> None:
    with RomChip("esp32c3", wire="rfc2217", wiring="no-boot") as chip:
        said = _esptool(chip, "--connect-attempts", "1", "read-mac", code=2)
        assert "Wrong boot mode detected (0xc)" in said


def test_at_the_real_rate_only_a_host_with_the_same_rate_is_understood(firmware: Path) -> None:
    with RomChip("esp32c3", baud="real") as chip:
        _esptool(chip, "--baud", "921600", "write-flash", "0x0", str(firmware))
        assert _written(chip, firmware.read_bytes())
        wait_until(lambda: chip.mode == "micropython", "it starts from its flash")
        with serial.Serial(chip.port, 9600, timeout=0.2) as port:
            port.write(b"\x02")
            assert b">>>" not in port.read(200)
        with serial.Serial(chip.port, 115200, timeout=5) as port:
            port.write(b"\x03")
            assert b">>>" in port.read_until(b">>>")


def _name(value: object) -> str:
    return next(name for name, one in vars(value).items() if one) if isinstance(value, RomFaults) else ""


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        (RomFaults(bad_sectors={20}), "Failed SPI operation"),
        (RomFaults(dead_bits={20}), "MD5 of file does not match"),
        (RomFaults(wrong_md5=1), "MD5 of file does not match"),
        (RomFaults(refuse_stub="crash"), "Failed to start stub flasher"),
        (RomFaults(no_flash=True), "Failed to communicate with the flash chip"),
        (RomFaults(good_up_to=115200), "fatal error"),
        (RomFaults(unplug_at=60), "serial exception"),
        (RomFaults(reset_at=60), "fatal error"),
        (RomFaults(hang_at=60), "fatal error"),
        (RomFaults(fail={0x10: 8}), "Flash write error"),
        (RomFaults(secure_boot=True), "Active security features detected"),
        (RomFaults(flash_encryption=True), "Active security features detected"),
    ],
    ids=_name,
)
def test_a_fault_is_what_esptool_says_it_is_and_can_be_mended(faults: RomFaults, words: str, firmware: Path) -> None:
    with RomChip("esp32s3", faults=faults) as chip:
        image = Path(firmware.with_name("esp32s3.bin"))
        image.write_bytes(images.firmware("esp32s3", size=60_000))
        job = ("--baud", "460800", "write-flash", "0x0", str(image))
        erase = ("--erase-all",) if words.startswith("Active") else ()
        assert words in _esptool(chip, *job[:3], *erase, *job[3:], code=1 if faults.unplug_at else _FATAL)
        if not erase:
            faults.mend()
            chip.plug()
            _esptool(chip, *job)
            assert _written(chip, image.read_bytes())


@pytest.mark.parametrize("name", ["esp32s2", "esp32c3"])
def test_secure_download_mode_refuses_what_it_must(name: str) -> None:
    with RomChip(name, faults=RomFaults(secure_download=True)) as chip:
        assert f"{chip.row.name} in Secure Download Mode" in _esptool(chip, "read-mac", code=2)
        assert "Flags: 0x00000004" in _esptool(chip, "--no-stub", "get-security-info")


def test_flash_forgets_only_when_it_is_erased() -> None:
    with RomChip("esp32c3") as chip:
        rom_flash.program(chip, 0, b"\xf0\x0f")
        rom_flash.program(chip, 0, b"\xff\x00")
        assert chip.flash[:2] == b"\xf0\x00"
        rom_flash.erase(chip, 0, 4096)
        assert chip.flash[:2] == b"\xff\xff"


def test_unplugged_it_is_gone_and_comes_back_elsewhere() -> None:
    with RomChip("esp32c3") as chip:
        before = chip.port
        chip.unplug()
        assert chip.mode == "unplugged"
        assert not os.path.exists(before)
        assert os.path.exists(chip.plug())


def test_it_leaves_nothing_behind() -> None:
    threads, files = set(threading.enumerate()), set(os.listdir("/proc/self/fd") if os.path.isdir("/proc") else ())
    for wire in ("pty", "socket"):
        with RomChip("esp32", wire=wire) as chip:  # type: ignore[arg-type]
            chip.press_boot()
    assert set(threading.enumerate()) == threads
    if files:
        assert len(os.listdir("/proc/self/fd")) <= len(files)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 100, 4097])
def test_the_checksum_is_the_exclusive_or_of_all_bytes(size: int) -> None:
    data = bytes((7 * n + 3) % 251 for n in range(size))
    expected = 0xEF
    for byte in data:
        expected ^= byte
    assert rom_loader.checksum(data) == expected
