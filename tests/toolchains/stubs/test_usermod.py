"""A C module for a firmware: compiled with the tree's headers as a port would; and one firmware with it, which runs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.toolchains.firmware.machine import Machine
from tests.toolchains.stubs.at_random import signatures
from tests.toolchains.stubs.making import EVERYTHING, module
from tests.toolchains.stubs.test_natmod import ODD
from toolchains import chips
from toolchains.compilers import Compiler
from toolchains.firmware.make import staging
from toolchains.firmware.sim_ports import PORTS
from toolchains.firmware.user_modules import BadUserModule, read
from toolchains.host import Host
from toolchains.paths import Paths
from toolchains.sdk_tree import SdkTree
from toolchains.stubs import files
from toolchains.zig import Zig

_CONFIG = Path(__file__).parent / "usermod_config"
#: Those of the ports in 1.26, and -Wextra.
_STRICT = ("-std=gnu99", "-Os", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-Wpointer-arith")
_STRICTER = ("-Wdouble-promotion", "-Wfloat-conversion")
_QSTR = re.compile(r"\bMP_QSTR_(\w+)")


def _interned(source: Path, sdk: SdkTree, folder: Path) -> None:
    """The header with interned strings that a port's make would write."""
    texts = [source.read_text("utf-8"), *(path.read_text("utf-8") for path in (sdk.path / "py").glob("*.h"))]
    names = sorted({name for text in texts for name in _QSTR.findall(text)})
    header = folder / "genhdr" / "qstrdefs.generated.h"
    header.parent.mkdir()
    (header.parent / "root_pointers.h").write_text("")
    (header.parent / "moduledefs.h").write_text("")
    header.write_text("".join(f'QDEF1(MP_QSTR_{name}, 0, 0, "")\n' for name in names), "utf-8")


def _in_firmware(folder: Path, text: str) -> Path:
    files.plan(module(text), "usermod", folder / "example").apply()
    return folder


#: Every architecture; 64 bits have no way C. Those of ESP32 get all texts, the others one.
_WAYS = (
    *(("rv32imc", "A"), ("rv32imc", "C"), ("xtensawin", "A"), ("xtensa", "C"), ("x64", "A"), ("x86", "C")),
    *(("armv6m", "A"), ("armv7m", "C"), ("armv7emsp", "A"), ("armv7emdp", "C")),
)


@pytest.mark.parametrize(("name", "representation"), _WAYS)
def test_it_compiles_as_a_port_compiles_it(
    ctx: RecordingContext,
    sdk_tree: SdkTree,
    compiler_for: Callable[[str], Compiler],
    tmp_path: Path,
    name: str,
    representation: str,
) -> None:
    """Boards keep their floats in one of two ways, and constants have to follow."""
    compiler = compiler_for(name)
    texts = (EVERYTHING, ODD, signatures(3)) if name in ("rv32imc", "xtensawin") else (EVERYTHING,)
    for number, text in enumerate(texts):
        folder = tmp_path / str(number)
        source = _in_firmware(folder, text) / "example" / "example.c"
        _interned(source, sdk_tree, folder)
        include = [f"-I{path}" for path in (_CONFIG, folder, sdk_tree.path)]
        flags = [*_STRICT, *_STRICTER, f"-DMICROPY_OBJ_REPR=MICROPY_OBJ_REPR_{representation}"]
        words = [*compiler.command, *compiler.cflags, *flags, *include]
        done = ctx.run([*words, "-c", source, "-o", folder / "example.o"], check=False)
        assert done.returncode == 0, done.text


@pytest.mark.slow
def test_a_firmware_with_it_runs_its_test(
    session_ctx: RecordingContext,
    sdk_tree: SdkTree,
    shared_paths: Paths,
    host: Host,
    tmp_path: Path,
    rv32_firmware: Path,
) -> None:
    """25 s: all of MicroPython is compiled once more."""
    zig = Zig.bundled(host)
    if zig is None or host.which("qemu-system-riscv32") is None:
        pytest.skip("needs zig and qemu-system-riscv32")
    folder = _in_firmware(tmp_path / "modules", EVERYTHING)
    runtime = zig.runtime(session_ctx, shared_paths, chips.arch("rv32imc"))
    with staging(shared_paths) as stage:
        recipe = PORTS["rv32"]._recipe(host, stage, sdk_tree, zig, runtime)
        values = {**recipe.values, "USER_C_MODULES": str(stage.link("modules", folder))}
        replace(recipe, values=values).run(session_ctx, stage, sdk_tree, tmp_path / "firmware.elf")
    machine = Machine(tmp_path / "firmware.elf", tmp_path)
    try:
        machine.until(b">>> ")
        machine.raw()
        assert "all as its signatures say" in machine.run((folder / "example" / "test_example.py").read_text("utf-8"))
    finally:
        machine.close()


def test_cmake_takes_it(ctx: RecordingContext, tmp_path: Path) -> None:
    """The file for the ESP32's build, read by cmake itself."""
    cmake = shutil.which("cmake")
    if cmake is None:
        pytest.skip("needs cmake")
    folder = _in_firmware(tmp_path, EVERYTHING)
    lists = "cmake_minimum_required(VERSION 3.16)\nproject(p NONE)\nadd_library(usermod INTERFACE)\n"
    lists += "include(example/micropython.cmake)\nget_target_property(all usermod_example INTERFACE_SOURCES)\n"
    (folder / "CMakeLists.txt").write_text(f'{lists}message(STATUS "sources ${{all}}")\n')
    said = ctx.run([cmake, "-S", folder, "-B", tmp_path / "build"]).text
    assert f"sources {folder / 'example' / 'example.c'}" in said


def test_the_folder_above_a_module_is_told_from_it(tmp_path: Path) -> None:
    with pytest.raises(BadUserModule) as caught:
        read(tmp_path)
    assert "natmod stub" in str(caught.value.next_step)
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "micropython.mk").touch()
    with pytest.raises(BadUserModule) as caught:
        read(tmp_path)
    assert f"{tmp_path.name}/made" in str(caught.value.next_step)
