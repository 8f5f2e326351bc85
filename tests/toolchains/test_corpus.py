"""Upstream's examples, from their own Makefiles: our engine makes the very bytes that make makes, for every chip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.compilers import Compilers
from tests.conftest import RecordingContext
from tests.examples import NATIVE
from tests.toolchains.natmods import Builder
from toolchains import bytecode, natmod, project
from toolchains.chips import arch
from toolchains.compilers import Compiler
from toolchains.errors import StudioError
from toolchains.host import Host
from toolchains.linker import LinkerPool
from toolchains.natmod import BuildRequest
from toolchains.paths import examples
from toolchains.recipe import Wishes
from toolchains.sdk_tree import SdkTree

#: All that ESP32, RP2, STM32 and PCs have.
ARCHES = ("x64", "armv6m", "armv7m", "armv7emsp", "armv7emdp", "rv32imc", "xtensawin", "x86")
#: The older tree where it differs most: its dynruntime.mk has other defaults, and Xtensa is a world of its own.
_PAIRS = [
    *(("sdk_tree", arch_name) for arch_name in ARCHES),
    *(("sdk_1250", arch_name) for arch_name in ("armv6m", "rv32imc", "xtensawin")),
]
#: The place of a tree of 1.29, best one with the sources of berkeley-db (btree), which no package of Debian has.
_PLACE_1_29 = os.environ.get("NATMOD_TEST_TREE_1_29")
if _PLACE_1_29:
    _PAIRS += [("sdk_1290", arch_name) for arch_name in ARCHES]
#: What make cannot build on either tree, and on 1.25.0, by example and architecture, with the reason. "*": on all.
_NOT_EVEN_MAKE = {
    ("btree", "*"): "Debian's source package lacks berkeley-db",
    ("features2", "rv32imc"): "no floats by default",
}
_NOT_ON_1250 = {
    ("features2", "armv6m"): "no floats by default",
    **dict.fromkeys([(name, "armv6m") for name in ("deflate", "framebuf", "random", "re")], "no LINK_RUNTIME"),
}


#: What make builds wrongly, of a tree with berkeley-db, and we refuse: both files have strings of the same name.
_MIXED_UP = {("btree", "xtensawin"): ("btree_c.c", "mpool.c")}


@pytest.fixture(scope="module", autouse=bool(_PLACE_1_29))
def sdk_1290(linkers: LinkerPool) -> SdkTree:
    """Started before any test is watched for what it leaves."""
    sdk = SdkTree.open(Path(_PLACE_1_29 or ""))
    linkers.start(sdk)
    return sdk


@dataclass(frozen=True)
class Made:
    """What make made of an example: the module, or None and its words."""

    mpy: bytes | None
    words: str


def make(sdk: SdkTree, compiler: Compiler, folder: Path, variables: Mapping[str, str]) -> Made:
    """Upstream's own build of an example, with the compiler that we use."""
    extra = compiler.cflags[len(arch(compiler.arch).cflags) :]
    words = {
        "MPY_DIR": sdk.path,
        "ARCH": compiler.arch,
        "PYTHON": sys.executable,
        "CROSS": compiler.command[0].removesuffix("gcc"),
        "MPY_CROSS": bytecode.program(Host.current(), (sdk.mpy_version, sdk.mpy_sub_version)),
        **({"CFLAGS_EXTRA": " ".join(extra)} if extra else {}),
        **variables,
    }
    env = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    argv = ["make", *(f"{name}={value}" for name, value in words.items())]
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        return Made(None, done.stdout + done.stderr)
    (mpy,) = folder.glob("*.mpy")
    return Made(mpy.read_bytes(), done.stdout)


def ours(build: Builder, sdk: SdkTree, compiler: Compiler, folder: Path, variables: Mapping[str, str]) -> bytes | str:
    """The same by our engine: the module, or what it says."""
    wishes = Wishes(variables)
    request = BuildRequest(project.load(folder), arch(compiler.arch), sdk, compiler, wishes=wishes)
    try:
        return natmod.build(build.ctx, request, build.linkers).path.read_bytes()
    except StudioError as error:
        return str(error)


def jobs_of(sdk: SdkTree, compiler: Compiler) -> list[tuple[str, Mapping[str, str]]]:
    """The examples of a tree, each with the variables that it is built with."""
    names = sorted(path.parent.name for path in (sdk.path / "examples" / "natmod").glob("*/Makefile"))
    with_floats = compiler.arch == "rv32imc" and compiler.libm is not None
    return [*((name, {}) for name in names), *([("features2", {"MICROPY_FLOAT_IMPL": "float"})] if with_floats else [])]


