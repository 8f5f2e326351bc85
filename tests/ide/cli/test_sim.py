"""``natmod sim``: what a person does with a simulated ESP32's flash."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board import simulator
from ide.board.esp_flash import flash_file
from ide.cli.run import run_verb
from tests.fakes import images
from tests.ide.board.esp_boards import firmware_of, keep_firmware, with_qemu
from tests.waiting import wait_until
from toolchains.host import Host
from toolchains.paths import Paths
from toolchains.sdk import DEFAULT_VERSION

C3 = "sim:esp32c3"


@pytest.fixture(autouse=True)
def _qemu(host: Host, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in with_qemu(host, tmp_path / "qemu").environ.items():
        monkeypatch.setenv(name, value)
    keep_firmware(paths, "esp32c3", DEFAULT_VERSION)
    yield
    folder = simulator.run_folder(paths, "esp32c3", host)
    wait_until(lambda: not folder.path.exists(), "the keeper's folder is gone")


def test_download_holds_the_board_for_esptool_until_ctrl_c() -> None:
    argv = [sys.executable, "-m", "ide.cli", "sim", "download", C3, "--json"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=os.environ) as command:
        assert command.stdout is not None
        record = json.loads(command.stdout.readline())
        words = record["command"].split()[1:]
        for _time in range(2):
            done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            assert "4MB" in done.stdout
        command.send_signal(signal.SIGINT)
    assert command.returncode == 0


def test_a_file_of_ones_own_is_put_into_the_flash_and_renew_takes_it_away(
    paths: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own, flash = tmp_path / "own.bin", flash_file(simulator.own_folder(paths, "esp32c3"))
    own.write_bytes(firmware_of("esp32c3", "1.28.0"))
    assert run_verb(["sim", "image", C3, str(own)]) == 0
    assert flash.read_bytes().startswith(own.read_bytes())
    assert "own.bin next time. Its files stay." in capsys.readouterr().out
    assert run_verb(["boards", C3, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["version"] == "1.28.0"
    assert run_verb(["sim", "renew", C3]) == 0
    assert not flash.exists()
    assert run_verb(["boards", C3, "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["version"] == DEFAULT_VERSION


def test_a_file_for_another_chip_is_not_put_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.bin"
    other.write_bytes(images.firmware("esp32s3"))
    assert run_verb(["sim", "image", C3, str(other)]) == 1
    assert "ESP32-S3" in capsys.readouterr().err


def test_what_is_not_named_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_verb(["sim", "image", C3]) == 2
    assert "natmod sim image sim:esp32c3 firmware.bin" in capsys.readouterr().err
    assert run_verb(["sim", "image", "sim:rv32", "x.bin"]) == 2
    assert "has no flash" in capsys.readouterr().err
