"""The Flasher panel over boards that are not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ide.panels.flasher.parts import Desk, desk
from tests.ide.panels.stand_in import studio


@pytest.fixture
def at(qtbot, home: Path, tmp_path: Path) -> Iterator[Desk]:
    with studio(tmp_path) as ide:
        found = desk(ide, qtbot)
        yield found
        found.played.go.set()
