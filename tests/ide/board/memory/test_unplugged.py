"""A cable that is pulled out while a board is asked: an error that says so, at once, and the next ask is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from ide.board import card
from ide.board.errors import BoardGone
from ide.board.link import Board, open_link
from ide.board.memory import heap_map, vitals
from ide.board.storage import on_board
from tests.fakes.cable import Cable
from tests.sims import SimBoard, sim_board
from toolchains.jobs import JobContext

Ask = Callable[[JobContext, Board], object]
ASKS: dict[str, Ask] = {
    "vitals": lambda ctx, board: vitals.ask(ctx, board, filesystem=True),
    "heap": heap_map.take,
    "storage": on_board.look,
    "card": card.look,
}


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimBoard]:
    folder: Path = tmp_path_factory.mktemp("u")
    with sim_board("sim:rv32", folder / "h") as board:
        board.link.close()
        yield board
        board.reopen()


@pytest.mark.parametrize("name", ASKS)
@pytest.mark.parametrize("cut_after", [40, 700, 1400, 2600])
def test_it_is_said_and_the_next_ask_is_right(ctx: JobContext, sim: SimBoard, name: str, cut_after: int) -> None:
    ask = ASKS[name]
    with Cable(sim.lease.port, cut_after) as cable:
        board = open_link(ctx, cable.port)
        with suppress(BoardGone), closing(board):  # or it was over before the cable was out
            assert ask(ctx, board) is not None
    with Cable(sim.lease.port) as cable, closing(open_link(ctx, cable.port)) as board:
        assert ask(ctx, board) is not None
        assert board.ask(ctx, "6*7") == 42
