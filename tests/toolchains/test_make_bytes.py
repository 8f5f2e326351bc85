"""Our modules have the very bytes of upstream's make."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.toolchains.natmods import Builder, write_project
from toolchains.sdk_tree import SdkTree


@pytest.mark.parametrize("name", ["features0", "features1", "features3", "features4", "heapq", "random"])
@pytest.mark.parametrize("tree", ["sdk_tree", "sdk_1250"])
def test_upstream_examples_have_the_bytes_of_make(
    build: Builder, tmp_path: Path, name: str, tree: str, request: pytest.FixtureRequest
) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    sdk: SdkTree = request.getfixturevalue(tree)
    source = sdk.path / "examples" / "natmod" / name
    if not source.is_dir():
        pytest.skip(f"the tree has no examples/natmod/{name}")
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    shutil.copytree(source, theirs)
    shutil.copytree(source, ours)
    compiler = build.compiler("x64", "gcc")
    command = [
        "make",
        f"MPY_DIR={sdk.path}",
        "ARCH=x64",
        f"PYTHON={sys.executable}",
        f"CROSS={compiler.command[0][:-3]}",
    ]
    env = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    made = subprocess.run(command, cwd=theirs, env=env, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    (mpy,) = theirs.glob("*.mpy")
    sources = [path.name for path in sorted(ours.glob("*.c"))]
    sources.sort(key=lambda path: made.stdout.index(f"CC {path}"))
    write_project(ours, {}, f'sources = {sources}\nfloat = "double"'.replace("'", '"'))
    toml = (ours / "natmod.toml").read_text().replace('"small"', f'"{mpy.stem}"')
    (ours / "natmod.toml").write_text(toml)
    for path in ours.glob("*.py"):
        path.unlink()
    if list(theirs.glob("*.py")):
        native = next((theirs / "build").glob("*.native.mpy")).read_bytes()
        built = build(ours, "x64", "gcc", sdk=sdk)
        assert (built.path.parent / "build" / f"{mpy.stem}.native.mpy").read_bytes() == native
    else:
        assert build(ours, "x64", "gcc", sdk=sdk).path.read_bytes() == mpy.read_bytes()
