"""Simulated ESP32s, on a stand-in for Espressif's QEMU: what somebody meets who uses, flashes and resets them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import serial

from ide.board import esp_machines, simulator
from ide.board.boards import Boards
from ide.board.esp_flash import flash_file, read_note
from ide.board.esp_machines import ESP_CHIPS
from ide.board.flash import backup, on_chip
from ide.board.flash.detect import detect
from ide.board.flash.records import FlashFile, FlashJob
from ide.board.flash.write import write
from ide.board.lease import Lease, NoDownloadMode
from ide.board.machines import MachineSpec
from tests.fakes import machine
from tests.ide.board.esp_boards import FRIENDLY, RAW, firmware_of, keep_firmware, prompt, run, with_qemu
from tests.waiting import wait_until
from toolchains.errors import UsageError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.sdk import DEFAULT_VERSION
from toolchains.toolbox import Toolbox

VERSIONS = (DEFAULT_VERSION, "1.27.0")


@pytest.fixture(params=list(ESP_CHIPS))
def chip(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def box(host: Host, paths: Paths, chip: str, tmp_path: Path) -> Iterator[Toolbox]:
    keep_firmware(paths, chip, *VERSIONS)
    with Toolbox.of(with_qemu(host, tmp_path / "qemu")) as toolbox:
        yield toolbox
    folder = simulator.run_folder(paths, chip, host)
    wait_until(lambda: not folder.path.exists(), "the keeper's folder is gone")


@pytest.fixture
def lease(ctx: JobContext, box: Toolbox, chip: str) -> Iterator[Lease]:
    with simulator.lease(ctx, box, f"sim:{chip}") as held:
        yield held


@pytest.fixture
def port(lease: Lease) -> Iterator[serial.SerialBase]:
    with open_port(lease) as opened:
        yield opened


def open_port(lease: Lease) -> serial.SerialBase:
    return serial.serial_for_url(lease.port, 115200, timeout=20)


def version_on(port: serial.SerialBase) -> bytes:
    return run(port, b"import sys; print(sys.implementation.version[:3])")


def esptool(port: str, chip: str, *words: str) -> str:
    argv = [sys.executable, "-m", "esptool", "--chip", chip, "--port", port, "--before", "no-reset"]
    done = subprocess.run([*argv, "--after", "no-reset", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_runs_the_official_firmware_and_knows_its_version(lease: Lease, port: serial.SerialBase) -> None:
    prompt(port)
    assert version_on(port) == b"(1, 26, 1)\n"
    assert lease.version == DEFAULT_VERSION


def test_the_flash_has_the_size_of_such_a_board_and_the_image_at_the_chips_offset(
    lease: Lease, box: Toolbox, chip: str
) -> None:
    flash = flash_file(simulator.own_folder(box.paths, chip)).read_bytes()
    image, offset = firmware_of(chip, DEFAULT_VERSION), 0x1000 if chip == "esp32" else 0
    assert len(flash) == (8 << 20 if chip == "esp32s3" else 4 << 20)
    assert flash[:offset] == b"\xff" * offset
    assert flash[offset : offset + len(image)] == image
    assert set(flash[offset + len(image) :]) == {0xFF}


@pytest.mark.parametrize("chip", ["esp32c3"])
def test_files_survive_soft_and_hard_resets_and_the_end_of_the_board(
    ctx: JobContext, box: Toolbox, lease: Lease, chip: str
) -> None:
    with open_port(lease) as port:
        prompt(port)
        run(port, b"a = 1\nwith open('kept', 'w') as f: f.write('here')")
        port.write(b"\x04")
        port.read_until(RAW)
        assert run(port, b"print('a' in globals(), open('kept').read())") == b"False here\n"
        lease.hard_reset()
        port.reset_input_buffer()
        prompt(port)
        assert run(port, b"print(open('kept').read())") == b"here\n"
    lease.close()
    with simulator.lease(ctx, box, "sim:esp32c3") as again, open_port(again) as port:
        assert again.machine_pid != lease.machine_pid
        prompt(port)
        assert run(port, b"print(open('kept').read())") == b"here\n"


@pytest.mark.parametrize("chip", ["esp32c3"])
def test_the_reset_button_helps_where_ctrl_c_does_not(lease: Lease, port: serial.SerialBase) -> None:
    prompt(port)
    port.write(b"native()\x04")
    port.write(b"\x03" * 20)
    lease.hard_reset()
    assert FRIENDLY in port.read_until(FRIENDLY)
    prompt(port)
    assert run(port, b"print(6 * 7)") == b"42\n"


@pytest.mark.parametrize("chip", ["esp32c3"])
def test_the_board_can_reset_itself(port: serial.SerialBase) -> None:
    prompt(port)
    port.write(b"import machine; machine.reset()\x04")
    assert b"rst:" in port.read_until(FRIENDLY)


@pytest.mark.parametrize("chip", ["esp32c3"])
def test_it_sleeps_at_its_prompt_and_wakes_up_for_the_first_byte(lease: Lease, port: serial.SerialBase) -> None:
    for _time in range(2):
        prompt(port)
        wait_until(lambda: lease.status()["state"] == "paused", "it is paused")
        assert run(port, b"print('awake')") == b"awake\n"


@pytest.mark.parametrize("chip", ["esp32c3"])
def test_another_micropython_takes_the_place_of_the_first_and_files_stay(
    ctx: JobContext, box: Toolbox, lease: Lease, sdk_tree: object
) -> None:
    newer = replace(sdk_tree, version="1.27.0")  # type: ignore[type-var]
    with open_port(lease) as port:
        prompt(port)
        run(port, b"with open('kept', 'w') as f: f.write('here')")
    lease.close()
    with simulator.lease(ctx, box, "sim:esp32c3", newer) as other, open_port(other) as port:
        assert other.version == "1.27.0"
        prompt(port)
        assert version_on(port) == b"(1, 27, 0)\n"
        assert run(port, b"print(open('kept').read())") == b"here\n"
    with simulator.lease(ctx, box, "sim:esp32c3") as again:  # who asks for none takes what is on it
        assert again.version == "1.27.0"


def test_esptool_reads_it_in_download_mode_and_nothing_changes(
    ctx: JobContext, box: Toolbox, chip: str, lease: Lease
) -> None:
    before = flash_file(simulator.own_folder(box.paths, chip)).read_bytes()
    with simulator.download_mode(ctx, box, lease.address) as port:
        said = esptool(port, chip, "flash-id")
    assert f"{len(before) >> 20}MB" in said
    assert flash_file(simulator.own_folder(box.paths, chip)).read_bytes() == before
    assert lease.status()["version"] == DEFAULT_VERSION
    with open_port(lease) as opened:
        prompt(opened)
        assert version_on(opened) == b"(1, 26, 1)\n"


@pytest.mark.parametrize("chip", ["esp32", "esp32c3"])
def test_what_esptool_writes_is_started_afterwards_and_nobody_puts_anything_over_it(
    ctx: JobContext, box: Toolbox, chip: str, lease: Lease, sdk_tree: object, tmp_path: Path
) -> None:
    image, offset = tmp_path / "own.bin", "0x1000" if chip == "esp32" else "0x0"
    image.write_bytes(firmware_of(chip, "1.28.0", seed=7))
    with simulator.download_mode(ctx, box, lease.address) as port:
        assert "Hash of data verified" in esptool(port, chip, "write-flash", offset, str(image))
    with open_port(lease) as opened:
        prompt(opened)
        assert version_on(opened) == b"(1, 28, 0)\n"
    assert lease.status()["version"] == ""
    with Boards(box) as boards:  # whoever shares it gets it as it is
        assert boards.open(ctx, lease.address, sdk_tree).identity(ctx).version == "1.28.0"  # type: ignore[arg-type]
        held = boards.held(lease.address)
        assert boards.open(ctx, lease.address, sdk_tree) is held  # type: ignore[arg-type]
    lease.close()
    with simulator.lease(ctx, box, lease.address, sdk_tree) as again, open_port(again) as opened:  # type: ignore[arg-type]
        prompt(opened)
        assert version_on(opened) == b"(1, 28, 0)\n"
    assert simulator.renew(box.paths, lease.address)
    with simulator.lease(ctx, box, lease.address, sdk_tree) as new, open_port(new) as opened:  # type: ignore[arg-type]
        prompt(opened)
        assert version_on(opened) == b"(1, 26, 1)\n"


def test_anybodys_esptool_finds_it_as_a_board_with_a_reset_circuit(
    box: Toolbox, chip: str, lease: Lease, tmp_path: Path
) -> None:
    image, offset = tmp_path / "own.bin", "0x1000" if chip == "esp32" else "0x0"
    image.write_bytes(firmware_of(chip, "1.28.0", seed=7))
    argv = [sys.executable, "-m", "esptool", "--port", lease.port, "write-flash", offset, str(image)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Hash of data verified" in done.stdout
    with open_port(lease) as opened:  # it has started by itself when esptool had gone
        prompt(opened)
        assert version_on(opened) == b"(1, 28, 0)\n"


@pytest.mark.parametrize("chip", ["esp32c3"])
def test_what_was_flashed_stays_when_the_keeper_is_killed_just_then(
    ctx: JobContext, box: Toolbox, chip: str, lease: Lease, tmp_path: Path
) -> None:
    image = tmp_path / "own.bin"
    image.write_bytes(firmware_of(chip, "1.28.0", seed=7))
    lease.download_mode()
    esptool(lease.port, chip, "write-flash", "0x0", str(image))
    os.kill(lease.pid, signal.SIGKILL)
    wait_until(lambda: not lease.alive, "it is gone")
    with simulator.lease(ctx, box, lease.address) as again, open_port(again) as opened:
        assert again.version == ""
        prompt(opened)
        assert version_on(opened) == b"(1, 28, 0)\n"


@pytest.mark.parametrize("chip", ["esp32c3"])
def test_the_flasher_finds_it_and_flashes_it(
    ctx: JobContext, box: Toolbox, chip: str, lease: Lease, tmp_path: Path
) -> None:
    image = tmp_path / "own.bin"
    image.write_bytes(firmware_of(chip, "1.28.0", seed=7))
    facts = detect(ctx, box, lease.address, thorough=True)
    assert facts.chip is not None
    assert (facts.chip.chip, facts.chip.flash_size) == (chip, 4 << 20)
    done = write(ctx, box, FlashJob(lease.address, chip, (FlashFile(0, image),)))
    assert done.port == lease.address
    assert done.running is not None
    assert done.running.version == "1.28.0"
    with on_chip.opened(ctx, box, lease.address) as held:
        held.verify([FlashFile(0, image)])
    kept = backup.flash(ctx, box, lease.address, into=tmp_path)
    assert kept.image().startswith(image.read_bytes())


@pytest.mark.parametrize("chip", ["esp32c3"])
def test_a_flash_that_was_erased_says_what_a_blank_chip_says(
    ctx: JobContext, box: Toolbox, chip: str, lease: Lease
) -> None:
    with simulator.download_mode(ctx, box, lease.address) as port:
        esptool(port, chip, "erase-flash")
    with open_port(lease) as opened:
        assert opened.read_until(b"invalid header: 0xffffffff").endswith(b"0xffffffff")
    assert read_note(simulator.own_folder(box.paths, chip)) is not None


@pytest.mark.parametrize("chip", ["esp32c3"])
def test_on_windows_the_same_over_tcp(
    ctx: JobContext, host: Host, paths: Paths, box: Toolbox, chip: str, tmp_path: Path
) -> None:
    spec_host = replace(box.host, system="windows")
    made = simulator.kind_of("sim:esp32c3").maker.machine(ctx, box, None)
    spec = MachineSpec("sim:esp32c3", made.driver, made.argv, "key", linger=0.0, options=made.options)
    folder = simulator.run_folder(paths, chip, spec_host)
    with simulator.lease_machine(ctx, spec_host, folder, spec) as held:
        assert held.port.startswith("socket://127.0.0.1:")
        held.download_mode()
        assert "4MB" in esptool(held.port, chip, "flash-id")
        held.hard_reset()
        with open_port(held) as port:
            prompt(port)
            assert run(port, b"print(6 * 7)") == b"42\n"


@pytest.mark.parametrize("chip", ["esp32c3"])
def test_a_board_without_a_boot_button_says_so(ctx: JobContext, host: Host, paths: Paths, chip: str) -> None:
    spec = MachineSpec("sim:rv32", "qemu", machine.command(), "key", linger=0.0)
    folder = simulator.run_folder(paths, "rv32", host)
    with (
        simulator.lease_machine(ctx, host, folder, spec) as held,
        pytest.raises(NoDownloadMode, match=r"no download mode\. Flash one of these: sim:esp32,"),
    ):
        held.download_mode()
    wait_until(lambda: not folder.path.exists(), "the keeper's folder is gone")


@pytest.mark.parametrize("chip", ["esp32c3"])
def test_what_qemu_refuses_is_told_in_its_own_words(ctx: JobContext, box: Toolbox, chip: str) -> None:
    made = simulator.kind_of("sim:esp32c3").maker.machine(ctx, box, None)
    spec = MachineSpec("sim:esp32c3", "esp", made.argv, "key", options={**made.options, "size": 3 << 20})
    with pytest.raises(simulator.SimulatorFailed) as caught:
        simulator.lease_machine(ctx, box.host, simulator.run_folder(box.paths, chip, box.host), spec)
    assert "only 2, 4, 8, 16 MB flash images are supported" in caught.value.detail


@pytest.mark.parametrize("chip", ["esp32c3"])
def test_a_micropython_without_official_firmware_is_named_with_those_that_have(
    ctx: JobContext, box: Toolbox, chip: str, sdk_tree: object
) -> None:
    odd = replace(sdk_tree, version="1.26.7")  # type: ignore[type-var]
    with pytest.raises(
        UsageError, match=r"no official firmware of MicroPython 1\.26\.7 for ESP32_GENERIC_C3.*1\.26\.1"
    ):
        simulator.lease(ctx, box, "sim:esp32c3", odd)


def test_qemu_is_called_as_esp_idf_calls_it(ctx: JobContext, box: Toolbox, chip: str) -> None:
    made = esp_machines.Esp(ESP_CHIPS[chip]).machine(ctx, box, None)
    line = " ".join(made.argv[1:])
    assert line.startswith(
        {"esp32": "-M esp32 -m 4M ", "esp32c3": "-M esp32c3 -n", "esp32s3": "-M esp32s3 -m 32M "}[chip]
    )
    assert f"-global driver=nvram.{chip}.efuse,property=drive,value=efuse" in line
    assert f"-global driver=timer.{chip}.timg,property=wdt_disable,value=true" in line
    straps = {"esp32": "0x0f", "esp32c3": "0x02", "esp32s3": "0x07"}
    assert made.options["strap"] == f"driver={chip}.gpio,property=strap_mode,value={straps[chip]}"
    fuses = bytes.fromhex(made.options["efuse"])
    ones = {place: value for place, value in enumerate(fuses) if value}
    assert (len(fuses), ones) == ((124, {13: 0x80, 22: 0x10}) if chip == "esp32" else (1024, {38: 0x0C}))
