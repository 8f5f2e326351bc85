"""MicroPython's own examples: the flags, objects and libraries that make finds, for every architecture."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.toolchains.natmods import finder
from toolchains import project
from toolchains.build_records import BuildRequest
from toolchains.chips import arch, arches
from toolchains.compilers import Compiler, NoCompiler
from toolchains.makefile.answers import Answers
from toolchains.makefile.asking import Asking
from toolchains.makefile.reader import Reader
from toolchains.makefile.recipes import reader_of
from toolchains.makefile.words import split
from toolchains.makefile.world import Names, World
from toolchains.recipe import CONFIG
from toolchains.sdk_tree import SdkTree

_VARIABLES = ("CFLAGS", "SRC_O", "SRC_MPY", "MPY_LD_FLAGS", "MICROPY_FLOAT_IMPL", "MOD", "MPY_CROSS_FLAGS")


def _examples(sdk: SdkTree) -> list[Path]:
    return sorted(path.parent for path in sdk.path.glob("examples/natmod/*/Makefile"))


def _by_make(sdk: SdkTree, example: Path, name: str, compiler: Compiler, folder: Path) -> dict[str, list[str]]:
    probe = folder / "probe.mk"
    lines = [f"$(info {one}=$({one}))" for one in _VARIABLES]
    probe.write_text("\n".join(("include Makefile", *lines, "nothing_at_all:;@:", "")), "utf-8")
    given = {"MPY_DIR": sdk.path, "ARCH": name, "BUILD": "build", "CONFIG_H": CONFIG, "CROSS": compiler.command[0][:-3]}
    argv = ["make", "-f", str(probe), *(f"{one}={value}" for one, value in given.items()), "nothing_at_all"]
    env = {one: os.environ[one] for one in ("PATH", "HOME") if one in os.environ}
    done = subprocess.run(argv, cwd=example, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pairs = (line.partition("=") for line in done.stdout.splitlines() if line.partition("=")[0] in _VARIABLES)
    return {one: split(value) for one, _equals, value in pairs}


def _read(ctx: RecordingContext, request: BuildRequest) -> Reader:
    world = World(request.project.root, Names(request.project.root, request.sdk.path))
    known = Answers(ctx, request.compiler, request.arch, world)
    asking = Asking(world, known, {}, lambda name, value: None, lambda name, value: None)
    reader = reader_of(ctx, request, {}, asking)
    reader.read("Makefile")
    assert asking.needed == []
    return reader


@pytest.mark.parametrize("tree", ["sdk_tree", "sdk_1250"])
def test_variables_are_those_of_make(
    ctx: RecordingContext, warm_home: Path, tmp_path: Path, tree: str, request: pytest.FixtureRequest
) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    sdk: SdkTree = request.getfixturevalue(tree)
    compared = 0
    for name in arches():
        try:
            compiler = finder(ctx).choose(ctx, arch(name), "gcc").compiler
        except NoCompiler:
            continue
        # Make asks the compiler without the headers that we lend it.
        plain = replace(compiler, cflags=arch(name).cflags)
        for example in _examples(sdk):
            wanted = BuildRequest(project.load(example), arch(name), sdk, plain)
            reader = _read(ctx, wanted)
            # A gcc without its 32-bit half names the 64-bit libgcc for x86: make takes it, we do not.
            known = _VARIABLES if compiler.libgcc else set(_VARIABLES) - {"MPY_LD_FLAGS"}
            ours = {one: split(reader.expander.value_of(one)) for one in known}
            theirs = _by_make(sdk, example, name, compiler, tmp_path)
            assert ours == {one: theirs[one] for one in known}, (example.name, name)
            compared += 1
    assert compared >= len(_examples(sdk))
