"""What mem_info prints is read: from real boards, with holes, and whatever else a line may bring."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ide.board.memory.mem_info import A_LINE, MemInfo, MemInfoReader, parse
from tests.ide.board.recorded import said

_SYMBOLS = ".h=SABMDLTFm"


def printed(areas: list[tuple[int, bytes]], *, block: int = 16, digits: int = 8, used: int | None = None) -> bytes:
    """The text that ``py/gc.c`` makes of these areas."""
    total = sum(len(blocks) for _address, blocks in areas) * block
    used = total - sum(blocks.count(b".") for _address, blocks in areas) * block if used is None else used
    lines = ["stack: 700 out of 15360", f"GC: total: {total}, used: {used}, free: {total - used}",
             " No. of 1-blocks: 1, 2-blocks: 2, max blk sz: 3, max free sz: 4"]  # fmt: skip
    for address, blocks in areas:
        lines.append(f"GC memory layout; from {address:x}:")
        at = 0
        while at < len(blocks):
            free = len(blocks) - at - len(blocks[at:].lstrip(b"."))
            if free >= 2 * A_LINE:
                lines.append(f"       ({free // A_LINE} lines all free)")
                at += free // A_LINE * A_LINE
                continue
            offset = at * block % 16**digits
            lines.append(f"{offset:0{digits}x}: {blocks[at : at + A_LINE].decode()}")
            at += A_LINE
    return "".join(f"{line}\r\n" for line in lines).encode()


def test_an_esp8266() -> None:
    found = parse(said("mem_info_esp8266"))
    assert (found.stack_used, found.stack_limit) == (2112, 8192)
    assert (found.total, found.used, found.free, found.growth) == (37952, 12112, 25840, None)
    assert (found.one_blocks, found.two_blocks, found.largest_used, found.largest_free) == (286, 22, 264, 1609)
    (area,) = found.areas
    assert (area.address, area.n_blocks * found.block_size) == (0x3FFEEDC0, 37952)
    assert area.blocks.count(b".") * 16 == 25840
    assert found.consistent
    assert not found.truncated


def test_a_heap_with_two_areas() -> None:
    found = parse(said("mem_info_esp32_two_areas"))
    assert [(hex(area.address), area.n_blocks * 16) for area in found.areas] == [
        ("0x3ffb30a0", 96000),
        ("0x3ffe4de0", 110976),
    ]
    assert found.areas[1].blocks == b"." * 6936
    assert found.areas[0].blocks.startswith(b"h=AhhBMh=D")
    assert not found.truncated


def test_a_heap_in_psram_tells_by_how_much_it_can_grow_and_that_its_end_is_missing() -> None:
    found = parse(said("mem_info_esp32s3_psram"))
    assert found.growth == 8257536
    assert found.truncated
    assert found.areas[0].n_blocks * 16 == 0x3400 + 1024
    assert found.areas[0].blocks[10 * A_LINE : 13 * A_LINE] == b"." * 3 * A_LINE


def test_lines_that_are_none_leave_holes_and_the_rest_stays_in_its_place() -> None:
    found = parse(said("mem_info_pico"))
    blocks = found.areas[0].blocks
    assert found.truncated
    assert blocks[:256] == b"?" * 256  # four lines that somebody typed too long
    assert blocks[256:268] == b"==========h="
    assert blocks[320:384] == b"?" * 64
    assert blocks[-30:] == b"." * 30


def test_of_several_printings_the_last_one_counts() -> None:
    found = parse(said("mem_info_growth"))
    assert (found.total, found.used, found.growth) == (260032, 133008, 7995392)


@pytest.mark.parametrize("block", [16, 32])
def test_blocks_are_as_large_as_the_lines_say(block: int) -> None:
    areas = [(0x20000000, b"h=" * 100), (0x20010000, b"h" * 64)]
    found = parse(printed(areas, block=block))
    assert found.block_size == block
    assert [(area.address, area.blocks) for area in found.areas] == areas
    assert not found.truncated


def test_a_heap_of_one_line_on_a_64_bit_board_has_large_blocks() -> None:
    assert parse(printed([(0x7F372E26E000, b"h=..")], block=32)).block_size == 32


def test_old_offsets_without_their_top_are_no_surprise() -> None:
    blocks = bytes(random.Random(7).choices(b"h=.SD", k=200_000))  # 3 MB: five digits wrap three times
    found = parse(printed([(0x3F800000, blocks)], digits=5))
    assert found.areas[0].blocks == blocks
    assert not found.truncated


def test_a_lost_line_is_a_hole_and_all_behind_it_stands_where_it_stood() -> None:
    blocks = bytes(random.Random(3).choices(b"h=SD", k=64 * 40))
    lines = printed([(1, blocks)]).split(b"\r\n")
    del lines[10:13]
    found = parse(b"\r\n".join(lines))
    assert found.truncated
    assert len(found.areas[0].blocks) == len(blocks)
    assert found.areas[0].blocks[: 64 * 6] == blocks[: 64 * 6]
    assert found.areas[0].blocks[64 * 6 : 64 * 9] == b"?" * 192
    assert found.areas[0].blocks[64 * 9 :] == blocks[64 * 9 :]


def test_a_symbol_that_was_damaged_on_the_way_is_found_by_the_sums() -> None:
    text = printed([(1, b"h=.." * 100)])
    assert not parse(text).truncated
    assert parse(text.replace(b"h=..h", b"h=.hh", 1)).truncated


def test_output_of_others_between_the_lines_does_not_matter() -> None:
    blocks = b"h=" * 640
    text = printed([(1, blocks)]).replace(b"\r\n", b"\r\nI (120) wifi: mode : sta\r\n\xff\x00noise\r\n")
    assert parse(text).areas[0].blocks == blocks


def test_a_firmware_without_layout_or_limit_gives_what_it_has() -> None:
    assert parse("stack: 2144\nGC: total: 36288, used: 13760, free: 22528\n") == MemInfo(
        stack_used=2144, total=36288, used=13760, free=22528
    )
    assert parse(b"") == MemInfo()
    assert not parse(b"mem: total=1, current=2, peak=3\r\n").consistent


def test_8_mb_of_psram_come_in_pieces_and_are_told_as_they_come() -> None:
    blocks = bytes(random.Random(1).choices(b"h=.S", k=(8 << 20) // 16))
    text = printed([(0x3C170F00, blocks)])
    reader = MemInfoReader()
    told = []
    for at in range(0, len(text), 4096):
        reader.feed(text[at : at + 4096])
        told.append(reader.progress[0])
    assert told == sorted(told)
    assert reader.progress == (8 << 20, 8 << 20)
    assert reader.result().areas[0].blocks == blocks


_areas = st.lists(
    st.tuples(st.integers(1, (1 << 32) - 1), st.text(_SYMBOLS, min_size=1, max_size=700)), min_size=1, max_size=4
)


@given(_areas, st.integers(1, 97))
@settings(deadline=None)
def test_whatever_is_printed_is_read_in_pieces_of_any_size(areas: list[tuple[int, str]], piece: int) -> None:
    heap = [(address, blocks.encode()) for address, blocks in areas]
    text = printed(heap)
    reader = MemInfoReader()
    for at in range(0, len(text), piece):
        reader.feed(text[at : at + piece])
    found = reader.result()
    assert [(area.address, area.blocks) for area in found.areas] == heap
    assert found.consistent
    assert not found.truncated


@given(_areas, st.data())
@settings(deadline=None)
def test_damage_never_breaks_the_reader_nor_makes_a_heap_out_of_nothing(
    areas: list[tuple[int, str]], data: st.DataObject
) -> None:
    text = bytearray(printed([(address, blocks.encode()) for address, blocks in areas]))
    for _time in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(text) - 1))
        match data.draw(st.sampled_from(["change", "drop", "double", "cut"])):
            case "change":
                text[at] = data.draw(st.integers(0, 255))
            case "drop":
                del text[at : at + data.draw(st.integers(1, 80))]
            case "double":
                text[at:at] = text[at : at + data.draw(st.integers(1, 80))]
            case _cut:
                del text[at:]
        if not text:
            break
    found = parse(bytes(text))
    for area in found.areas:
        assert area.n_blocks == len(area.blocks)
        assert set(area.blocks.decode()) <= {*_SYMBOLS, "?", *"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}


@given(st.binary(max_size=600))
@example(b"GC memory layout; from ffffffffffffffff:\n       (9999999 lines all free)\n")
@example(b"00000000: h\nffffffff: h\n00000400: h\n" * 9)
@example(b"GC memory layout; from 1:\n" + b"       (65536 lines all free)\n" * 100)
@settings(deadline=None)
def test_any_bytes_give_a_record_of_bounded_size(noise: bytes) -> None:
    found = parse(noise)
    assert sum(area.n_blocks for area in found.areas) <= 1 << 22
