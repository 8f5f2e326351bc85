"""The command lines that the window shows: typed into a shell, they make the very module that the build made."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from toolchains import command_lines, natmod, paths, project
from toolchains.chips import arch
from toolchains.jobs import JobContext
from toolchains.matrix import Cell, Plan, build_asked, request_of
from toolchains.sdk_tree import SdkTree
from toolchains.toolbox import Toolbox


@pytest.mark.skipif(os.name == "nt", reason="the lines are given to sh")
@pytest.mark.parametrize("name", ["factorial", "mixed_python", "signal_filter"])
def test_a_shell_makes_the_same_module(
    name: str, ctx: JobContext, toolbox: Toolbox, sdk_tree: SdkTree, tmp_path: Path
) -> None:
    folder = tmp_path / "a project"
    shutil.copytree(paths.examples() / name, folder, ignore=shutil.ignore_patterns(".natmod"))
    plan, cell = Plan(project.load(folder)), Cell(arch("rv32imc"), sdk_tree, "rv32imc")
    _choice, request = request_of(ctx, toolbox, plan, cell)
    built = build_asked(ctx, toolbox, plan, cell, request)
    made = built.path.read_bytes()

    lines = command_lines.lines_of(ctx.host, natmod.describe(ctx, request, toolbox.linkers))
    script = command_lines.script_of(ctx.host, lines)
    for path in [*built.path.parent.rglob("*.o"), *built.path.parent.rglob("*.mpy")]:
        if ".tmp" not in path.name:
            path.unlink()
    done = subprocess.run(["sh", "-e"], input=script, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    native = built.path.parent / "build" / f"{built.name}.native.mpy"  # C alone needs no merge
    assert (built.path if built.path.exists() else native).read_bytes() == made
