"""Panics that boards printed (excerpts of public reports, with their addresses) are read; rubbish does no harm."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ide.board.crash_watch import CrashFold
from tests.homes import CHECKOUT
from toolchains.crash import dumps
from toolchains.crash.explain import explain, path_lines

_DATA = CHECKOUT / "tests" / "data" / "crashes"
_READ = {
    "esp32_fetch_error": ("xtensa", "call", 0x3F4038B4, 0x3F4038B4, 1),
    "esp32_load_store_error": ("xtensa", "access", 0x400A93DF, 0x40000000, 1),
    "esp32_old_words": ("xtensa", "read", 0x400E9598, 0x1D, 4),
    "esp32c2_native_fault": ("riscv", "call", 0x3FCBCF34, None, 0),
    "esp32c3_null_call": ("riscv", "call", 0, 0, 0),
    "esp32c3_stack_full": ("riscv", "stack", 0x40382970, None, 0),
    "esp32s3_load_prohibited": ("xtensa", "read", 0x40379122, 0, 4),
    "esp32s3_null_call": ("xtensa", "call", 0, 0, 4),
}


def _text(name: str) -> str:
    return (_DATA / f"{name}.txt").read_text("utf-8")


def test_every_recorded_panic_is_judged() -> None:
    assert {path.stem for path in _DATA.glob("*.txt")} == set(_READ)


@pytest.mark.parametrize("name", _READ)
def test_recorded_panics(name: str) -> None:
    (dump,) = dumps.dumps_in(_text(name))
    assert (dump.kind, dump.cause, dump.pc, dump.address, len(dump.calls)) == _READ[name]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("esp32s3_load_prohibited", "it read through a null pointer (address 0x00000000)"),
        ("esp32s3_null_call", "it called a function through a null pointer"),
        ("esp32c3_null_call", "it called a function through a null pointer"),
        ("esp32c3_stack_full", "the stack is full"),
        ("esp32_load_store_error", "memory for code takes whole words only"),
        ("esp32c2_native_fault", "it called or jumped to 0x3fcbcf34, where no code is"),
    ],
)
def test_panics_in_words(name: str, words: str) -> None:
    crash = explain(dumps.dumps_in(_text(name))[0])
    assert words in str(crash.sentence)
    assert not crash.known
    assert "is not known" in str(crash.note), "what is not known is said"


def test_a_call_through_null_is_found_by_its_return_address() -> None:
    crash = explain(dumps.dumps_in(_text("esp32s3_null_call"))[0])
    assert [hex(frame.pc) for frame in crash.frames][:2] == ["0x0", "0x4200cbef"]
    assert crash.frames[0].where == "nowhere"
    assert path_lines(crash)[1] == "0x4200cbef"


def test_what_a_c3_says_of_itself_and_of_its_stack() -> None:
    (full,) = dumps.dumps_in(_text("esp32c3_stack_full"))
    assert full.chip == "esp32c3"
    (null,) = dumps.dumps_in(_text("esp32c3_null_call"))
    assert null.stack[0x3FCDE22C] == 1, "the fourth word of the first line"
    assert null.registers["S0/FP"] == 0x3FCAC75C


def test_a_log_of_several_crashes() -> None:
    log = "\r\n".join(_text(name) for name in sorted(_READ))
    assert len(dumps.dumps_in(log)) == len(_READ)


@pytest.mark.parametrize("seed", range(20))
def test_damaged_panics_do_no_harm(seed: int) -> None:
    rng = random.Random(seed)
    text = list("".join(_text(name) for name in _READ))
    for _change in range(200):
        at = rng.randrange(len(text))
        text[at : at + rng.randrange(3)] = rng.choice(["\0", "\n", "0x", ":", "é", "ffffffff", ">>> "])
    for dump in dumps.dumps_in("".join(text)):
        crash = explain(dump)
        assert str(crash.sentence)
        path_lines(crash)


def test_a_dump_without_end_is_bounded() -> None:
    text = _text("esp32c3_null_call") + "3fcde220: 0x00000000 0x00000000\n" * 100_000
    (dump,) = dumps.dumps_in(text)
    assert len(dump.text) <= dumps.MOST


# --- taken out of a board's output ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_of_a_panic_only_its_first_line_is_shown(size: int) -> None:
    panic = _text("esp32_load_store_error").partition("\n")[2].replace("\n", "\r\n").encode()
    said = b"temperature 21\r\n" + panic + b"MicroPython v1.22.2\r\n>>> "
    seen: list[str] = []
    fold = CrashFold(lambda dump: seen.append(dump.reason))
    shown = b"".join(fold.feed(said[at : at + size]) for at in range(0, len(said), size)) + fold.close()
    assert shown.startswith(b"temperature 21\r\nGuru Meditation Error: Core  1 panic'ed (LoadStoreError)")
    assert b"A2      :" not in shown
    assert shown.endswith(b"MicroPython v1.22.2\r\n>>> ")
    assert seen == ["LoadStoreError"]


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_what_is_no_panic_is_shown_as_it_is(size: int) -> None:
    said = b"A fatal error\r\nGuru\r\nno end of line: Guru Meditation Error\xff\x04"
    fold = CrashFold()
    assert b"".join(fold.feed(said[at : at + size]) for at in range(0, len(said), size)) + fold.close() == said
    assert not fold.dumps


def test_a_panic_that_is_cut_off_is_read_all_the_same() -> None:
    fold = CrashFold()
    fold.feed(_text("esp32c3_null_call").encode())
    fold.close()
    assert [dump.reason for dump in fold.dumps] == ["Instruction access fault"]


def test_excerpts_name_their_source() -> None:
    for path in sorted(Path(_DATA).glob("*.txt")):
        assert path.read_text("utf-8").startswith("# https://github.com/"), path.name
