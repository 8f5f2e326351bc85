"""What the tests of simulated ESP32s share: a computer with the stand-in for Espressif's QEMU, and firmware for it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import serial

from ide.board.esp_machines import ESP_CHIPS, QEMU_VARIABLE, firmware_for
from tests.fakes import fake_qemu, images
from toolchains.host import Host, System
from toolchains.on_this_machine import pack_caches
from toolchains.paths import Paths

RAW = b"raw REPL; CTRL-B to exit\r\n>"
FRIENDLY = b"\n>>> "


def with_qemu(host: Host, folder: Path, system: System | None = None, **environ: str) -> Host:
    """The same computer with the stand-in in ``folder``, named in the environment; it may play another system."""
    named = {QEMU_VARIABLE: str(fake_qemu.install(folder))}
    return replace(host, system=system or host.system, environ={**host.environ, **named, **environ})


def firmware_of(chip: str, version: str, seed: int = 1, rows: Sequence[images.Row] = images.DEFAULT_TABLE) -> bytes:
    """A small firmware with the version of a real one."""
    return images.firmware(chip, version=version, size=24 * 1024, seed=seed, rows=rows)


def keep_firmware(paths: Paths, chip: str, *versions: str, rows: Sequence[images.Row] = images.DEFAULT_TABLE) -> None:
    """Put official firmware where downloads are kept."""
    folder = pack_caches(paths)[2]
    folder.mkdir(parents=True, exist_ok=True)
    for version in versions:
        image = firmware_of(chip, version, rows=rows)
        target = folder / firmware_for(ESP_CHIPS[chip], version).name
        target.write_bytes(image)
        target.with_name(target.name + ".sha256").write_text(hashlib.sha256(image).hexdigest())


def prompt(port: serial.SerialBase) -> None:
    """Make it be at its raw prompt, once it has started: what is typed before that is lost."""
    patience, port.timeout = port.timeout, 1
    for _time in range(60):
        port.write(b"\r\x03\x01")
        if port.read_until(RAW).endswith(RAW):
            break
    port.timeout = patience


def run(port: serial.SerialBase, code: bytes) -> bytes:
    """What ``code`` prints, in the raw REPL."""
    port.write(code + b"\x04")
    return bytes(port.read_until(b"\x04>"))[2:-3].replace(b"\r\n", b"\n")
