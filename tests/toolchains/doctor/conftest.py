"""The ward."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compilers import Compilers
from tests.toolchains.doctor.patients import Ward
from tests.toolchains.natmods import Builder
from toolchains.sdk_tree import SdkTree


@pytest.fixture(params=["1.26.1", *(["1.29"] if "NATMOD_TEST_TREE_1_29" in os.environ else [])])
def ward(
    request: pytest.FixtureRequest,
    build: Builder,
    compiler_for: Compilers,
    tmp_path: Path,
    sdk_tree: SdkTree,
    sdk_1250: SdkTree,
    sdk_newest: SdkTree,
) -> Iterator[Ward]:
    """A folder for a project with a space in its name, and MicroPython."""
    sdk = sdk_tree if request.param == "1.26.1" else sdk_newest
    ward = Ward(build, compiler_for, tmp_path / "sick project", sdk)
    yield ward
    for tree in {ward.sdk.path: ward.sdk, **{one.path: one for one in ward.others.values()}}.values():
        if tree.path not in (sdk_tree.path, sdk_1250.path, sdk_newest.path):
            build.linkers.get(tree).end()
