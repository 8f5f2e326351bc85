"""``natmod build --abi``: one file for each .mpy version, each with the tree that writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import homes
from tests.ide.cli.said import Said
from tests.toolchains.natmods import module, write_project
from tests.toolchains.trees import as_1_22
from toolchains import mpyfile
from toolchains.sdk_tree import SdkTree


@pytest.fixture
def own_trees(home: Path, sdk_tree: SdkTree, natmod: Said) -> None:
    """A home whose trees are its own; what is dear to make is shared."""
    home.mkdir()
    (homes.shared_home() / "cache").mkdir(exist_ok=True)
    (home / "cache").symlink_to(homes.shared_home() / "cache", target_is_directory=True)
    assert natmod("sdk", "add", sdk_tree.path)[0] == 0


@pytest.mark.usefixtures("own_trees")
def test_each_mpy_version_gets_its_own_file(natmod: Said, tmp_path: Path, sdk_1250: SdkTree) -> None:
    folder, dist = write_project(tmp_path / "small", {"small.c": module()}), tmp_path / "dist"
    code, _out, err = natmod("build", folder, "--abi", "6.2")
    assert code == 1
    assert "natmod sdk get 1.22.2" in err
    assert natmod("sdk", "add", as_1_22(sdk_1250, tmp_path / "old"))[0] == 0
    build = ("build", folder, "--abi", "6.2,6.3", "--compiler", "zig")
    code, out, _err = natmod(*build, "--arch", "x64,rv32imc", "--dist", dist)
    assert code == 1  # 1.22 has no rv32imc, which was asked for by its name
    assert "not in this MicroPython" in out
    found = {path.parent.name: mpyfile.read_file(path) for path in dist.rglob("*.mpy")}
    assert {name: mpy.version_text for name, mpy in found.items()} == {
        "x64_6.2": "6.2",
        "x64_6.3": "6.3",
        "rv32imc_6.3": "6.3",
    }
    assert (folder / ".natmod/x64-6.2/small.mpy").read_bytes() == (dist / "x64_6.2/small.mpy").read_bytes()


@pytest.mark.usefixtures("own_trees")
def test_a_library_needs_a_newer_linker(natmod: Said, tmp_path: Path, sdk_1250: SdkTree) -> None:
    natmod("sdk", "add", as_1_22(sdk_1250, tmp_path / "old"))
    folder = write_project(tmp_path / "small", {"small.c": module(), "x.a": "!<arch>\n"}, 'libs = ["x.a"]')
    code, _out, err = natmod("build", folder, "--abi", "6.2", "--arch", "x64", "--compiler", "zig")
    assert code == 1
    assert "1.22.2 cannot link libraries" in err
    assert "1.25 or newer" in err
