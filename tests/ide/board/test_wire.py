"""Boards at the end of real ports: pseudo-terminals, sockets, terminal servers; and the lines of a serial port."""

from __future__ import annotations

import os
import socket
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Literal

import pytest
import serial
import serial.rfc2217

from ide.board import link as link_room
from ide.board import wire as wire_room
from ide.board.errors import (
    BoardBusy,
    BoardExecError,
    BoardGarbled,
    BoardGone,
    BoardNotFound,
)
from ide.board.link import Board, open_link
from ide.board.ports import PortInfo
from ide.board.running import KEPT
from ide.board.wire import open_serial, pulse_reset
from tests.fakes.board import BANNER, FakeBoard
from tests.fakes.wire import PtyBoard
from toolchains.errors import BoardError, Cancelled
from toolchains.host import Host
from toolchains.jobs import JobContext

PATIENCE_S = 20.0


# --- real ports ----------------------------------------------------------------------------------------------------


@contextmanager
def opened(ctx: JobContext, address: str) -> Iterator[Board]:
    board = open_link(ctx, address)
    try:
        yield board
    finally:
        board.close()


def in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_a_pty_is_a_board(ctx: JobContext) -> None:
    with PtyBoard(FakeBoard()) as pty, opened(ctx, pty.path) as board:
        assert board.exec(ctx, "print(6 * 7)") == b"42\r\n"
        board.soft_reset(ctx)
        assert board.identity(ctx).platform == "linux"
        assert board.alive


def test_opening_alone_says_nothing_to_the_board(ctx: JobContext) -> None:
    fake = FakeBoard()
    fake.receive(b"\x01note(1)\nforever()\x04")
    with PtyBoard(fake) as pty, opened(ctx, pty.path):
        assert fake.running


def test_closing_leaves_the_friendly_prompt(ctx: JobContext) -> None:
    fake = FakeBoard()
    with PtyBoard(fake) as pty:
        with opened(ctx, pty.path) as board:
            board.exec(ctx, "print(1)")
        with opened(ctx, pty.path) as board:
            assert board.exec(ctx, "print(2)") == b"2\r\n"
    assert fake.receive(b"\x01").endswith(BANNER)
    assert fake.receive(b"\x02\x01").endswith(BANNER)


def test_a_pulled_cable_ends_a_wait(ctx: JobContext) -> None:
    with PtyBoard(FakeBoard()) as pty, opened(ctx, pty.path) as board:
        assert board.exec(ctx, "print(1)") == b"1\r\n"
        puller = in_thread(pty.unplug)
        with pytest.raises(BoardGone):
            board.exec(ctx, "forever()", timeout=None)
        puller.join()
        assert not board.alive


def test_cancel_from_another_thread_ends_a_program_that_says_nothing(ctx: JobContext) -> None:
    fake = FakeBoard()
    with PtyBoard(fake) as pty, opened(ctx, pty.path) as board:
        started = threading.Event()
        canceller = in_thread(lambda: started.wait(PATIENCE_S) and ctx.cancel())
        with pytest.raises(Cancelled):
            board.exec(ctx, "print(1)\nforever()", timeout=None, on_output=lambda data: started.set())
        canceller.join()
        assert not fake.running
        assert board.exec(JobContext(), "print(1)") == b"1\r\n"


