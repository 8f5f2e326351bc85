"""What is packed: everything a person needs, and nothing that runs of the examples left behind."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.homes import CHECKOUT


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """A small project with our pyproject.toml in which an example was run; neither git nor its ignore list is there."""
    root = tmp_path / "project"
    files = ("examples/one/main.py", "examples/one/.natmod/x64/one.o", "examples/one/.natmod/.gitignore")
    files += ("resources/chips.json", "resources/board/.natmod/old.mpy", "resources/board/mount.py")
    for name in (*files, "ide/__init__.py", "toolchains/__init__.py", "tests/test_one.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(CHECKOUT / name, root)
    return root


def _build(root: Path, target: str) -> Path:
    argv = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(root / "out")]
    subprocess.run(argv, cwd=root, capture_output=True, check=True)
    (built,) = (root / "out").iterdir()
    return built


def test_a_wheel_holds_the_data_and_no_leftovers(used: Path) -> None:
    with zipfile.ZipFile(_build(used, "wheel")) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == {
        "ide/__init__.py",
        "toolchains/__init__.py",
        "toolchains/_examples/one/main.py",
        "toolchains/_resources/board/mount.py",
        "toolchains/_resources/chips.json",
    }


def test_an_sdist_holds_no_leftovers(used: Path) -> None:
    with tarfile.open(_build(used, "sdist")) as sdist:
        names = sdist.getnames()
    assert any(name.endswith("/examples/one/main.py") for name in names)
    assert [name for name in names if ".natmod" in name] == []
