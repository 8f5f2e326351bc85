"""The connections that a process holds: which one is used again, and that none is left behind."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ide.board import boards as room
from ide.board.boards import Boards
from ide.board.errors import BoardBusy, BoardNotAllowed, BoardNotFound
from toolchains.jobs import JobContext

OLD, NEW = SimpleNamespace(version="1.25.0"), SimpleNamespace(version="1.26.1")


class Part:
    """A board or a lease: it is open until it is closed, and may fail to close."""

    alive = True
    port = "/dev/pts/99"

    def __init__(self, version: str = "", fails: bool = False) -> None:
        self.version, self.fails, self.closed = version, fails, False

    def hard_reset(self) -> None:
        """Not pressed here."""

    def close(self) -> None:
        self.closed = True
        if self.fails:
            raise RuntimeError("fails to close")


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> list[Part]:
    made: list[Part] = []

    def make(version: str = "") -> Part:
        made.append(Part(version))
        return made[-1]

    def lease(ctx: JobContext, toolbox: object, address: str, sdk: Any) -> Part:
        return make(sdk.version if sdk else NEW.version)

    monkeypatch.setattr(room.simulator, "lease", lease)
    monkeypatch.setattr(room, "open_link", lambda ctx, address, hard_reset=None: make())
    return made


@pytest.fixture
def boards() -> Boards:
    return Boards(SimpleNamespace())  # type: ignore[arg-type]


def test_a_connection_is_used_again_while_it_stands(ctx: JobContext, boards: Boards, parts: list[Part]) -> None:
    first: Any = boards.open(ctx, "sim:rv32", NEW)  # type: ignore[arg-type]
    assert boards.open(ctx, "sim:rv32") is first
    first.alive = False
    assert boards.open(ctx, "sim:rv32") is not first
    assert [part.closed for part in parts] == [True, True, False, False]


def test_a_board_with_usb_of_its_own_may_vanish_for_a_moment(
    ctx: JobContext, boards: Boards, parts: list[Part], monkeypatch: pytest.MonkeyPatch
) -> None:
    first: Any = boards.open(ctx, "/dev/ttyACM0")
    first.alive = False
    back, tries = room.open_link, [BoardNotAllowed("/dev/ttyACM0", None), BoardNotFound("/dev/ttyACM0")]

    def vanished(ctx: JobContext, address: str, hard_reset: object = None) -> Any:
        if tries:
            raise tries.pop()
        return back(ctx, address)

    monkeypatch.setattr(room, "open_link", vanished)
    assert boards.open(ctx, "/dev/ttyACM0").alive
    assert not tries


def test_a_port_that_was_never_there_is_not_waited_for(
    ctx: JobContext, boards: Boards, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def nothing(ctx: JobContext, address: str, hard_reset: object = None) -> None:
        asked.append(address)
        raise BoardNotFound(address)

    monkeypatch.setattr(room, "open_link", nothing)
    with pytest.raises(BoardNotFound):
        boards.open(ctx, "COM3")
    assert len(asked) == 1


def test_a_project_pinned_to_another_micropython_gets_it(ctx: JobContext, boards: Boards, parts: list[Part]) -> None:
    boards.open(ctx, "sim:rv32", NEW)  # type: ignore[arg-type]
    boards.open(ctx, "sim:rv32", OLD)  # type: ignore[arg-type]
    assert [part.closed for part in parts] == [True, True, False, False]
    assert parts[2].version == OLD.version


def test_a_real_board_runs_what_it_runs(ctx: JobContext, boards: Boards, parts: list[Part]) -> None:
    first = boards.open(ctx, "COM3", OLD)  # type: ignore[arg-type]
    assert boards.open(ctx, "COM3", NEW) is first  # type: ignore[arg-type]


def test_a_board_that_fails_to_close_leaves_nothing_else_open(
    ctx: JobContext, boards: Boards, parts: list[Part]
) -> None:
    for address in ("COM3", "sim:rv32", "COM4"):
        boards.open(ctx, address)
    for part in parts:
        part.fails = part.version == ""
    with pytest.raises(RuntimeError):
        boards.close()
    assert [part.closed for part in parts] == [True] * 4


def test_a_simulated_board_in_use_is_named_as_the_person_knows_it(
    ctx: JobContext, boards: Boards, parts: list[Part], monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(*_args: object, **_options: object) -> None:
        raise BoardBusy("/dev/pts/99", "mpremote", 7)

    monkeypatch.setattr(room, "open_link", taken)
    with pytest.raises(BoardBusy, match=r"sim:rv32 is taken\. The program mpremote \(process 7\)"):
        boards.open(ctx, "sim:rv32")
    assert all(part.closed for part in parts)


def test_a_port_that_another_part_of_us_just_lets_go_of_is_waited_for(
    ctx: JobContext, boards: Boards, parts: list[Part], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = room.open_link
    tries: list[str] = []

    def busy_twice(ctx: JobContext, address: str, hard_reset: object = None) -> object:
        tries.append(address)
        if len(tries) < 3:
            raise BoardBusy(address)
        return opened(ctx, address)

    monkeypatch.setattr(room, "open_link", busy_twice)
    assert boards.open(ctx, "COM3") is parts[0]
    assert tries == ["COM3"] * 3


def test_a_port_of_another_program_is_not_waited_for(
    ctx: JobContext, boards: Boards, parts: list[Part], monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    def busy(ctx: JobContext, address: str, hard_reset: object = None) -> object:
        tries.append(address)
        raise BoardBusy(address, "mpremote", 7)

    monkeypatch.setattr(room, "open_link", busy)
    with pytest.raises(BoardBusy):
        boards.open(ctx, "COM3")
    assert tries == ["COM3"]
