"""Panels, each with the services of a window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ide.context import IdeContext
from tests.ide.panels.parts import window_parts


@pytest.fixture
def ide_ctx(qtbot: QtBot, warm_home: Path, tmp_path: Path) -> Iterator[IdeContext]:
    """What a panel is given, with an empty folder as the project and no board."""
    with window_parts(tmp_path) as ctx:
        yield ctx


@pytest.fixture
def board_ctx(ide_ctx: IdeContext, sdk_tree: object, unix_firmware: Path) -> IdeContext:
    """The same, where sim:unix can be started without delay."""
    return ide_ctx
