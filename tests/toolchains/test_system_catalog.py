"""Compilers from the system's own packages: what to type, on each system."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from toolchains.chips import arches
from toolchains.host import Host, System
from toolchains.system_catalog import system_package, system_programs


def _host(folder: Path, system: System, *programs: str) -> Host:
    """A machine with these programs."""
    host = Host(system, "x86_64", {"PATH": str(folder)})
    for program in programs:
        file = folder / f"{program}{host.exe_suffix}"
        file.write_text("#!/bin/sh\n", "utf-8")
        file.chmod(0o755)
    return host


_SYSTEMS: list[tuple[System, str]] = [
    ("linux", "dnf"),
    ("linux", "pacman"),
    ("linux", "zypper"),
    ("linux", "apk"),
    ("macos", "brew"),
    ("windows", "winget"),
    ("windows", "pacman"),
]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="the programs are shell scripts")


@pytest.mark.parametrize(("system", "manager"), _SYSTEMS)
def test_the_arm_compiler_is_had_everywhere_with_its_c_library(tmp_path: Path, system: System, manager: str) -> None:
    found = system_package("arm-none-eabi-gcc", _host(tmp_path, system, manager))
    assert found is not None
    assert found.command.removeprefix("sudo ").startswith(manager)
    assert "arm" in found.command.lower()
    words = found.command.split()
    assert len(words) == len(set(words))
    assert found.size is None  # of another system's packages we do not know it


def test_msys2_has_names_of_its_own_and_serves_where_winget_does_not(tmp_path: Path) -> None:
    host = _host(tmp_path, "windows", "winget", "pacman")
    arm, riscv = system_package("arm-none-eabi-gcc", host), system_package("riscv64-unknown-elf-gcc", host)
    assert arm is not None
    assert riscv is not None
    assert arm.command.startswith("winget install")
    assert riscv.command == "pacman -S mingw-w64-ucrt-x86_64-riscv64-unknown-elf-gcc"
    assert riscv.called == "riscv64-unknown-elf-gcc"


def test_a_program_may_have_another_name_there(tmp_path: Path) -> None:
    found = system_package("riscv64-unknown-elf-gcc", _host(tmp_path, "linux", "pacman"))
    assert found is not None
    assert found.called == "riscv64-elf-gcc"


def test_debian_has_all_of_them_and_their_sizes(tmp_path: Path) -> None:
    host = _host(tmp_path, "linux", "apt-get", "dpkg")
    for program in system_programs():
        found = system_package(program, host)
        assert found is not None
        assert "apt-get install" in found.command
        assert found.debian in found.command
    arm = system_package("arm-none-eabi-gcc", host)
    assert arm is not None
    assert arm.size == 52_000_000
    assert arm.command.endswith("gcc-arm-none-eabi libnewlib-arm-none-eabi")


def test_where_nobody_has_it_there_is_no_line(tmp_path: Path) -> None:
    for system in ("linux", "macos", "windows"):
        found = system_package("xtensa-lx106-elf-gcc", _host(tmp_path, system, "dnf", "brew", "winget"))
        assert found is not None
        assert found.command == ""
    assert system_package("xtensa-esp32-elf-gcc", _host(tmp_path, "linux", "dnf")) is None


def test_each_program_compiles_for_an_architecture() -> None:
    known = {program for arch in arches().values() for program in arch.gcc}
    assert set(system_programs()) <= known
