"""How a board is: on real firmware without a trace, on firmware that lacks parts, and on lines that lose bytes."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ide.board.errors import BoardGarbled
from ide.board.inspect import Identity
from ide.board.link import Board
from ide.board.memory.mem_info import MemInfo, parse
from ide.board.memory.vitals import ask, vitals_from
from tests.fakes.board import FakeBoard
from tests.fakes.wire import Faults, MemoryWire
from tests.ide.board.recorded import flash_of_boards, said
from toolchains.jobs import JobContext

GROWN = parse(said("mem_info_growth"))


def test_a_real_board_says_how_it_is_and_nothing_is_left_on_it(ctx: JobContext, real_board: Board) -> None:
    names = real_board.ask(ctx, "sorted(dir())")
    modules = real_board.ask(ctx, "sorted(__import__('sys').modules)")
    found = ask(ctx, real_board, filesystem=True)
    assert found.heap_used is not None
    assert found.heap_total is not None
    assert 0 < found.heap_used < found.heap_total
    assert found.stack_used is not None
    assert found.stack_limit is not None
    assert 0 < found.stack_used < found.stack_limit
    assert found.fs_free is not None
    assert found.fs_total is not None
    assert 0 < found.fs_free <= found.fs_total
    assert found.board_s is not None
    assert 0 < found.board_s < found.round_trip_s
    assert (found.exec_free, found.heap_growth) == (None, None), "what it lacks is absent"
    assert real_board.ask(ctx, "sorted(dir())") == names
    assert real_board.ask(ctx, "sorted(__import__('sys').modules)") == modules
    assert json.loads(json.dumps(found.to_json()))["heap_used"] == found.heap_used


def test_it_is_what_the_board_itself_says(ctx: JobContext, real_board: Board) -> None:
    free = real_board.ask(ctx, "__import__('gc').mem_free()")
    found = ask(ctx, real_board, filesystem=False)
    assert isinstance(free, int)
    assert found.heap_free == pytest.approx(free, abs=100_000)
    assert found.fs_free is None


def test_asking_collects_no_garbage(ctx: JobContext, real_board: Board) -> None:
    real_board.exec(ctx, "import gc\ngc.collect()\nfor _ in range(100): bytearray(1000)")
    found = ask(ctx, real_board, filesystem=False)
    assert found.heap_used is not None
    assert found.heap_used > 100_000


def test_an_esp32_heap_that_can_grow_is_as_large_as_it_may_get() -> None:
    found = vitals_from(GROWN, (1, [(60000, 50000, 40000, 30000), (9000, 8000, 7000, 6000)], 0, 2500), 1.0, 0.01)
    assert found.heap_free == 127024 + 7995392
    assert (found.heap_growth, found.heap_largest) == (7995392, 4032 * 16)
    assert (found.exec_total, found.exec_free, found.exec_largest) == (69000, 58000, 40000)
    assert found.board_s == 0.0025


def test_real_lists_of_regions_are_read() -> None:
    regions = [tuple(region) for region in flash_of_boards()["heaps"][0]["regions"]]
    found = vitals_from(GROWN, (1, regions, 0, False), 1.0, 0.01)
    assert (found.exec_largest, found.exec_total) == (110592, 240232)
    assert found.board_s is None


@pytest.mark.parametrize(
    ("disk", "free", "total"),
    [
        (tuple(flash_of_boards()["statvfs"][0]["values"]), None, None),
        (tuple(flash_of_boards()["statvfs"][1]["values"]), 350 * 4096, 352 * 4096),
        ((4096, 4096, 250, -96, -96, 0, 0, 0, 0, 255), 0, 250 * 4096),  # micropython#8364
        (0, None, None),
        ((4096,), None, None),
        (("a",) * 10, None, None),
    ],
)
def test_filesystems_as_boards_tell_them(disk: object, free: int | None, total: int | None) -> None:
    found = vitals_from(GROWN, (1, 0, disk, 1), 1.0, 0.01)
    assert (found.fs_free, found.fs_total) == (free, total)


def test_a_firmware_without_mem_info_is_asked_otherwise() -> None:
    board = Board(MemoryWire(FakeBoard()), "memory")  # type: ignore[arg-type]
    board.exec(JobContext(), "import gc\ngc.mem_alloc=lambda:1000\ngc.mem_free=lambda:2000\n")
    try:
        found = ask(JobContext(), board, filesystem=False)
    finally:
        board.exec(JobContext(), "import gc\ndel gc.mem_alloc,gc.mem_free\n")
    assert (found.heap_used, found.heap_free, found.stack_used, found.heap_largest) == (1000, 2000, None, None)
    assert found.board_s is None


def test_a_firmware_that_knows_nothing_gives_nothing() -> None:
    found = ask(JobContext(), Board(MemoryWire(FakeBoard()), "memory"), filesystem=False)  # type: ignore[arg-type]
    assert (found.heap_used, found.heap_total, found.fs_total) == (None, None, None)


def test_who_has_no_memory_for_machine_code_is_not_asked_for_it() -> None:
    wire = MemoryWire(FakeBoard())
    board: Any = Board(wire, "memory")  # type: ignore[arg-type]
    for chip, asked in ((None, False), ("esp32", True)):
        board._identity = Identity("1.26.1", 0x2F06, "", "", "", 0, 0, chip)
        sent = len(wire.sent)
        ask(JobContext(), board, filesystem=False)
        assert (b"esp32" in wire.sent[sent:]) is asked


def test_figures_that_do_not_add_up_are_asked_for_again() -> None:
    with pytest.raises(BoardGarbled):
        vitals_from(MemInfo(total=100, used=50, free=49), (1, 0, 0, 1), 1.0, 0.01)
    with pytest.raises(BoardGarbled):
        vitals_from(GROWN, (1, 0), 1.0, 0.01)


@pytest.mark.parametrize("seed", range(6))
def test_a_line_that_loses_and_doubles_bytes_never_brings_wrong_figures(seed: int) -> None:
    wire = MemoryWire(FakeBoard(), Faults(rng=random.Random(seed), drop_up=0.0006, double_up=0.0006))
    board = Board(wire, "memory")  # type: ignore[arg-type]
    printing = "stack: 700 out of 15360\nGC: total: 128000, used: 27008, free: 100992\n No. of 1-blocks: 1"
    setup = f"import sys\nclass m:\n def mem_info():print({printing!r})\nsys.modules['micropython']=m\n"
    with suppress(BoardGarbled):  # it said so, thrice
        board.exec(JobContext(), setup)
        for _time in range(10):
            found = ask(JobContext(), board, filesystem=False)
            assert (found.heap_used, found.heap_free) == (27008, 100992)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=12))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_answer_is_a_record_or_garbled(value: object) -> None:
    for answer in (value, (1, value, value, value), (value, value, value, value), (1, [value], value, 3)):
        try:
            found = vitals_from(GROWN, answer, 1.0, 0.01)
        except BoardGarbled:
            continue
        assert found.heap_used in (None, 133008)
