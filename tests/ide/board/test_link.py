"""What a person notices of a board: through a bad line in simulated time, and through real ports."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
import serial
import serial.rfc2217
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ide.board.errors import (
    BoardBusy,
    BoardExecError,
    BoardGarbled,
    BoardGone,
    BoardNotFound,
    BoardRestarted,
    BoardSilent,
    BoardTimeout,
)
from ide.board.link import Board, open_link
from ide.board.running import KEPT
from ide.board.wire import open_serial, pulse_reset
from tests.fakes.board import BANNER, FakeBoard
from tests.fakes.wire import Faults, MemoryWire, PtyBoard
from toolchains.errors import BoardError, Cancelled
from toolchains.host import Host
from toolchains.jobs import JobContext

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PATIENCE_S = 20.0


def memory_board(board: FakeBoard | None = None, faults: Faults | None = None) -> tuple[Board, MemoryWire]:
    wire = MemoryWire(board or FakeBoard(), faults)
    return Board(wire, "memory"), wire  # type: ignore[arg-type]


# --- a bad line ----------------------------------------------------------------------------------------------------

CODE = "total = 0\nfor i in range(10):\n    total += i * 3\nnote(total)\nprint('the total is', total)\n"
ANSWER = b"the total is 135\r\n"


@QUICK
@given(
    seed=st.integers(0, 2**32),
    drop=st.sampled_from([0.0, 0.0005, 0.002, 0.02]),
    double=st.sampled_from([0.0, 0.0005, 0.01]),
    packet=st.integers(0, 20),
    window=st.sampled_from([16, 32, 128]),
    paste=st.sampled_from(["yes", "yes", "refused", "unknown"]),
)
def test_code_damaged_on_its_way_never_runs(
    seed: int, drop: float, double: float, packet: int, window: int, paste: str
) -> None:
    faults = Faults(random.Random(seed), drop_down=drop, double_down=double, lost_packets=frozenset({packet}))
    board, wire = memory_board(FakeBoard(window=window, paste=paste), faults)
    try:
        assert board.exec(JobContext(), CODE) == ANSWER
    except BoardError:
        assert wire.board.notes in ([], [135])
    else:
        assert wire.board.notes == [135]
    assert wire.time < 200


@QUICK
@given(seed=st.integers(0, 2**32), rate=st.sampled_from([0.0005, 0.003, 0.02]), delay=st.sampled_from([0.0, 0.3]))
def test_an_answer_is_right_or_an_error(seed: int, rate: float, delay: float) -> None:
    faults = Faults(random.Random(seed), rate, rate / 2, rate, rate / 2, delay=delay)
    board, wire = memory_board(faults=faults)
    with suppress(BoardError):
        assert board.ask(JobContext(), "[str(i) * 3 for i in range(40)]") == [str(i) * 3 for i in range(40)]
    assert wire.time < 400


@pytest.mark.parametrize("packet", range(1, 16))
def test_one_lost_packet_is_made_good_by_sending_again(packet: int) -> None:
    board, wire = memory_board(faults=Faults(lost_packets=frozenset({packet})))
    assert board.exec(JobContext(), CODE) == ANSWER
    assert wire.board.notes == [135]


@QUICK
@given(after=st.integers(0, 1500), seed=st.integers(0, 100))
def test_a_cable_pulled_at_any_byte_is_an_error(after: int, seed: int) -> None:
    board, _ = memory_board(faults=Faults(random.Random(seed), hang_up_after=after))
    with suppress(BoardGone):
        board.soft_reset(JobContext())
        assert board.exec(JobContext(), CODE) == ANSWER


# --- what answers, and what does not -------------------------------------------------------------------------------


@pytest.mark.parametrize("paste", ["yes", "refused", "unknown"])
def test_old_and_new_firmware_alike(paste: str) -> None:
    board, _ = memory_board(FakeBoard(paste=paste))
    ctx = JobContext()
    assert board.exec(ctx, "print('x' * 1000)") == b"x" * 1000 + b"\r\n"
    board.soft_reset(ctx)
    assert board.ask(ctx, "(1, 'a', b'\\x04', None)") == (1, "a", b"\x04", None)


def test_a_traceback_looks_as_if_the_code_had_been_typed() -> None:
    board, _ = memory_board()
    with pytest.raises(BoardExecError) as caught:
        board.exec(JobContext(), "def f():\n    1/0\n\nf()\n")
    assert caught.value.traceback.splitlines()[1:3] == [
        '  File "<stdin>", line 4, in <module>',
        '  File "<stdin>", line 2, in f',
    ]
    assert "division by zero" in str(caught.value)


def test_a_syntax_error_names_the_line() -> None:
    board, wire = memory_board()
    with pytest.raises(BoardExecError, match="SyntaxError"):
        board.exec(JobContext(), "note(1)\nx = (\n")
    assert wire.board.notes == []


def test_soft_reset_forgets_everything_and_survives_a_boot_script_that_prints() -> None:
    board, wire = memory_board(FakeBoard(boot=b"booting\r\n>>> not a prompt\r\n"))
    ctx = JobContext()
    board.exec(ctx, "x = 1")
    board.soft_reset(ctx)
    assert wire.board.resets == 1
    with pytest.raises(BoardExecError, match="NameError"):
        board.exec(ctx, "print(x)")


def test_a_boot_script_that_never_ends_is_stopped() -> None:
    board, wire = memory_board(FakeBoard(boot_hangs=True))
    board.soft_reset(JobContext())
    assert wire.board.resets == 1
    assert wire.time < 30


def test_a_program_that_catches_ctrl_c_is_interrupted_again() -> None:
    board, _ = memory_board()
    ctx = JobContext()
    with pytest.raises(BoardTimeout) as caught:
        board.exec(ctx, "stubborn(4)", timeout=3)
    assert caught.value.fields["stopped"] is True
    assert board.exec(ctx, "print(1)") == b"1\r\n"


def test_a_silent_program_may_run_as_long_as_it_likes_without_a_limit() -> None:
    board, wire = memory_board()

    def later(now: float) -> None:
        if now > 1000:
            board.interrupt()

    wire.on_wait = later
    with pytest.raises(BoardExecError) as caught:
        board.exec(JobContext(), "forever()", timeout=None)
    assert caught.value.interrupted
    assert wire.time > 1000


def test_cancel_stops_the_program() -> None:
    board, wire = memory_board()
    ctx = JobContext()
    wire.on_wait = lambda now: ctx.cancel() if now > 1000 else None
    with pytest.raises(Cancelled):
        board.exec(ctx, "forever()", timeout=None)
    assert not wire.board.running
    assert board.exec(JobContext(), "print(1)") == b"1\r\n"


def test_cancel_in_native_code_says_so_and_resets_the_board() -> None:
    board, wire = memory_board()
    wire.resettable = True
    said: list[object] = []
    ctx = JobContext(sink=said.append)
    wire.on_wait = lambda now: ctx.cancel() if now > 1000 and not ctx.cancelled else None
    with pytest.raises(Cancelled):
        board.exec(ctx, "native()", timeout=None)
    assert any("native code" in str(event.text) for event in said)  # type: ignore[attr-defined]
    assert board.exec(JobContext(), "print(1)") == b"1\r\n"


def test_a_board_lost_in_native_code_is_called_busy() -> None:
    board, _ = memory_board()
    ctx = JobContext()
    with pytest.raises(BoardTimeout, match="reset button"):
        board.exec(ctx, "native()", timeout=2)
    with pytest.raises(BoardSilent) as caught:
        board.exec(ctx, "print(1)")
    assert caught.value.kind == "busy-program"


def test_a_crash_is_an_error_with_the_boards_last_words() -> None:
    board, _ = memory_board()
    ctx = JobContext()
    with pytest.raises(BoardRestarted) as caught:
        board.exec(ctx, "crash()", timeout=None)
    assert "Guru Meditation" in caught.value.detail
    assert board.exec(ctx, "print(1)") == b"1\r\n"


def test_a_program_that_exits_leaves_a_usable_board() -> None:
    board, _ = memory_board()
    ctx = JobContext()
    assert board.exec(ctx, "print(1)\nleave()") == b"1\r\n"
    assert board.exec(ctx, "print(2)") == b"2\r\n"


@pytest.mark.parametrize(("firmware", "kind"), [("dead", "silent"), ("other", "busy-program")])
def test_what_is_no_micropython_is_reported_in_time(firmware: str, kind: str) -> None:
    board, wire = memory_board(FakeBoard(firmware=firmware))
    with pytest.raises(BoardSilent) as caught:
        board.exec(JobContext(), "print(1)")
    assert caught.value.kind == kind
    assert wire.time < 12


# --- typed text and services ---------------------------------------------------------------------------------------


def test_text_typed_before_the_program_runs_reaches_it() -> None:
    board, _ = memory_board()
    board.type(b"Ada\r")
    assert board.exec(JobContext(), "print(1)") == b"1\r\n", "a command of ours does not eat it"
    seen = bytearray()
    board.exec(JobContext(), "ask('name? ', lambda name: print('hi', name))", on_output=seen.extend, timeout=5)
    assert seen.endswith(b"hi Ada\r\n")


def test_typed_text_that_the_program_does_not_read_is_not_run_as_code() -> None:
    board, wire = memory_board()
    ctx = JobContext()
    wire.on_wait = lambda now: board.interrupt() if now > 100 else None
    board.type(b"note('typed')\r")
    with pytest.raises(BoardExecError):
        board.exec(ctx, "forever()", timeout=None, on_output=lambda data: None)
    wire.on_wait = None
    assert wire.board.receive(b"note('late')") == b""
    assert board.exec(ctx, "print(1)") == b"1\r\n"
    assert wire.board.notes == []


class Echo:
    """A service: the program says <word>, gets the word and a carriage return."""

    busy = False

    def __init__(self) -> None:
        self.pending = b""
        self.ticks = 0

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        self.ticks += not data
        self.pending += data
        before, _, rest = self.pending.partition(b"<")
        word, closed, after = rest.partition(b">")
        if not closed and rest:
            self.busy = True
            return b"", b""
        if not closed:
            self.pending = b""
            return before, b""
        self.pending, self.busy = b"", False
        return before + after, word + b"\r"


def test_a_service_takes_its_frames_out_of_the_output_and_answers() -> None:
    board, wire = memory_board()
    service = Echo()
    shown = bytearray()
    code = "raw(b'<file.py>')\nask('', lambda line: (note(line), print('end<>')))"
    board.exec(JobContext(), code, service=service, on_output=shown.extend)
    assert wire.board.notes == ["file.py"]
    assert shown == b"\r\nend\r\n"


def test_a_service_is_called_while_nothing_comes() -> None:
    board, _ = memory_board()
    service = Echo()
    with pytest.raises(BoardTimeout):
        board.exec(JobContext(), "forever()", service=service, timeout=5)
    assert service.ticks >= 40


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


def test_a_pulled_cable_ends_a_wait_at_once(ctx: JobContext) -> None:
    with PtyBoard(FakeBoard()) as pty, opened(ctx, pty.path) as board:
        assert board.exec(ctx, "print(1)") == b"1\r\n"
        puller = in_thread(pty.unplug)
        start = time.monotonic()
        with pytest.raises(BoardGone):
            board.exec(ctx, "forever()", timeout=None)
        assert time.monotonic() - start < PATIENCE_S
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
    with pytest.raises(BoardNotFound):
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
def test_opening_moves_dtr_and_rts_in_the_order_that_resets_nothing(system: str, vid: int, log: list[object]) -> None:
    port = FakeSerial()
    open_serial("COM3", 115200, host=Host(system, "x86_64"), vid=vid, make=lambda address: port)  # type: ignore[arg-type]
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


def test_garbled_is_its_own_error() -> None:
    assert issubclass(BoardGarbled, BoardError)
