"""Modules in the manner of 1.12, 1.16, 1.19 and 1.22 build on the oldest and the newest SDK once they are mended."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compilers import Compilers
from tests.homes import CHECKOUT
from tests.toolchains.natmods import Builder
from toolchains import natmod, project
from toolchains.build_errors import CompileFailed
from toolchains.chips import arch
from toolchains.mend import Sources, mend_all, old_code
from toolchains.natmod import BuildRequest
from toolchains.sdk_tree import SdkTree

OLD = CHECKOUT / "tests" / "data" / "old_modules"
#: Enough of a port for a user C module to be compiled.
PORT = """
#include <stdint.h>
#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)
#define MICROPY_ENABLE_GC (1)
#define MODULE_LAMP_ENABLED (1)
typedef intptr_t mp_int_t;
typedef uintptr_t mp_uint_t;
typedef long mp_off_t;
#define MP_STATE_PORT MP_STATE_VM
"""


@pytest.fixture(params=["sdk_1250", "sdk_newest"])
def tree(request: pytest.FixtureRequest) -> SdkTree:
    found: SdkTree = request.getfixturevalue(request.param)
    return found


def _copy(name: str, tmp_path: Path) -> Path:
    return Path(shutil.copytree(OLD / name, tmp_path / "old module" / name))


def _mended(name: str, tmp_path: Path) -> Path:
    folder = _copy(name, tmp_path)
    fix = mend_all(Sources(folder))
    assert fix is not None
    fix.apply()
    return folder


def _request(build: Builder, compilers: Compilers, folder: Path, arch_name: str, tree: SdkTree) -> BuildRequest:
    return BuildRequest(project.load(folder), arch(arch_name), tree, compilers(arch_name))


@pytest.mark.parametrize("arch_name", ["rv32imc", "xtensawin"])
@pytest.mark.parametrize("name", ["v1_12", "v1_22"])
def test_native_modules_build(
    build: Builder, compiler_for: Compilers, tmp_path: Path, tree: SdkTree, name: str, arch_name: str
) -> None:
    result = natmod.build(
        build.ctx, _request(build, compiler_for, _mended(name, tmp_path), arch_name, tree), build.linkers
    )
    assert result.warnings == ()
    assert result.path.stat().st_size > 200


@pytest.mark.parametrize("name", ["v1_12", "v1_22"])
def test_before_that_they_do_not(build: Builder, compiler_for: Compilers, tmp_path: Path, name: str) -> None:
    with pytest.raises(CompileFailed):
        natmod.build(
            build.ctx, _request(build, compiler_for, _copy(name, tmp_path), "rv32imc", build.sdk), build.linkers
        )


@pytest.mark.parametrize(("name", "source"), [("v1_16", "modlamp.c"), ("v1_19", "walker.c")])
def test_modules_of_a_firmware_compile_and_are_registered(
    compiler_for: Compilers, tmp_path: Path, tree: SdkTree, name: str, source: str
) -> None:
    folder = _mended(name, tmp_path)
    compiled, registered = _user_module(tree, folder / source, tmp_path / "port")
    assert compiled == ""
    wanted = {"v1_16": ["lamp", "lamptools"], "v1_19": ["walker"]}[name]
    assert re.findall(r"MP_ROM_QSTR\(MP_QSTR_(\w+)\)", registered) == wanted


@pytest.mark.parametrize(("name", "source"), [("v1_16", "modlamp.c"), ("v1_19", "walker.c")])
def test_before_that_they_do_not_compile(
    compiler_for: Compilers, tmp_path: Path, sdk_tree: SdkTree, name: str, source: str
) -> None:
    compiled, _registered = _user_module(sdk_tree, _copy(name, tmp_path) / source, tmp_path / "port")
    assert "error" in compiled


def _user_module(tree: SdkTree, source: Path, port: Path) -> tuple[str, str]:
    """What the compiler says, and what the tree's own tool makes of the module's registration."""
    text = source.read_text("utf-8")
    (port / "genhdr").mkdir(parents=True)
    (port / "mpconfigport.h").write_text(PORT)
    (port / "genhdr" / "root_pointers.h").write_text("")
    names = sorted(set(_names(text, tree)))
    rows = ['QDEF0(MP_QSTRnull, 0, 0, "")', *(f'QDEF1({name}, 0, 1, "x")' for name in names)]
    (port / "genhdr" / "qstrdefs.generated.h").write_text("\n".join(rows))
    options = [f"-I{port}", f"-I{tree.path}", f"-I{source.parent}", "-std=c11", "-Wall", "-Wextra", "-Werror"]
    options += ["-Wno-unused-parameter", "-Wno-missing-field-initializers", "-Wno-cast-function-type"]
    zig = [sys.executable, "-m", "ziglang", "cc", "-target", "x86_64-linux-musl", *options]
    made = subprocess.run(
        [*zig, "-c", str(source), "-o", str(port / "module.o")], capture_output=True, text=True, check=False
    )
    if made.returncode or made.stderr:
        return made.stderr or "error", ""
    plain = subprocess.run([*zig, "-DNO_QSTR", "-E", str(source)], capture_output=True, text=True, check=True).stdout
    registrations = [line for line in plain.splitlines() if line.startswith("MP_REGISTER_MODULE")]
    (port / "modules").write_text("\n".join(registrations))
    tool = [sys.executable, str(tree.path / "py" / "makemoduledefs.py"), str(port / "modules")]
    return "", subprocess.run(tool, capture_output=True, text=True, check=True).stdout


def _names(text: str, tree: SdkTree) -> list[str]:
    headers = "".join(path.read_text("utf-8") for path in (tree.path / "py").glob("*.h"))
    return re.findall(r"\bMP_QSTR_\w+", text + headers)


@pytest.mark.parametrize("name", ["v1_12", "v1_16", "v1_19", "v1_22"])
def test_mended_code_has_nothing_old_in_it_and_undo_gives_the_bytes_back(tmp_path: Path, name: str) -> None:
    folder = _copy(name, tmp_path)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    fix = mend_all(Sources(folder))
    assert fix is not None
    undo = fix.apply()
    assert old_code(Sources(folder)) == ()
    assert mend_all(Sources(folder)) is None
    undo.undo()
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
