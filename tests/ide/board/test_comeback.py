"""A board in the window that goes away and comes back: on ptys that vanish, at ports that a test plugs and pulls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board import boards as room
from ide.board import comeback
from ide.board.boards import Boards
from ide.board.comeback import Search
from ide.board.errors import BoardBusy, BoardGone, BoardNotFound, OtherBoard
from ide.board.port_worker import AddressChanged, StateChanged
from tests.fakes.board import FakeBoard
from tests.fakes.usb_desk import Desk
from tests.fakes.usb_ports import CH340, JTAG, UsbPorts
from tests.ide.board.port_watcher import Watched, watched
from tests.waiting import wait_until
from toolchains.jobs import JobContext
from toolchains.text import _
from toolchains.toolbox import Toolbox

MAC, OTHER_MAC = "24:6F:28:AA:BB:01", "24:6F:28:AA:BB:02"
A_JOB = _("a job")
ID, OTHER_ID = bytes.fromhex("246f28aabb01"), bytes.fromhex("246f28aabb02")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk(tmp_path, UsbPorts(monkeypatch))
    yield made
    made.close()


def told(seen: Watched) -> list[str]:
    seen.pull()
    return [event.state for event in seen.events if isinstance(event, StateChanged)]


def answers(seen: Watched, fake: FakeBoard) -> None:
    """It is the board that answers, by itself, at the console and to a job."""
    seen.wait_state("prompt")
    task = seen.worker.submit(lambda ctx, boards: boards.open(ctx, seen.worker.address).exec(ctx, "note(7)"), A_JOB)
    assert seen.wait_end(task).error is None
    assert fake.notes[-1:] == [7]


def test_a_chip_with_usb_of_its_own_restarts_and_nobody_hears_of_a_loss(
    desk: Desk, toolbox: Toolbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comeback, "_EXCUSED_S", 60)
    first = desk.plug("ttyACM0", JTAG, FakeBoard(), serial=MAC)
    with watched(toolbox, first) as seen:
        seen.wait_state("prompt")
        desk.pull("ttyACM0")
        seen.wait_state("connecting")
        again = FakeBoard()
        second = desk.plug("ttyACM1", JTAG, again, serial=MAC)
        answers(seen, again)
        assert "lost" not in told(seen)
        assert [event.address for event in seen.events if isinstance(event, AddressChanged)] == [second]
        old_name = seen.worker.submit(lambda ctx, boards: boards.open(ctx, first).exec(ctx, "print(1)"), A_JOB)
        assert seen.wait_end(old_name).result == b"1\r\n"


def test_another_board_at_the_old_name_is_left_alone_until_a_person_wants_it(
    desk: Desk, toolbox: Toolbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comeback, "_EXCUSED_S", 0.1)
    monkeypatch.setattr(room, "_COMES_BACK_S", 0.2)
    stranger = FakeBoard()
    first = desk.plug("ttyACM0", JTAG, FakeBoard(), serial=MAC)
    with watched(toolbox, first) as seen:
        seen.wait_state("prompt")
        desk.pull("ttyACM0")
        assert isinstance(seen.wait_state("lost").error, BoardGone)
        desk.plug("ttyACM0", JTAG, stranger, serial=OTHER_MAC)
        seen.worker.port_appeared()
        task = seen.worker.submit(lambda ctx, boards: boards.open(ctx, first).exec(ctx, "note(1)"), A_JOB)
        assert isinstance(seen.wait_end(task).error, OtherBoard)
        assert stranger.notes == []
        seen.worker.reconnect()
        answers(seen, stranger)


@pytest.mark.parametrize("socket", ["1-1:1.0", "1-2:1.0"])
def test_behind_a_bridge_without_a_number_the_board_says_who_it_is(desk: Desk, toolbox: Toolbox, socket: str) -> None:
    first = desk.plug("ttyUSB0", CH340, FakeBoard(unique_id=ID), socket="1-1:1.0")
    with watched(toolbox, first) as seen:
        wait_until(lambda: _identity(seen) == ID.hex(), "the board is known", 60)
        desk.pull("ttyUSB0")
        assert isinstance(seen.wait_state("lost").error, BoardGone)
        again = FakeBoard(unique_id=ID)
        desk.plug("ttyUSB1", CH340, again, socket=socket)
        answers(seen, again)


def _identity(seen: Watched) -> str | None:
    seen.pull()
    return next((event.identity.unique_id for event in seen.events if hasattr(event, "identity")), None)


def test_a_stranger_behind_such_a_bridge_is_let_go_and_runs_no_job(desk: Desk, toolbox: Toolbox) -> None:
    first = desk.plug("ttyUSB0", CH340, FakeBoard(unique_id=ID), socket="1-1:1.0")
    with watched(toolbox, first) as seen:
        wait_until(lambda: _identity(seen) == ID.hex(), "the board is known", 60)
        desk.pull("ttyUSB0")
        seen.wait_state("lost")
        stranger = FakeBoard(unique_id=OTHER_ID)
        desk.plug("ttyUSB0", CH340, stranger, socket="1-1:1.0")
        task = seen.worker.submit(lambda ctx, boards: boards.open(ctx, first).exec(ctx, "note(1)"), A_JOB)
        assert isinstance(seen.wait_end(task).error, OtherBoard | BoardNotFound)
        wait_until(lambda: isinstance(seen.state and seen.state.error, OtherBoard), "the stranger is told", 60)
        assert stranger.notes == []
        seen.worker.reconnect()
        answers(seen, stranger)


def test_a_program_that_looks_at_new_ports_is_waited_for_and_named_once(
    desk: Desk, toolbox: Toolbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = desk.plug("ttyUSB0", CH340, FakeBoard())
    with watched(toolbox, first) as seen:
        seen.wait_state("prompt")
        opened, tries = room.open_link, []

        def taken(ctx: JobContext, address: str, **more: object) -> object:
            tries.append(address)
            if len(tries) < 4:
                raise BoardBusy(address, "ModemManager", 7)
            return opened(ctx, address, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(room, "open_link", taken)
        desk.pull("ttyUSB0")
        seen.wait_state("lost")
        desk.plug("ttyUSB0", CH340, again := FakeBoard())
        answers(seen, again)
        errors = [event.error for event in seen.events if isinstance(event, StateChanged) and event.error is not None]
        assert [type(error) for error in errors] == [BoardGone, BoardBusy]


def test_a_job_that_loses_the_board_ends_and_the_console_comes_back(desk: Desk, toolbox: Toolbox) -> None:
    first = desk.plug("ttyACM0", JTAG, FakeBoard(), serial=MAC)
    with watched(toolbox, first) as seen:
        seen.wait_state("prompt")
        code = "print('in')\nforever()"
        work = lambda ctx, boards: boards.open(ctx, first).exec(ctx, code, timeout=None, on_output=seen.worker.printed)  # noqa: E731
        task = seen.worker.submit(work, A_JOB)
        seen.wait_output(b"in\r\n")
        desk.pull("ttyACM0")
        assert isinstance(seen.wait_end(task).error, BoardGone)
        desk.plug("ttyACM5", JTAG, again := FakeBoard(), serial=MAC)
        answers(seen, again)


def test_on_the_command_line_a_board_is_found_again_between_two_runs(
    ctx: JobContext, desk: Desk, toolbox: Toolbox
) -> None:
    first = desk.plug("ttyUSB0", CH340, FakeBoard(unique_id=ID), socket="1-1:1.0")
    with Boards(toolbox) as boards:
        assert boards.open(ctx, first).identity(ctx).unique_id == ID.hex()
        desk.pull("ttyUSB0")
        with pytest.raises((BoardGone, BoardNotFound)):
            boards.open(ctx, first).exec(ctx, "print(1)")
        desk.plug("ttyUSB3", CH340, again := FakeBoard(unique_id=ID), socket="1-4:1.0")
        boards.open(ctx, first).exec(ctx, "note(2)")
        assert again.notes[-1] == 2


def test_a_question_in_passing_does_not_look_for_a_board_that_is_gone(desk: Desk, toolbox: Toolbox) -> None:
    with watched(toolbox, desk.plug("ttyUSB0", CH340, FakeBoard())) as seen:
        seen.wait_state("prompt")
        desk.pull("ttyUSB0")
        lost = seen.wait_state("lost")
        asked: list[int] = []
        task = seen.worker.submit(lambda ctx, boards: asked.append(1), A_JOB, quiet=True)
        assert isinstance(seen.wait_end(task).error, BoardGone)
        assert not asked
        assert seen.state == lost


# --- when to look --------------------------------------------------------------------------------------------------


def test_a_lost_board_is_looked_for_often_then_seldom_then_not_at_all() -> None:
    now = [0.0]
    search = Search(lambda: now[0])
    assert search.pause is None
    assert search.lost(BoardGone("COM3"), connected=True, goes_away=False) == "lost"
    looks = []
    while (pause := search.pause) is not None:
        now[0] += pause
        assert search.due
        looks.append(now[0])
        search.looked()
    assert looks[:3] == [0.25, 0.5, 0.75]
    assert looks[-1] - looks[-2] == 1
    assert 59 < looks[-1] < 62


def test_a_chip_that_does_not_come_back_is_lost_after_all() -> None:
    now = [0.0]
    search = Search(lambda: now[0])
    gone = BoardGone("COM3")
    assert search.lost(gone, connected=True, goes_away=True) == "connecting"
    assert search.looked() is None
    now[0] = 10
    assert search.looked() is gone
    assert search.looked() is None


def test_a_port_that_breaks_whenever_it_is_opened_is_given_up() -> None:
    now, tries = [100.0], 0
    search = Search(lambda: now[0])
    search.lost(BoardGone("COM3"), connected=True, goes_away=False)
    while (pause := search.pause) is not None:
        assert pause > 0
        now[0] += pause
        search.looked()  # it is there
        search.end()  # it can be opened
        search.lost(BoardGone("COM3"), connected=True, goes_away=False)
        tries += 1
    assert tries < 70
    now[0] += 100  # and works for a while, after a person asked for it
    search.begin()
    search.end()
    now[0] += 100
    search.lost(BoardGone("COM3"), connected=True, goes_away=False)
    assert search.pause == 0.25