@pytest.mark.parametrize(("tree", "arch_name"), _PAIRS)
def test_every_upstream_example_has_the_bytes_of_make(
    build: Builder,
    compiler_for: Compilers,
    tmp_path: Path,
    tree: str,
    arch_name: str,
    request: pytest.FixtureRequest,
) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    sdk: SdkTree = request.getfixturevalue(tree)
    compiler = compiler_for(arch_name, "gcc")
    known = {**_NOT_EVEN_MAKE, **(_NOT_ON_1250 if tree == "sdk_1250" else {})}
    with ThreadPoolExecutor(2) as pool:
        made, pairs = {}, jobs_of(sdk, compiler)
        for number, (name, variables) in enumerate(pairs):
            for side in ("theirs", "ours"):
                shutil.copytree(sdk.path / "examples" / "natmod" / name, tmp_path / side / str(number))
            made[number] = pool.submit(make, sdk, compiler, tmp_path / "theirs" / str(number), variables)
        for number, (name, variables) in enumerate(pairs):
            mine = ours(build, sdk, compiler, tmp_path / "ours" / str(number), variables)
            theirs = made[number].result()
            if theirs.mpy is None:
                assert {(name, "*"), (name, arch_name)} & known.keys(), theirs.words
            elif isinstance(mine, str) and (name, arch_name) in _MIXED_UP:
                assert all(file in mine for file in _MIXED_UP[name, arch_name]), mine
            else:
                assert mine == theirs.mpy, (name, mine)


def test_an_example_whose_sources_are_not_in_the_tree_says_what_has_them(build: Builder, tmp_path: Path) -> None:
    if (build.sdk.path / "lib" / "berkeley-db-1.xx" / "btree").is_dir():
        pytest.skip("this tree has the sources of berkeley-db")
    shutil.copytree(build.sdk.path / "examples" / "natmod" / "btree", tmp_path / "btree")
    said = ours(build, build.sdk, build.compiler("x64", "gcc"), tmp_path / "btree", {})
    assert "lib/berkeley-db-1.xx" in str(said)
    assert "release archive" in str(said)


@pytest.mark.parametrize("arch_name", [*ARCHES, "xtensa"])
def test_every_example_of_ours_builds_without_a_warning(
    build: Builder, compiler_for: Compilers, tmp_path: Path, arch_name: str
) -> None:
    compiler = compiler_for(arch_name, "gcc")
    for name in NATIVE:
        request = BuildRequest(project.load(examples() / name), arch(arch_name), build.sdk, compiler, tmp_path / name)
        assert natmod.build(build.ctx, request, build.linkers).warnings == (), name


def test_upstreams_examples_are_built_for_the_esp8266(build: Builder, compiler_for: Compilers, tmp_path: Path) -> None:
    """With Debian's compiler, whose library lacks what is in the chip's ROM, make itself builds none of them."""
    compiler = compiler_for("xtensa")
    for path in sorted((build.sdk.path / "examples" / "natmod").glob("*/Makefile")):
        if path.parent.name not in ("btree", "features2"):  # no sources; no floats by default
            folder = shutil.copytree(path.parent, tmp_path / path.parent.name)
            request = BuildRequest(project.load(folder), arch("xtensa"), build.sdk, compiler)
            assert natmod.build(build.ctx, request, build.linkers).file_size


@pytest.mark.parametrize("arch_name", ["armv6m", "armv7m", "armv7emsp", "armv7emdp"])
def test_zig_builds_every_upstream_example_for_arm(build: Builder, tmp_path: Path, arch_name: str) -> None:
    """From 1.29 on: set NATMOD_TEST_TREE_1_29 to such a tree."""
    if not _PLACE_1_29:
        pytest.skip("no MicroPython 1.29 tree (NATMOD_TEST_TREE_1_29)")
    sdk = SdkTree.open(Path(_PLACE_1_29))
    compiler = build.finder.choose(build.ctx, arch(arch_name), "zig", sdk).compiler
    with closing(LinkerPool(build.ctx.host)) as pool:
        for path in sorted((sdk.path / "examples" / "natmod").glob("*/Makefile")):
            if path.parent.name != "btree":
                folder = shutil.copytree(path.parent, tmp_path / path.parent.name)
                request = BuildRequest(project.load(folder), arch(arch_name), sdk, compiler)
                assert natmod.build(build.ctx, request, pool).file_size


def test_a_module_with_libraries_never_varies(
    home: Path, ctx: RecordingContext, sdk_tree: SdkTree, compiler_for: Compilers, tmp_path: Path
) -> None:
    """Whether the libraries were just read, were read before by this linker, or are known from an earlier one."""
    request, seen = [], set()
    compiler = compiler_for("x64", "gcc")
    for number in range(3):
        folder = shutil.copytree(sdk_tree.path / "examples" / "natmod" / "features2", tmp_path / str(number))
        request.append(BuildRequest(project.load(folder), arch("x64"), sdk_tree, compiler))
    for wanted in (request[:2], request[2:]):
        with closing(LinkerPool(ctx.host)) as pool:
            seen |= {natmod.build(ctx, one, pool).path.read_bytes() for one in wanted}
    assert len(seen) == 1
    assert list((home / "cache" / "archives").glob("*.json"))
