"""What the tests of the command line share."""

from __future__ import annotations

import pytest

from tests.ide.cli.said import Said


@pytest.fixture
def natmod(capsys: pytest.CaptureFixture[str]) -> Said:
    """``natmod``, run in this process."""
    return Said(capsys)
