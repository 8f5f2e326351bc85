"""The link on real MicroPythons: the simulated boards that a newcomer meets."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from ide.board import simulator
from ide.board.errors import BoardExecError, BoardTimeout
from ide.board.link import Board, open_link
from toolchains.errors import Cancelled
from toolchains.jobs import JobContext
from toolchains.toolbox import Toolbox

NATIVE_LOOP = "@micropython.native\ndef spin():\n    while True: pass\nprint('in')\nspin()"


@pytest.fixture(params=["sim:rv32", "sim:unix"])
def board(request: pytest.FixtureRequest, ctx: JobContext, toolbox: Toolbox) -> Iterator[Board]:
    with simulator.lease(ctx, toolbox, request.param) as lease:
        link = open_link(ctx, lease.port, hard_reset=lease.hard_reset)
        try:
            yield link
        finally:
            link.close()


def test_it_says_who_it_is(ctx: JobContext, board: Board) -> None:
    found = board.identity(ctx)
    assert found.version == "1.26.1"
    assert found.mpy_version == (6, 3)
    assert found.arch is not None
    assert found.arch.name in ("rv32imc", "x64")
    assert found.heap_free > 100_000
    assert found.crc32


def test_code_runs_and_its_output_comes_as_it_is_printed(ctx: JobContext, board: Board) -> None:
    code = "import time\nfor i in range(3):\n    print(i)\n    time.sleep(0.2)\n"
    times: list[float] = []
    assert board.exec(ctx, code, on_output=lambda data: times.append(time.monotonic())) == b"0\r\n1\r\n2\r\n"
    assert times[-1] - times[0] > 0.3


def test_large_code_arrives_whole_either_way(ctx: JobContext, board: Board) -> None:
    code = "".join(f"x{i % 7} = {i}\n" for i in range(2000)) + "print(x0 + x1)"
    assert board.exec(ctx, code) == board.exec(ctx, code, checked=False) == b"3991\r\n"


def test_a_soft_reset_is_fresh(ctx: JobContext, board: Board) -> None:
    board.exec(ctx, "import sys\nkept = bytearray(50000)")
    board.soft_reset(ctx)
    assert board.ask(ctx, "'kept' in globals()") is False


def test_the_traceback_is_that_of_the_code(ctx: JobContext, board: Board) -> None:
    with pytest.raises(BoardExecError) as caught:
        board.exec(ctx, "def f():\n    return 1 // 0\n\nf()\n")
    assert '"<stdin>", line 4' in caught.value.traceback
    assert '"<stdin>", line 2, in f' in caught.value.traceback
    assert "<lambda>" not in caught.value.traceback


def test_a_syntax_error_comes_back_early_and_late(ctx: JobContext, board: Board) -> None:
    for code in ("x = = 1\n" + "y = 1\n" * 500, "y = 1\n" * 500 + "x = = 1\n"):
        for checked in (True, False):
            with pytest.raises(BoardExecError, match="SyntaxError"):
                board.exec(ctx, code, checked=checked)
    assert board.exec(ctx, "print(1)") == b"1\r\n"


def test_an_endless_loop_is_interrupted(ctx: JobContext, board: Board) -> None:
    def stop(data: bytes) -> None:
        board.interrupt()

    with pytest.raises(BoardExecError) as caught:
        board.exec(ctx, "print('in')\nwhile True: pass", timeout=20, on_output=stop)
    assert caught.value.interrupted
    assert board.exec(ctx, "print(1)") == b"1\r\n"


def test_a_silent_loop_runs_into_its_limit(ctx: JobContext, board: Board) -> None:
    with pytest.raises(BoardTimeout) as caught:
        board.exec(ctx, "while True: pass", timeout=0.3)
    assert caught.value.fields["stopped"] is True
    assert board.exec(ctx, "print(1)") == b"1\r\n"


def test_cancel_in_a_loop_of_native_code_resets_the_board(board: Board) -> None:
    said: list[object] = []
    ctx = JobContext(sink=said.append)
    canceller: list[threading.Timer] = []

    def cancel_soon(data: bytes) -> None:
        canceller.append(threading.Timer(0.05, ctx.cancel))
        canceller[-1].start()

    with pytest.raises(Cancelled):
        board.exec(ctx, NATIVE_LOOP, timeout=None, on_output=cancel_soon)
    for timer in canceller:
        timer.join()
    assert board.exec(JobContext(), "print(1)") == b"1\r\n"


@pytest.mark.parametrize("board", ["sim:rv32"], indirect=True)
def test_a_board_that_was_left_in_a_loop_of_native_code_is_usable(ctx: JobContext, board: Board) -> None:
    with pytest.raises(BoardTimeout) as caught:
        board.exec(ctx, NATIVE_LOOP, timeout=0.3)
    assert caught.value.fields["stopped"] is False
    assert board.exec(ctx, "print(1)") == b"1\r\n"


def test_input_is_typed_to_the_program_and_nothing_else(ctx: JobContext, board: Board) -> None:
    board.type(b"Ada\r")
    code = "name = input('name? ')\nprint('hi', name)"
    assert board.exec(ctx, code, timeout=20, on_output=lambda data: None).endswith(b"hi Ada\r\n")
    board.type(b"nobody reads this = 1\r")
    board.exec(ctx, "import time\ntime.sleep(0.3)", on_output=lambda data: None)
    assert board.exec(ctx, "print(1)") == b"1\r\n"


def test_a_program_that_exits_leaves_a_usable_board(ctx: JobContext, board: Board) -> None:
    assert board.exec(ctx, "import sys\nprint(1)\nsys.exit()") == b"1\r\n"
    assert board.exec(ctx, "print(2)") == b"2\r\n"
