"""What tests of questions to a board share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ide.board import simulator
from ide.board.link import Board, open_link
from toolchains.jobs import JobContext
from toolchains.toolbox import Toolbox


@pytest.fixture(params=["sim:rv32", "sim:unix"])
def real_board(request: pytest.FixtureRequest, ctx: JobContext, toolbox: Toolbox) -> Iterator[Board]:
    """A real MicroPython, one after the other of the simulated boards that a newcomer meets."""
    with simulator.lease(ctx, toolbox, request.param) as lease:
        link = open_link(ctx, lease.port, hard_reset=lease.hard_reset)
        try:
            yield link
        finally:
            link.close()
