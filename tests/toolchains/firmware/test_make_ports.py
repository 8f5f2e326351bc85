"""Ports by make that need more than MicroPython's own sources: what is lacking is named, with what brings it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.toolchains.firmware.machine import Machine
from tests.toolchains.firmware.test_projects import described, user_module
from toolchains.errors import ToolMissing
from toolchains.firmware.boards import target_of
from toolchains.firmware.build import FirmwareRequest, build
from toolchains.firmware.machines import MACHINES
from toolchains.firmware.make import staging
from toolchains.firmware.make_ports import PortUnsupported, make_line
from toolchains.firmware.missing_parts import SourcesLack
from toolchains.host import Host
from toolchains.paths import Paths
from toolchains.sdk_tree import SdkTree

BLACKPILL = "WEACT_F411_BLACKPILL"


def _with_program(folder: Path, name: str, text: str) -> Host:
    folder.mkdir()
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)
    current = Host.current()
    path = f"{folder}{os.pathsep}{current.environ.get('PATH', '')}"
    return Host(current.system, current.machine, {**current.environ, "PATH": path})


@pytest.mark.skipif(os.name == "nt", reason="needs make")
def test_an_stm32_board_of_the_project_and_its_variant_and_the_parts_that_the_tree_lacks(
    ctx: RecordingContext, sdk_tree: SdkTree, warm_paths: Paths, tmp_path: Path
) -> None:
    host = Host.current()
    if host.which("arm-none-eabi-gcc") is None or host.which("make") is None:
        pytest.skip("needs make and gcc-arm-none-eabi")
    shutil.copytree(sdk_tree.path / "ports" / "stm32" / "boards" / BLACKPILL, tmp_path / "boards" / "MY_PILL")
    for board in (BLACKPILL, "MY_PILL"):
        wanted = described(tmp_path, 'port = "stm32"', f'board = "{board}"', 'variant = "V31_XTAL_8M"')
        target = target_of(sdk_tree, wanted.firmware, tmp_path)
        with staging(warm_paths) as stage:
            line = make_line(ctx, target, sdk_tree, stage, host, warm_paths)
        assert (line.values["BOARD"], line.values["BOARD_VARIANT"]) == (board, "V31_XTAL_8M")
        assert line.values.get("BOARD_DIR", "").endswith("board/MY_PILL" if board == "MY_PILL" else "")
        assert (line.product, line.elf) == ("firmware.dfu", "firmware.elf")
        if not any((sdk_tree.path / "lib" / "stm32lib").iterdir()):
            with pytest.raises(SourcesLack) as caught:
                build(ctx, FirmwareRequest(wanted, sdk_tree), host, warm_paths)
            assert "lib/stm32lib" in caught.value.fields["parts"]
            assert f"micropython-{sdk_tree.version}.tar.xz" in str(caught.value.next_step)


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script")
def test_what_the_esp8266_lacks_is_named(
    ctx: RecordingContext, sdk_tree: SdkTree, warm_paths: Paths, tmp_path: Path
) -> None:
    target = target_of(sdk_tree, described(tmp_path, 'port = "esp8266"').firmware, tmp_path)
    alone = Host("linux", "x86_64", {**ctx.host.environ, "PATH": str(tmp_path)})
    with staging(warm_paths) as stage:
        with pytest.raises(ToolMissing, match="xtensa-lx106-elf-gcc"):
            make_line(ctx, target, sdk_tree, stage, alone, warm_paths)
        plain = _with_program(tmp_path / "bin", "xtensa-lx106-elf-gcc", f"echo {tmp_path}/root")
        with pytest.raises(PortUnsupported, match="SDK for the ESP8266"):
            make_line(RecordingContext(plain), target, sdk_tree, stage, plain, warm_paths)
        (tmp_path / "root" / "usr" / "include").mkdir(parents=True)
        (tmp_path / "root" / "usr" / "include" / "user_interface.h").touch()
        line = make_line(RecordingContext(plain), target, sdk_tree, stage, plain, warm_paths)
        assert (line.values["BOARD"], line.values["CROSS_COMPILE"]) == ("ESP8266_GENERIC", "xtensa-lx106-elf-")


@pytest.mark.skipif(os.name == "nt", reason="needs make")
def test_an_arm_firmware_with_a_module_and_frozen_code_boots_and_answers(
    ctx: RecordingContext, sdk_tree: SdkTree, warm_paths: Paths, tmp_path: Path
) -> None:
    host = Host.current()
    if any(host.which(name) is None for name in ("arm-none-eabi-gcc", "make", "qemu-system-arm")):
        pytest.skip("needs make, gcc-arm-none-eabi and qemu-system-arm")
    user_module(tmp_path, "twice", 2)
    (tmp_path / "greet.py").write_text("def hello():\n    return 'frozen hello'\n")
    lines = ('port = "qemu"', 'board = "MPS2_AN385"', 'modules = ["usermods/twice"]', 'freeze = ["greet.py"]')
    made = build(ctx, FirmwareRequest(described(tmp_path, *lines), sdk_tree), host, warm_paths)
    arm = MACHINES["MPS2_AN385"]
    machine = Machine(made.product, tmp_path, (arm.program, *arm.argv, *arm.besides))
    try:
        machine.until(b">>> ")
        machine.raw()
        assert machine.run("import twice, greet; print(greet.hello(), twice.times(4))") == "frozen hello 8\r\n"
    finally:
        machine.close()
