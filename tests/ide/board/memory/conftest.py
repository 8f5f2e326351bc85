"""What the tests of memory share."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _no_micropython() -> Iterator[None]:
    """The fake board's modules are this process's: what a test puts there goes with it."""
    yield
    sys.modules.pop("micropython", None)
