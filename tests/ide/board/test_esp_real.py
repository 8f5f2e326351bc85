"""Espressif's own QEMU, official firmware, real esptool: from a blank chip to a prompt."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import serial

from ide.board import simulator
from ide.board.esp_flash import FlashPlan
from ide.board.esp_machines import ESP_CHIPS, fetch_firmware, find_qemu, firmware_for, made_with
from ide.board.machines import MachineSpec
from tests.ide.board.esp_boards import prompt, run
from tests.waiting import wait_until
from toolchains.chips import chips
from toolchains.fetch import NetworkError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.sdk import DEFAULT_VERSION

pytestmark = pytest.mark.slow


@pytest.fixture(params=list(ESP_CHIPS))
def chip(request: pytest.FixtureRequest, host: Host, paths: Paths) -> str:
    name = str(request.param)
    if find_qemu(host, paths, ESP_CHIPS[name]) is None:
        pytest.skip(f"needs Espressif's {ESP_CHIPS[name].program} for {name}, which is not here")
    return name


@pytest.fixture
def firmware(chip: str, ctx: JobContext, shared_paths: Paths) -> Path:
    try:
        return fetch_firmware(ctx, shared_paths, firmware_for(ESP_CHIPS[chip], DEFAULT_VERSION))
    except NetworkError as error:
        pytest.skip(f"needs official firmware for {chip}, and micropython.org cannot be reached: {error.what}")


def test_a_blank_chip_is_flashed_and_starts(
    chip: str, firmware: Path, ctx: JobContext, host: Host, paths: Paths
) -> None:
    facts, offset = ESP_CHIPS[chip], chips()[chip].flash_offset
    program = find_qemu(host, paths, facts)
    assert program is not None
    blank = FlashPlan(str(simulator.own_folder(paths, chip)), facts.flash_size, offset, facts.fuses.hex())
    made = made_with(facts, program, blank)
    spec = MachineSpec(
        f"sim:{chip}", made.driver, made.argv, made.key, linger=0.0, options=made.options, reflashed_key=made.key
    )
    folder = simulator.run_folder(paths, chip, host)
    with simulator.lease_machine(ctx, host, folder, spec) as held:
        with serial.serial_for_url(held.port, 115200, timeout=30) as port:
            assert port.read_until(b"invalid header: 0xffffffff").endswith(b"0xffffffff")
        argv = [sys.executable, "-m", "esptool", "--chip", chip, "--port", held.port, "write-flash", hex(offset)]
        done = subprocess.run([*argv, str(firmware)], capture_output=True, text=True, check=False)
        assert "Hash of data verified" in done.stdout, done.stdout + done.stderr
        held.hard_reset()
        with serial.serial_for_url(held.port, 115200, timeout=30) as port:
            prompt(port)
            assert run(port, b"import sys; print(sys.implementation.version[:3])") == b"(1, 26, 1)\n"
    wait_until(lambda: not folder.path.exists(), "the keeper's folder is gone")
