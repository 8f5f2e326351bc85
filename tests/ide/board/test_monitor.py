"""The plain serial monitor: whatever comes is shown, whatever is typed is sent."""

from __future__ import annotations

import os
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ide.board.errors import BoardGone, BoardNotFound
from ide.board.monitor import LineEnding, LogEnded, Monitor, MonitorChanged, MonitorEvent, Printed, View
from ide.board.monitor_text import Display
from tests.fakes.board import FakeBoard
from tests.fakes.usb_desk import Desk
from tests.fakes.usb_ports import JTAG, UsbPorts
from tests.waiting import wait_until
from toolchains.jobs import JobContext
from toolchains.toolbox import Toolbox


class Line:
    """The other end of the port, and what the monitor showed."""

    def __init__(self, address: str, **more: object) -> None:
        self.shown = b""
        self.events: list[MonitorEvent] = []
        self.rings = 0
        self.monitor = Monitor(address, JobContext(), self._ring, **more)  # type: ignore[arg-type]

    def _ring(self) -> None:
        self.rings += 1

    def pull(self) -> None:
        for event in self.monitor.drain():
            if isinstance(event, Printed):
                self.shown += event.data
            else:
                self.events.append(event)

    def wait_shown(self, wanted: bytes) -> None:
        def there() -> bool:
            self.pull()
            return wanted in self.shown

        wait_until(there, f"{wanted!r} is shown")

    def wait_event(self, wanted: object) -> MonitorEvent:
        def found() -> MonitorEvent | None:
            self.pull()
            same = (e for e in self.events if e == wanted or type(e) is wanted or getattr(e, "state", "") == wanted)
            return next(same, None)

        wait_until(found, f"{wanted}")
        event = found()
        assert event is not None
        return event


@contextmanager
def listening(address: str, **more: object) -> Iterator[Line]:
    line = Line(address, **more)
    line.monitor.start()
    try:
        yield line
    finally:
        line.monitor.close()
        assert line.monitor.join(60)


@pytest.fixture
def pty() -> Iterator[tuple[int, str]]:
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(master)
    os.close(slave)


def test_bytes_come_and_go(pty: tuple[int, str]) -> None:
    master, path = pty
    with listening(path, baud=9600) as line:
        line.wait_event("open")
        os.write(master, b"\x00\xffany bytes\r\n")
        line.wait_shown(b"\x00\xffany bytes\r\n")
        line.monitor.send("héllo", LineEnding.CR)
        assert os.read(master, 100) == "héllo\r".encode()
        for ending, sent in ((LineEnding.NONE, b"a"), (LineEnding.LF, b"a\n"), (LineEnding.CRLF, b"a\r\n")):
            line.monitor.send("a", ending)
            assert os.read(master, 100) == sent
    line.wait_event("closed")


def test_the_speed_can_be_changed_while_it_is_open(pty: tuple[int, str]) -> None:
    import termios

    master, path = pty
    with listening(path, baud=9600) as line:
        line.wait_event("open")
        assert termios.tcgetattr(master)[4] == termios.B9600
        line.monitor.set_baud(230400)
        wait_until(lambda: termios.tcgetattr(master)[4] == termios.B230400, "the speed is another one")


def test_hexadecimal_can_be_switched_on(pty: tuple[int, str]) -> None:
    master, path = pty
    with listening(path) as line:
        line.wait_event("open")
        os.write(master, b"half a line")
        line.wait_shown(b"half a line")
        line.monitor.show(View(hexadecimal=True))
        line.wait_shown(b"half a line\n")
        os.write(master, b"\x01A")
        line.wait_shown(b"00000000  01 41")
        assert line.shown.endswith(b"  .A\n")


def test_what_is_shown_goes_to_the_log(pty: tuple[int, str], tmp_path: Path) -> None:
    master, path = pty
    log = tmp_path / "log.txt"
    with listening(path) as line:
        line.wait_event("open")
        line.monitor.log_to(log)
        wait_until(log.exists, "the log is there")
        os.write(master, b"kept\n")
        line.wait_shown(b"kept\n")
        line.monitor.log_to(None)
        line.monitor.log_to(tmp_path / "no" / "folder")
        ended = line.wait_event(LogEnded)
        assert isinstance(ended, LogEnded)
        assert "folder" in str(ended.error)
    assert log.read_bytes() == b"kept\n"


def test_an_unplugged_port_is_told() -> None:
    master, slave = os.openpty()
    path = os.ttyname(slave)
    with listening(path) as line:
        line.wait_event("open")
        os.close(slave)
        os.close(master)
        lost = line.wait_event("lost")
        assert isinstance(lost, MonitorChanged)
        assert isinstance(lost.error, BoardGone)


def test_no_such_port_is_told(tmp_path: Path) -> None:
    with listening(str(tmp_path / "ttyUSB9")) as line:
        lost = line.wait_event("lost")
        assert isinstance(lost, MonitorChanged)
        assert isinstance(lost.error, BoardNotFound)


def test_a_simulated_board_can_be_looked_at_too(toolbox: Toolbox) -> None:
    with listening("sim:unix", tools=lambda: toolbox) as line:
        line.wait_event("open")
        line.monitor.send("print(6 * 7)", LineEnding.CR)
        line.wait_shown(b"42\r\n>>> ")


def test_time_stamps_stand_at_the_start_of_each_line() -> None:
    display = Display(View(timestamps=True))
    shown = display.show(b"one\ntw", 1000.25) + display.show(b"o\n", 1000.5) + display.show(b"three", 1001.0)
    lines = shown.decode().split("\n")
    assert [line.partition("  ")[2] for line in lines] == ["one", "two", "three"]
    assert [line[8:12] for line in lines] == [".250", ".250", ".000"]


def test_hexadecimal_rows_are_counted() -> None:
    display = Display(View(hexadecimal=True))
    rows = display.show(bytes(range(20)), 0).decode().splitlines()
    assert rows[0] == "00000000  00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f  ................"
    assert rows[1].startswith("00000010  10 11 12 13 ")


def test_a_port_that_comes_back_elsewhere_is_listened_to_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path, UsbPorts(monkeypatch))
    with listening(desk.plug("ttyACM0", JTAG, FakeBoard(), serial="246f28aabb01")) as line:
        line.wait_event("open")
        desk.pull("ttyACM0")
        line.wait_event("lost")
        desk.plug("ttyACM0", JTAG, FakeBoard(boot=b"a stranger"), serial="246f28aabb02")
        second = desk.plug("ttyACM1", JTAG, FakeBoard(), serial="246f28aabb01")
        line.wait_event(MonitorChanged("open", second))
        line.monitor.send_bytes(b"\x02")
        line.wait_shown(b"MicroPython v1.26.1")
    desk.close()
