"""The connections that a process holds: which one is used again, and that none is left behind."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ide.board import access, simulator
from ide.board import boards as room
from ide.board.boards import Boards
from ide.board.errors import BoardBusy, BoardGone, BoardNotAllowed, BoardNotFound, OtherBoard
from ide.board.flash import usb_tree
from ide.board.flash.trouble import TakenByBraille
from ide.board.flash.usb_tree import UsbDevice
from tests.fakes.usb_ports import CH340, JTAG, MICROPYTHON, UsbPorts
from toolchains.jobs import JobContext

A, B = "246f28aabb01", "246f28aabb02"
OLD, NEW = SimpleNamespace(version="1.25.0"), SimpleNamespace(version="1.26.1")


class Part:
    """A board or a lease: it is open until it is closed, and may fail to close."""

    alive = True
    known: SimpleNamespace | None = None
    unique_id: str | None = None
    port = "/dev/pts/99"

    def __init__(self, version: str = "", fails: bool = False) -> None:
        self.version, self.fails, self.closed = version, fails, False

    def hard_reset(self) -> None:
        """Not pressed here."""

    def identity(self, ctx: JobContext) -> SimpleNamespace:
        self.known = SimpleNamespace(unique_id=self.unique_id)
        return self.known

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

    monkeypatch.setattr(simulator, "lease", lease)
    monkeypatch.setattr(room, "open_link", lambda ctx, address, hard_reset=None: make())
    return made


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> UsbPorts:
    monkeypatch.setattr(room, "_COMES_BACK_S", 0.2)
    return UsbPorts(monkeypatch)


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
    ctx: JobContext, boards: Boards, parts: list[Part], bus: UsbPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus.plug("/dev/ttyACM0", MICROPYTHON, serial=A)
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


# --- a board that goes and comes back ------------------------------------------------------------------------------


def lose(part: Part, unique_id: str | None = None) -> None:
    part.alive = False
    if unique_id is not None:
        part.known = SimpleNamespace(unique_id=unique_id)


def test_a_board_that_comes_back_under_another_name_is_found_by_both(
    ctx: JobContext, boards: Boards, parts: list[Part], bus: UsbPorts
) -> None:
    bus.plug("COM3", JTAG, serial=A)
    boards.open(ctx, "COM3")
    lose(parts[0])
    bus.unplug("COM3")
    bus.plug("COM7", JTAG, serial=A)
    again = boards.open(ctx, "COM3")
    assert boards.where("COM3") == "COM7"
    assert boards.open(ctx, "COM7") is again
    assert boards.held("COM3") is again
    assert not boards.unproven("COM3")


def test_a_board_that_wanders_to_and_fro_is_always_found(
    ctx: JobContext, boards: Boards, parts: list[Part], bus: UsbPorts
) -> None:
    at = "COM3"
    bus.plug(at, JTAG, serial=A)
    boards.open(ctx, "COM3")
    for name in ("COM4", "COM5", "COM3", "COM4"):
        lose(parts[-1])
        bus.unplug(at)
        at = name
        bus.plug(at, JTAG, serial=A)
        assert boards.open(ctx, "COM3") is parts[-1]
        assert boards.open(ctx, at) is parts[-1]
        assert boards.where("COM3") == at


def test_another_board_at_the_same_name_is_not_taken_for_it(
    ctx: JobContext, boards: Boards, parts: list[Part], bus: UsbPorts
) -> None:
    bus.plug("COM3", JTAG, serial=A)
    boards.open(ctx, "COM3")
    lose(parts[0])
    boards.forget("COM3")
    bus.unplug("COM3")
    assert not boards.back("COM3")
    bus.plug("COM3", JTAG, serial=B)
    assert not boards.back("COM3")
    with pytest.raises(OtherBoard, match="Another board is at COM3"):
        boards.open(ctx, "COM3")
    bus.plug("COM4", JTAG, serial=A)
    assert boards.back("COM3")
    boards.open(ctx, "COM3")
    assert boards.where("COM3") == "COM4"
    assert len(parts) == 2


@pytest.mark.parametrize("own", [A, B])
def test_a_board_without_a_number_at_usb_is_asked_who_it_is(
    ctx: JobContext, boards: Boards, parts: list[Part], bus: UsbPorts, monkeypatch: pytest.MonkeyPatch, own: str
) -> None:
    bus.plug("/dev/ttyUSB0", CH340, location="1-1:1.0")
    boards.open(ctx, "/dev/ttyUSB0")
    lose(parts[0], A)
    bus.unplug("/dev/ttyUSB0")
    bus.plug("/dev/ttyUSB1", CH340, location="1-3:1.0")
    monkeypatch.setattr(Part, "unique_id", own)
    if own == A:
        assert boards.open(ctx, "/dev/ttyUSB0") is parts[1]
        assert not boards.unproven("/dev/ttyUSB0")
        return
    with pytest.raises(OtherBoard):
        boards.open(ctx, "/dev/ttyUSB0")
    assert parts[1].closed
    boards.meet_anew("/dev/ttyUSB1")  # a person chooses it
    assert boards.open(ctx, "/dev/ttyUSB1") is parts[2]


def test_a_reopened_board_is_proven_only_when_somebody_asks(
    ctx: JobContext, boards: Boards, parts: list[Part], bus: UsbPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus.plug("/dev/ttyUSB0", CH340, location="1-1:1.0")
    boards.open(ctx, "/dev/ttyUSB0")
    lose(parts[0], A)
    assert boards.reopen(ctx, "/dev/ttyUSB0") is parts[1]
    assert boards.unproven("/dev/ttyUSB0")
    assert parts[1].known is None
    monkeypatch.setattr(Part, "unique_id", B)
    with pytest.raises(OtherBoard):
        boards.prove(ctx, "/dev/ttyUSB0")
    assert boards.held("/dev/ttyUSB0") is None
    monkeypatch.setattr(Part, "unique_id", A)
    assert boards.open(ctx, "/dev/ttyUSB0") is parts[2]


def test_a_simulated_board_that_ended_is_started_again_when_it_is_wanted(
    ctx: JobContext, boards: Boards, parts: list[Part]
) -> None:
    first: Any = boards.open(ctx, "sim:rv32")
    lose(first)
    gone = BoardGone("sim:rv32")
    assert boards.lose(ctx, "sim:rv32", gone) == (gone, False)
    assert not boards.back("sim:rv32")
    assert boards.open(ctx, "sim:rv32").alive


def test_a_port_that_braille_took_is_told_so(
    ctx: JobContext, boards: Boards, parts: list[Part], bus: UsbPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus.plug("/dev/ttyUSB0", CH340)
    boards.open(ctx, "/dev/ttyUSB0")
    lose(parts[0])
    bus.unplug("/dev/ttyUSB0")
    monkeypatch.setattr(access, "running", lambda *_folder: {"brltty"})
    monkeypatch.setattr(usb_tree, "devices", lambda ctx: [UsbDevice(*CH340, "USB Serial")])
    error, goes_away = boards.lose(ctx, "/dev/ttyUSB0", BoardGone("/dev/ttyUSB0"))
    assert isinstance(error, TakenByBraille)
    assert not goes_away
