"""The parts that the tests of the build share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compilers import Compilers
from tests.conftest import RecordingContext
from tests.toolchains.natmods import Builder, finder, module, write_project
from toolchains.host import Host
from toolchains.linker import LinkerPool
from toolchains.sdk_tree import SdkTree


@pytest.fixture(scope="module")
def linkers(sdk_tree: SdkTree, sdk_1250: SdkTree, sdk_newest: SdkTree) -> Iterator[LinkerPool]:
    pool = LinkerPool(Host.current())
    # Here, so that no test is blamed for having started them.
    for sdk in (sdk_tree, sdk_1250, sdk_newest):
        pool.start(sdk)
    yield pool
    pool.close()


@pytest.fixture(scope="session", autouse=True)
def _gcc_beside_zig(compiler_for: Compilers) -> None:
    """Most tests of the build run with both."""
    compiler_for.make_ready("x64", "rv32imc")


@pytest.fixture
def build(warm_home: Path, sdk_tree: SdkTree, linkers: LinkerPool, ctx: RecordingContext) -> Builder:
    return Builder(ctx, sdk_tree, linkers, finder(ctx))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_project(tmp_path / "small", {"small.c": module()})
