"""The ward."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compilers import Compilers
from tests.toolchains.doctor.patients import Ward
from tests.toolchains.natmods import Builder
from toolchains.sdk_tree import SdkTree


@pytest.fixture
def ward(build: Builder, compiler_for: Compilers, tmp_path: Path, sdk_tree: SdkTree) -> Ward:
    """A folder for a project with a space in its name, and MicroPython 1.26.1."""
    return Ward(build, compiler_for, tmp_path / "sick project", sdk_tree)
