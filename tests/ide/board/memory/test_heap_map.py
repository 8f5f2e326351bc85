"""The heap as a map: measured, compared, kept in a file, taken from real firmware."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ide.board.errors import BoardFlood
from ide.board.link import Board
from ide.board.memory import heap_file, heap_map
from ide.board.memory.heap_file import BadHeapFile
from ide.board.memory.heap_map import HeapMap, NoHeapMap, compare, kinds, take, title_of
from ide.board.memory.mem_info import parse
from tests.fakes.board import FakeBoard
from tests.fakes.wire import MemoryWire
from tests.ide.board.memory.test_mem_info import printed
from tests.ide.board.recorded import said
from toolchains.jobs import JobContext


def heap(*areas: bytes, first: int = 0x1000) -> HeapMap:
    return HeapMap(0.0, parse(printed([(first * number, blocks) for number, blocks in enumerate(areas, 1)])))


def test_a_heap_is_measured() -> None:
    found = heap(b"D==h.." + b"S=." + b"." * 7 + b"A=", b"....h")
    assert (found.n_blocks, found.free_blocks) == (23, 14)
    assert found.largest_free_run == 8 * 16
    assert found.fragmentation == pytest.approx(1 - 8 / 14)
    assert found.blocks_of == {"D": 3, "h": 2, ".": 14, "S": 2, "A": 2}


def test_a_full_heap_is_not_fragmented_and_an_empty_one_neither() -> None:
    assert heap(b"h===" * 16).fragmentation == 0
    assert heap(b"." * 64).fragmentation == 0


def test_real_maps_add_up() -> None:
    found = HeapMap(0.0, parse(said("mem_info_esp32_two_areas")))
    assert sum(found.blocks_of.values()) == found.n_blocks == 206976 // 16
    assert found.largest_free_run == 6936 * 16  # as the firmware itself said
    holes = HeapMap(0.0, parse(said("mem_info_pico")))
    assert sum(holes.blocks_of.values()) == holes.n_blocks
    assert holes.blocks_of["?"] >= 320


def test_each_symbol_has_a_title_and_unknown_ones_are_objects() -> None:
    assert str(title_of("D")) == "dictionaries"
    assert title_of("q") == title_of("h")
    assert len({kind.symbol for kind in kinds()}) == len(kinds())


def test_what_changed_is_told_block_by_block() -> None:
    before, after = heap(b"h=..DS"), heap(b"h=L..S")
    change = compare(before, after)
    assert change.marks == (b"==+=-=",)
    assert (change.newly_used, change.newly_free, change.other_kind) == (1, 1, 0)
    assert change.blocks_of == {"D": -1, "L": 1}


def test_another_object_in_the_same_place_and_areas_that_come_and_go() -> None:
    change = compare(heap(b"hD", b"h="), heap(b"hL"))
    assert (change.marks, change.other_kind, change.newly_free) == ((b"=~",), 1, 2)
    change = compare(heap(b"hD"), heap(b"hD", b"h=.."))
    assert (change.marks[1], change.newly_used) == (b"++==", 2)


@given(st.text("h=.SD?", max_size=900), st.text("h=.SD?", max_size=900))
@settings(deadline=None)
def test_marks_say_what_a_look_at_both_maps_says(one: str, other: str) -> None:
    before, after = one.encode(), other.encode()
    (marks,) = compare(_of(before), _of(after)).marks
    assert len(marks) == len(after)
    for old, new, mark in zip(before.ljust(len(after), b"."), after, marks, strict=False):
        if ord("?") in (old, new):
            assert mark == ord("?")
        elif old == new:
            assert mark == ord("=")
        else:
            assert chr(mark) == {(True, False): "-", (False, True): "+"}.get((old != 46, new != 46), "~")


def _of(blocks: bytes) -> HeapMap:
    info = parse(printed([(1, b"h")]))
    return HeapMap(0.0, replace(info, areas=(replace(info.areas[0], n_blocks=len(blocks), blocks=blocks),)))


def test_the_map_of_8_mb_is_compared_in_one_go() -> None:
    blocks = b"h=.S" * (1 << 17)
    change = compare(_of(blocks), _of(blocks[:-4] + b"...."))
    assert (change.newly_free, len(change.marks[0])) == (3, 1 << 19)


# --- in a file -----------------------------------------------------------------------------------------------------


def test_a_kept_map_comes_back(ctx: JobContext, tmp_path: Path) -> None:
    found = heap(b"D==h..S=...", b"....h")
    heap_file.save(ctx, tmp_path / "carte à moi.json", found)
    again = heap_file.load(tmp_path / "carte à moi.json")
    assert (again.areas, again.block_size) == (found.areas, found.block_size)
    assert compare(again, found).newly_used == 0


@pytest.mark.parametrize(
    "text",
    [
        b"", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"kind": "heap", "schema": 99}',
        b'{"kind": "heap", "schema": 1, "at": 1, "block_size": 7, "areas": []}',
        b'{"kind": "heap", "schema": 1, "at": 1, "block_size": 16, "areas": [{"address": -1, "blocks": "h"}]}',
        b'{"kind": "heap", "schema": 1, "at": 1, "block_size": 16, "areas": [{"address": 1, "blocks": "h\\u0000"}]}',
        b'{"kind": "heap", "schema": 1, "at": "now", "block_size": 16, "areas": []}',
    ],
)  # fmt: skip
def test_a_file_that_is_no_map_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "x.json").write_bytes(text)
    with pytest.raises(BadHeapFile, match="no saved heap map"):
        heap_file.load(tmp_path / "x.json")


# --- on boards -----------------------------------------------------------------------------------------------------


def test_a_real_heap_is_seen_and_what_a_program_keeps_shows(ctx: JobContext, real_board: Board) -> None:
    told: list[tuple[int, int]] = []
    before = take(ctx, real_board, lambda done, total: told.append((done, total)))
    assert not before.info.truncated
    assert before.n_blocks * before.block_size == before.info.total
    assert told[-1] == (before.info.total, before.info.total)
    real_board.exec(ctx, "kept = [bytearray(3000) for _ in range(10)]")
    change = compare(before, take(ctx, real_board))
    assert change.newly_used * before.block_size >= 30_000
    assert change.blocks_of["A"] == 10
    assert json.loads(json.dumps(change.to_json()))["kinds"]["A"] == 10
    assert real_board.ask(ctx, "sorted(n for n in dir() if len(n) < 3)") == []


def test_what_was_typed_meanwhile_is_for_the_prompt_and_not_for_the_map(ctx: JobContext, real_board: Board) -> None:
    real_board.type(b"1/0\r")
    assert take(ctx, real_board).areas
    assert real_board.ask(ctx, "6*7") == 42


def test_a_map_with_holes_is_asked_for_again() -> None:
    good = printed([(1, b"h=" * 300)]).decode()
    lines = good.split("\r\n")
    board = _fake([*lines[:5], *lines[6:]], lines)
    assert not take(JobContext(), board).info.truncated


def test_a_map_that_always_has_holes_is_given_and_says_so() -> None:
    lines = printed([(1, b"h=" * 300)]).decode().split("\r\n")
    board = _fake([*lines[:5], *lines[6:]])
    assert take(JobContext(), board).info.truncated


def test_a_board_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heap_map, "_LONGEST", 20_000)
    board = _fake(["noise"] * 10_000)
    with pytest.raises(BoardFlood):
        take(JobContext(), board)
    assert board.ask(JobContext(), "6*7") == 42


def test_a_firmware_without_mem_info_says_so() -> None:
    with pytest.raises(NoHeapMap, match="does not tell"):
        take(JobContext(), Board(MemoryWire(FakeBoard()), "memory"))  # type: ignore[arg-type]


def _fake(*printings: list[str]) -> Board:
    """A board whose mem_info prints these, one after the other, the last one for ever."""
    wire = MemoryWire(FakeBoard())
    board = Board(wire, "memory")  # type: ignore[arg-type]
    setup = f"import sys\nP={list(printings)!r}\nclass m:\n def mem_info(*a):\n"
    setup += "  for l in (P.pop(0) if len(P)>1 else P[0]):print(l)\n"
    board.exec(JobContext(), setup + "sys.modules['micropython']=m\n")
    return board
