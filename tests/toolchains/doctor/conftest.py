"""The ward."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compilers import Compilers
from tests.toolchains.doctor.patients import Ward
from tests.toolchains.natmods import Builder
from toolchains.sdk_tree import SdkTree


@pytest.fixture
def ward(
    build: Builder, compiler_for: Compilers, tmp_path: Path, sdk_tree: SdkTree, sdk_1250: SdkTree
) -> Iterator[Ward]:
    """A folder for a project with a space in its name, and MicroPython 1.26.1."""
    ward = Ward(build, compiler_for, tmp_path / "sick project", sdk_tree)
    yield ward
    for tree in {ward.sdk.path: ward.sdk, **{one.path: one for one in ward.others.values()}}.values():
        if tree.path not in (sdk_tree.path, sdk_1250.path):
            build.linkers.get(tree).end()
