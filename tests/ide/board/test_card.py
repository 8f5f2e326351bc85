"""A board's card: what it has, and advice that is right for it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ide.board import card
from ide.board.card import Card, card_from
from ide.board.errors import BoardGarbled
from ide.board.inspect import Identity
from ide.board.link import Board
from tests.ide.board.recorded import said
from toolchains.jobs import JobContext

MB = 1 << 20
S3 = Identity("1.27.0", 0x2B06, "ESP32S3 module with ESP32S3", "ESP32_GENERIC_S3", "esp32", 2000, 200_000, "esp32s3",
              exec_free=60_000)  # fmt: skip
MODULES = said("help_modules_esp32")
#: The fuses of an ESP32-S3 in the order of their addresses: bits 3 and 4 of the first, bit 19 of the second.
OCTAL_8, QUAD_2, NONE = [0x8, 0], [0x10, 0], [0, 0]


def look(identity: Identity, value: tuple[object, ...], text: bytes = MODULES) -> Card:
    return card_from(identity, text, value)


def advice(found: Card) -> str:
    return "\n".join(map(str, found.advice))


def test_modules_of_a_real_esp32_and_which_are_frozen() -> None:
    found = look(S3, (240_000_000, 0, NONE))
    assert len(found.modules) == len(set(found.modules)) == 68
    assert {"_boot", "flashbdev", "umqtt/simple", "asyncio/core", "aioespnow", "ssl"} <= set(found.frozen)
    assert not {"machine", "framebuf", "gc", "esp32", "_espnow", "tls", "network"} & set(found.frozen)


def test_old_names_are_of_modules_in_c_too() -> None:
    text = b"uarray  uheapq  utime  utimeq  neopixel\r\nPlus any modules on the filesystem\r\n"
    assert look(S3, (1, 0, NONE), text).frozen == ("neopixel",)


def test_psram_that_this_firmware_leaves_alone_is_told_with_the_one_that_would_use_it() -> None:
    found = look(S3, (240_000_000, 0, OCTAL_8))
    assert (found.psram_size, found.psram_used) == (8 * MB, 0)
    assert "This ESP32-S3 has 8.0 MB of extra memory (PSRAM), and this firmware uses none of it." in advice(found)
    assert "ESP32_GENERIC_S3-SPIRAM_OCT does: natmod flash write." in advice(found)


def test_firmware_that_uses_it_needs_no_advice() -> None:
    found = look(replace(S3, build="ESP32_GENERIC_S3-SPIRAM_OCT"), (240_000_000, 8_388_608 - 3000, OCTAL_8))
    assert (found.psram_size, found.psram_used) == (8 * MB, 8 * MB - 3000)
    assert found.advice == ()


def test_quad_memory_that_the_very_firmware_for_it_does_not_use_is_told_without_another_one() -> None:
    text = advice(look(S3, (240_000_000, 0, QUAD_2)))
    assert "2.0 MB" in text
    assert "does: natmod flash write" not in text


def test_no_psram_is_no_psram() -> None:
    found = look(S3, (240_000_000, 0, NONE))
    assert (found.psram_size, found.psram_used, found.advice) == (0, 0, ())


def test_memory_outside_of_the_chip_is_known_once_firmware_uses_it() -> None:
    wrover = replace(S3, chip="esp32", build="ESP32_GENERIC")
    assert look(wrover, (240_000_000, 0, [0])).psram_size is None
    found = look(replace(wrover, build="ESP32_GENERIC-SPIRAM"), (240_000_000, 4_100_000, [0]))
    assert (found.psram_size, found.psram_used) == (4 * MB, 4_100_000)


def test_a_pico_v3_02_has_two_megabytes_in_its_package() -> None:
    found = look(replace(S3, chip="esp32", build="ESP32_GENERIC"), (240_000_000, 0, [6 << 9]))
    assert found.psram_size == 2 * MB
    assert "ESP32_GENERIC-SPIRAM does" in advice(found)


def test_up_to_1_20_the_heap_itself_is_what_is_in_psram() -> None:
    found = look(replace(S3, version="1.19.1", heap_free=8_189_000), (240_000_000, 0, OCTAL_8))
    assert found.psram_used == 8_191_000
    assert found.advice == ()


def test_a_clock_that_could_be_faster() -> None:
    found = look(replace(S3, chip="esp32"), (160_000_000, 0, None))
    assert "It runs at 160 MHz and can run at 240 MHz: machine.freq(240000000)." in advice(found)
    assert look(replace(S3, chip="esp32c3"), (160_000_000, 0, None)).advice == ()


def test_native_modules_need_firmware_that_loads_them_and_room() -> None:
    c3 = replace(S3, chip="esp32c3", mpy=0x206, version="1.22.0")
    assert "(MicroPython 1.22.0) loads no native modules; from 1.25 on it does" in advice(look(c3, (1, 0, None)))
    new = replace(c3, version="1.28.0")
    assert "was built without that" in advice(look(new, (1, 0, None)))
    assert "Only 3.9 kB are left for native modules" in advice(
        look(replace(S3, exec_free=4000), (240_000_000, 0, NONE))
    )


def test_boards_that_are_no_esp32() -> None:
    pyboard = replace(S3, chip=None, exec_free=None)
    found = look(pyboard, ((168_000_000, 168_000_000, 42_000_000, 84_000_000), None, []), b"")
    assert (found.frequency_hz, found.psram_size, found.psram_used, found.modules) == (168_000_000, None, None, ())
    assert found.advice == ()


def test_a_list_that_was_cut_off_is_none() -> None:
    assert look(S3, (1, 0, NONE), MODULES[:200]).modules == ()


def test_the_record_says_it_all() -> None:
    record = json.loads(json.dumps(look(S3, (240_000_000, 0, OCTAL_8)).to_json()))
    assert (record["psram_size"], record["board"]["chip"], len(record["advice"])) == (8 * MB, "esp32s3", 1)


_any = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=4), st.lists, max_leaves=9)


@given(_any, _any, _any, st.binary(max_size=80), st.sampled_from([None, "esp32", "esp32s3", "esp32p4", "esp32c2"]))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_answer_is_a_card_or_garbled(one: object, other: object, third: object, text: bytes, chip: str) -> None:
    json.dumps(look(replace(S3, chip=chip), (one, other, third), text).to_json())
    with pytest.raises(BoardGarbled):
        look(S3, (one, other), text)


def test_a_real_board_shows_its_card_and_keeps_no_trace(ctx: JobContext, real_board: Board) -> None:
    names = real_board.ask(ctx, "sorted(dir())")
    found = card.look(ctx, real_board)
    assert {"gc", "machine", "asyncio/core", "framebuf"} <= set(found.modules)
    assert "asyncio/core" in found.frozen
    assert "simulator" not in found.frozen
    assert found.psram_size is None, "no chip that we know"
    assert real_board.ask(ctx, "sorted(dir())") == names
