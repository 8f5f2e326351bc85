"""What the tests of Makefiles share."""

from __future__ import annotations

import pytest

from tests.conftest import RecordingContext
from tests.toolchains.makefile.makefiles import Recipes
from toolchains.sdk_tree import SdkTree


@pytest.fixture
def recipes(ctx: RecordingContext, sdk_tree: SdkTree) -> Recipes:
    """The reader of a folder's Makefile, over MicroPython 1.26.1."""
    return Recipes(ctx, sdk_tree)
