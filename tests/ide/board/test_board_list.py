"""What the board picker lists, and that it hears of boards that come and go."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from serial.tools import list_ports as serial_ports

from ide.board import simulator
from ide.board.board_list import list_boards
from ide.board.port_watch import Poll, PortWatch
from tests.waiting import wait_until
from toolchains.host import Host
from toolchains.text import _

LINUX = Host("linux", "x86_64")


def _port(device: str, vid: int | None, product: str = "Bridge {1}") -> SimpleNamespace:
    return SimpleNamespace(device=device, vid=vid, pid=1, serial_number="A1", product=product, description="n/a")


def test_boards_first_then_simulated_ones_then_other_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = [_port("/dev/ttyS0-none", None), _port("/dev/ttyUSB0-none", 0x10C4)]
    monkeypatch.setattr(serial_ports, "comports", lambda: ports)
    monkeypatch.setattr("toolchains.firmware.machines.remembered", lambda paths: None)
    found = list_boards(LINUX)
    assert [board.address for board in found if not board.lacks] == [
        "/dev/ttyUSB0-none",
        "sim:rv32",
        "sim:arm",
        "sim:arm-m7",
        "sim:unix",
        "/dev/ttyS0-none",
    ]
    assert [board.kind for board in found] == ["serial", *["simulated"] * 7, "serial"]
    assert str(found[0].title) == "Bridge {1}"
    assert all(board.available for board in found)


def test_a_simulated_board_that_does_not_run_here_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serial_ports, "comports", lambda: [])
    unix = next(board for board in list_boards(Host("macos", "arm64")) if board.address == "sim:unix")
    assert not unix.available
    assert "kind of computer" in str(unix.reason)


def test_kinds_of_others_are_listed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serial_ports, "comports", lambda: [])
    other = simulator.SimulatorKind("toaster", _("a toaster"), simulator.RV32.maker)
    assert [board.address for board in list_boards(LINUX, [other])] == ["sim:toaster"]


def test_a_port_that_one_may_not_use_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()
    monkeypatch.setattr(serial_ports, "comports", lambda: [_port(str(port), 0x10C4)])
    monkeypatch.setattr("os.access", lambda path, mode: False)
    monkeypatch.setattr("ide.board.ports.port_group", lambda path: "dialout")
    found = list_boards(LINUX)[0]
    assert not found.available
    assert "usermod -aG dialout" in str(found.reason)


class Counter:
    """How often somebody was told."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self) -> None:
        self.n += 1


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
def test_a_device_that_comes_and_goes_is_told_without_a_wake_up_before(tmp_path: Path) -> None:
    told = Counter()
    watch = PortWatch(told, tmp_path)
    assert watch.sleeps
    watch.start()
    try:
        (tmp_path / "null").touch()
        (tmp_path / "ttyACM0").touch()
        wait_until(lambda: told.n == 1 or told.n == 2, "a port came")
        seen = told.n
        (tmp_path / "ttyACM0").unlink()
        wait_until(lambda: told.n > seen, "a port went")
    finally:
        watch.close()


def test_where_the_system_does_not_tell_it_is_asked_only_while_somebody_watches() -> None:
    ports, looks, told = ["COM3"], Counter(), Counter()

    def look() -> list[str]:
        looks()
        return list(ports)

    poll = Poll(look, 0.01)
    thread = threading.Thread(target=lambda: [told() for _again in iter(poll.wait, False)])
    thread.start()
    try:
        assert looks.n == 0
        poll.watch(True)
        wait_until(lambda: looks.n > 2, "it was looked at")
        assert told.n == 0
        ports.append("COM4")
        wait_until(lambda: told.n == 1, "a port came")
        poll.watch(False)
        ports.append("COM5")
        poll.watch(True)
        wait_until(lambda: told.n == 2, "the port that came meanwhile")
    finally:
        poll.close()
        thread.join()
