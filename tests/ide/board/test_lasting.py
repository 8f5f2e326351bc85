"""Long work on the command line: the board goes away in the middle of it and comes back elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board.boards import Boards
from ide.board.errors import BoardGone, BoardNotFound
from ide.board.lasting import lasting
from ide.board.link import Board
from tests.conftest import RecordingContext
from tests.fakes.board import FakeBoard
from tests.fakes.usb_desk import Desk
from tests.fakes.usb_ports import CH340, CP2102, UsbPorts
from toolchains.errors import Cancelled
from toolchains.jobs import Note
from toolchains.toolbox import Toolbox

ID, OTHER_ID = bytes.fromhex("246f28aabb01"), bytes.fromhex("246f28aabb02")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk(tmp_path, UsbPorts(monkeypatch))
    yield made
    made.close()


@pytest.fixture
def boards(toolbox: Toolbox) -> Iterator[Boards]:
    with Boards(toolbox) as made:
        yield made


def notes(ctx: RecordingContext) -> list[str]:
    return [str(event.text) for event in ctx.events if isinstance(event, Note)]


def test_it_goes_on_where_the_board_is_now(ctx: RecordingContext, desk: Desk, boards: Boards) -> None:
    first, again = desk.plug("ttyUSB0", CP2102, FakeBoard(), serial="01A2B3C4"), FakeBoard()
    places: list[str] = []

    def work(board: Board) -> str:
        places.append(Path(board.address).name)
        if len(places) == 1:
            desk.pull("ttyUSB0")
            desk.plug("ttyUSB0", CP2102, FakeBoard(), serial="99999999A")  # a stranger takes its name
            desk.plug("ttyUSB4", CP2102, again, serial="01A2B3C4")
        board.exec(ctx, "note(1)")
        return "done"

    assert lasting(ctx, boards, first, work) == "done"
    assert places == ["ttyUSB0", "ttyUSB4"]
    assert again.notes == [1]
    assert "It goes on when the board is back" in notes(ctx)[0]
    assert "ttyUSB4" in notes(ctx)[1]


def test_a_stranger_is_named_and_not_worked_with(ctx: RecordingContext, desk: Desk, boards: Boards) -> None:
    first = desk.plug("ttyUSB0", CH340, FakeBoard(unique_id=ID), socket="1-1:1.0")
    stranger = FakeBoard(unique_id=OTHER_ID)

    def work(board: Board) -> None:
        board.identity(ctx)
        desk.pull("ttyUSB0")
        desk.plug("ttyUSB0", CH340, stranger, socket="1-1:1.0")
        board.exec(ctx, "note(1)")

    ctx.sink = lambda event: _cancel_at(ctx, event, "Another board")
    with pytest.raises(Cancelled):
        lasting(ctx, boards, first, work)
    assert stranger.notes == []


def _cancel_at(ctx: RecordingContext, event: object, words: str) -> None:
    if isinstance(event, Note) and words in str(event.text):
        ctx.cancel()


def test_without_a_board_at_the_beginning_nobody_waits(ctx: RecordingContext, desk: Desk, boards: Boards) -> None:
    with pytest.raises(BoardNotFound):
        lasting(ctx, boards, str(desk.folder / "ttyUSB9"), lambda board: None)


def test_a_simulated_board_that_ended_is_an_error(ctx: RecordingContext, boards: Boards) -> None:
    def work(board: Board) -> None:
        raise BoardGone("sim:unix")

    with pytest.raises(BoardGone):
        lasting(ctx, boards, "sim:unix", work)