def test_a_cancel_by_a_signal_in_the_instant_before_a_wait_is_heard(
    ctx: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PtyBoard(FakeBoard()) as pty, opened(ctx, pty.path) as board:
        change = board._wire._change
        wait, me, running = change.wait, threading.current_thread(), threading.Event()

        def signal_then_wait(timeout: float | None = None) -> bool:
            if threading.current_thread() is me and running.is_set() and not ctx.cancelled:
                ctx.cancel()  # as a signal handler does, in a thread that has looked and not yet begun to wait
            return wait(timeout)

        monkeypatch.setattr(change, "wait", signal_then_wait)
        with pytest.raises(Cancelled):
            board.exec(ctx, "print(1)\nforever()", timeout=None, on_output=lambda data: running.set())


def test_cancel_does_not_wait_for_a_port_that_opens_slowly_and_closes_it_when_it_does(
    ctx: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A terminal server that does not answer, and a Bluetooth port on Windows and macOS, take many seconds.
    opening, cancelled, closed = threading.Event(), threading.Event(), threading.Event()

    def slow(address: str, baud: int, *, host: Host) -> SimpleNamespace:
        opening.set()
        assert cancelled.wait(PATIENCE_S)
        return SimpleNamespace(close=closed.set)

    monkeypatch.setattr(link_room, "open_serial", slow)
    canceller = in_thread(lambda: opening.wait(PATIENCE_S) and ctx.cancel())
    with pytest.raises(Cancelled):
        open_link(ctx, "COM7")
    cancelled.set()
    assert closed.wait(PATIENCE_S)
    canceller.join()


def test_a_flood_streams_without_filling_memory(ctx: JobContext) -> None:
    total = 50_000_000
    left = [total]
    fake = FakeBoard()

    def flood() -> bytes:
        if not fake.running or left[0] <= 0:
            return b""
        left[0] -= 10_000
        return b"0123456789" * 1000

    with PtyBoard(fake, stream=flood) as pty, opened(ctx, pty.path) as board:
        seen = [0]

        def count(data: bytes) -> None:
            seen[0] += len(data)
            assert len(data) <= 1_000_000
            if seen[0] >= total:
                board.interrupt()

        with pytest.raises(BoardExecError) as caught:
            board.exec(ctx, "forever()", timeout=PATIENCE_S, on_output=count)
        assert seen[0] >= total
        assert len(caught.value.output) == KEPT


def open_descriptors() -> set[str]:
    return {name for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc that lists open files")
def test_a_board_opened_again_and_again_leaves_no_thread_and_no_open_file(ctx: JobContext) -> None:
    def once(unplugged: bool) -> None:
        with PtyBoard(FakeBoard()) as pty, opened(ctx, pty.path) as board:
            board.exec(ctx, "print(1)")
            with pytest.raises(BoardBusy):
                open_link(ctx, pty.path)
            if unplugged:
                pty.unplug()
                with pytest.raises(BoardGone):
                    board.exec(ctx, "print(2)")

    once(unplugged=True)
    before = open_descriptors(), threading.active_count()
    for number in range(20):
        once(unplugged=number % 2 == 0)
    assert (open_descriptors(), threading.active_count()) == before


def test_a_board_that_reads_nothing_can_be_closed(ctx: JobContext) -> None:
    master, slave = os.openpty()
    try:
        tty.setraw(slave)
        board = open_link(ctx, os.ttyname(slave))
        board._wire.send(b"x" * 500_000)
        board.close()
        assert not any(thread.is_alive() for thread in board._wire._threads)
    finally:
        os.close(master)
        os.close(slave)


def test_two_programs_cannot_have_one_port(ctx: JobContext) -> None:
    with PtyBoard(FakeBoard()) as pty, opened(ctx, pty.path), pytest.raises(BoardBusy) as caught:
        open_link(ctx, pty.path)
    assert "taken" in str(caught.value)


def test_no_such_port_is_a_sentence(ctx: JobContext, tmp_path: Path) -> None:
    with pytest.raises(BoardNotFound, match="no board at"):
        open_link(ctx, str(tmp_path / "ttyUSB9"))


def test_nobody_listening_on_a_socket_is_a_sentence(ctx: JobContext) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(BoardNotFound, match="the program that serves it runs"):
        open_link(ctx, f"socket://127.0.0.1:{port}")


@contextmanager
def tcp_server(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A local port whose one client is served by ``serve``, in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def work() -> None:
            client, _ = server.accept()
            with client:
                serve(client)

        thread = in_thread(work)
        yield server.getsockname()[1]
        thread.join(PATIENCE_S)


def test_a_board_behind_a_socket(ctx: JobContext) -> None:
    fake = FakeBoard()

    def serve(client: socket.socket) -> None:
        while data := client.recv(4096):
            client.sendall(fake.receive(data))

    with tcp_server(serve) as port, opened(ctx, f"socket://127.0.0.1:{port}") as board:
        assert board.exec(ctx, "print('x' * 20000)") == b"x" * 20000 + b"\r\n"


class FakeLine(SimpleNamespace):
    """The serial port that a terminal server has, as ``PortManager`` wants it."""

    baudrate, bytesize, parity, stopbits = 115200, 8, "N", 1
    rtscts = xonxoff = dtr = rts = cts = dsr = ri = cd = False
    is_open = True

    def get_settings(self) -> dict[str, object]:
        return {}

    def reset_input_buffer(self) -> None:
        """Nothing is kept."""

    def reset_output_buffer(self) -> None:
        """Nothing is kept."""


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # pyserial 3.5's rfc2217
def test_a_board_behind_a_terminal_server(ctx: JobContext) -> None:
    fake = FakeBoard()

    def serve(client: socket.socket) -> None:
        manager = serial.rfc2217.PortManager(FakeLine(), SimpleNamespace(write=client.sendall))
        while data := client.recv(1024):
            said = fake.receive(b"".join(manager.filter(data)))
            client.sendall(b"".join(manager.escape(said)))

    with tcp_server(serve) as port, opened(ctx, f"rfc2217://127.0.0.1:{port}") as board:
        assert board.exec(ctx, "print('\\xff' * 300)") == ("ÿ" * 300).encode() + b"\r\n"


def test_a_socket_whose_other_end_is_gone_is_closed_all_the_same(ctx: JobContext) -> None:
    with tcp_server(lambda client: None) as port:
        board = open_link(ctx, f"socket://127.0.0.1:{port}")
        connection = board._wire._port._socket
        with pytest.raises(BoardGone):
            board.exec(ctx, "print(1)")
        with suppress(OSError):  # the other end's end may have come already
            connection.shutdown(socket.SHUT_RDWR)
        board.close()
        assert connection.fileno() == -1


# --- DTR and RTS ---------------------------------------------------------------------------------------------------


class FakeSerial:
    """Keeps the order in which its lines are moved."""

    def __init__(self, fail: OSError | None = None) -> None:
        self.__dict__.update(log=[], fail=fail)

    def __setattr__(self, name: str, value: object) -> None:
        if name in ("dtr", "rts"):
            self.log.append((name, value))
            if self.fail:
                raise self.fail
        self.__dict__[name] = value

    def open(self) -> None:
        self.log.append("open")


@pytest.mark.parametrize(
    ("system", "vid", "log"),
    [
        ("windows", 0x10C4, [("dtr", False), ("rts", False), "open", ("dtr", True), ("rts", True)]),
        ("windows", 0x1A86, ["open"]),
        ("linux", 0x10C4, ["open"]),
    ],
)
def test_opening_moves_dtr_and_rts_in_the_order_that_resets_nothing(
    monkeypatch: pytest.MonkeyPatch, system: Literal["windows", "linux"], vid: int, log: list[object]
) -> None:
    bridge = PortInfo("COM3", "bridge", vid, 1, None, likely=True)
    monkeypatch.setattr(wire_room, "list_ports", lambda: [bridge])
    port = FakeSerial()
    open_serial("COM3", 115200, host=Host(system, "x86_64"), make=lambda address: port)
    assert port.log == log
    assert port.exclusive


def test_the_reset_line_never_asks_for_the_bootloader_while_the_chip_starts() -> None:
    port = FakeSerial()
    assert pulse_reset(port)
    dtr = rts = True
    was_reset = False
    for name, value in port.log:
        released = rts and name == "rts" and not value
        dtr, rts = (value, rts) if name == "dtr" else (dtr, value)
        was_reset |= rts and not dtr
        assert not (released and dtr), "IO0 low when EN rises starts the bootloader"
    assert was_reset
    assert (dtr, rts) == (True, True)


def test_a_port_without_lines_cannot_reset() -> None:
    assert not pulse_reset(FakeSerial(OSError(25, "Inappropriate ioctl for device")))


def test_windows_says_busy_in_words_only() -> None:
    def refuse(address: str) -> object:
        raise serial.SerialException("could not open port 'COM3': PermissionError(13, 'Access is denied.', None, 5)")

    with pytest.raises(BoardBusy):
        open_serial("COM3", 115200, host=Host("windows", "x86_64"), make=refuse)


@pytest.mark.parametrize("error", [termios.error(5, "Input/output error"), ValueError("Not a valid baudrate: 1")])
def test_a_port_that_fails_half_open_is_a_sentence_and_closed_again(error: Exception) -> None:
    closed: list[bool] = []

    class Broken(FakeSerial):
        def open(self) -> None:
            raise error

        def close(self) -> None:
            closed.append(True)

    with pytest.raises(BoardNotFound):
        open_serial("/dev/ttyUSB0", 1, host=Host("linux", "x86_64"), make=lambda address: Broken())
    assert closed


def test_garbled_is_its_own_error() -> None:
    assert issubclass(BoardGarbled, BoardError)
