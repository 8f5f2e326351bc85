"""Telling beforehand what a board would refuse, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toolchains.mpys import PYTHON, compiled, natmod, natmod_5
from toolchains.mpy_loads import Loader, NotLoadable, check_loads, releases_text, remarks
from toolchains.mpyfile import MpyFile, read

ESP32, RV32_SIM, C3_127, M7, M4, NO_NATIVE = 11014, 0x2F06, 12038, 0x2306, 0x1F06, 0x0306
ESP32_119, ESP32_115, UNIX_115 = 0x2806, 0x2A05, 0x0B05


def refused_for(mpy: MpyFile, board: int | Loader) -> str | None:
    try:
        check_loads(mpy, Loader(board) if isinstance(board, int) else board)
    except NotLoadable as error:
        return str(error.fields["reason"])
    return None


def sentence(mpy: MpyFile, board: int | Loader) -> str:
    with pytest.raises(NotLoadable) as caught:
        check_loads(mpy, Loader(board) if isinstance(board, int) else board)
    return str(caught.value)


@pytest.mark.parametrize(
    ("features", "board", "reason"),
    [
        (0x2F, RV32_SIM, None),
        (0x2F, 0x32F06, None),
        (0x2F, ESP32, "arch"),
        (0x2B, ESP32, None),
        (0x2B, C3_127, "arch"),
        (0x2E, RV32_SIM, "version"),
        (0x2F, 0x2E06, "version"),
        (0x2F, 0x2F05, "version"),
        (0x03, RV32_SIM, None),  # bytecode
        (0x00, RV32_SIM, None),  # bytecode: the sub-version does not matter …
        (0x00, NO_NATIVE, None),
        (0x00, ESP32_119, None),
        (0x03, ESP32_119, "version"),  # … but 1.19 compares those bits always
        (0x28, ESP32_119, None),
        (0x2B, ESP32_119, "version"),
        (0x2F, NO_NATIVE, "arch"),
        (0x2F, 0, "none"),
        (0x13, M4, None),  # armv6m on a Cortex-M4
        (0x1F, M4, None),
        (0x23, M4, "arch"),  # armv7emdp on single precision
        (0x13, M7, None),
        (0x0F, M7, "arch"),  # armv6 is no Thumb
        (0x27, M7, "arch"),
        (0x2F, M7, "arch"),
    ],
)
def test_the_loaders_rules(features: int, board: int, reason: str | None) -> None:
    assert refused_for(read(natmod(features)), board) == reason


def test_version_5_has_rules_of_its_own(tmp_path: Path) -> None:
    assert refused_for(read(natmod_5()), ESP32_115) is None
    assert refused_for(read(natmod_5()), ESP32) == "version"
    assert refused_for(read(natmod_5()), UNIX_115) == "features"
    assert refused_for(read(natmod_5(0x1E)), ESP32_115) == "arch"
    plain = read(compiled(tmp_path, PYTHON, mpy=(5, 0), flags=["-mno-unicode"]))
    assert sentence(plain, ESP32_115).startswith("This file was compiled with the options []; the board's MicroPython")
    assert "[unicode]" in sentence(plain, ESP32_115)


def test_flags_must_all_be_there() -> None:
    module = read(natmod(0x6F, flags=[1]))
    assert refused_for(module, 0x12F06) is None
    assert refused_for(module, 0x32F06) is None
    assert refused_for(module, 0x22F06) == "flags"
    assert "chip lacks: zba" in sentence(module, RV32_SIM)
    assert "does not understand" in sentence(module, Loader(0x12F06, "1.26.1"))
    assert "1.27 or newer" in sentence(module, Loader(RV32_SIM, "1.25.0", "esp32c3"))
    assert refused_for(read(natmod(0x6B, flags=[0])), ESP32) == "flags"


def test_whole_numbers_of_a_pc_do_not_fit_into_a_board() -> None:
    assert refused_for(read(natmod(small_int=63)), RV32_SIM) == "small-int"
    assert refused_for(read(natmod(0x0B, small_int=63)), 0x0B06) is None
    bytecode = read(natmod(0x00, small_int=63))
    assert refused_for(bytecode, NO_NATIVE) is None  # who knows
    assert refused_for(bytecode, Loader(NO_NATIVE, "1.22.0", "esp32c3")) == "small-int"


def test_the_sentence_names_both_sides_and_the_way_out() -> None:
    assert sentence(read(natmod(0x2B)), RV32_SIM) == (
        "This module was built for xtensawin (ESP32, ESP32-S2, ESP32-S3); the board is rv32imc"
        " (ESP32-C2, ESP32-C3, ESP32-C5, ESP32-C6, ESP32-H2, ESP32-P4). Build it for rv32imc."
    )
    assert sentence(read(natmod()), 0x2E06).startswith(
        "This file has the .mpy version 6.3 (MicroPython 1.23 and newer); the board reads 6.2 (MicroPython 1.22)."
    )
    assert "version 5 (MicroPython 1.12 to 1.18)" in sentence(read(natmod_5()), ESP32)
    assert "version 6 (MicroPython 1.19 and newer)" in sentence(read(natmod(0)), ESP32_115)
    assert str(releases_text(7, 1)) == "7.1 (of no release known here)"


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("1.23.0", "MicroPython 1.25 or newer on RISC-V"),
        ("", "MicroPython 1.25 or newer on RISC-V"),
        ("1.26.1", "CONFIG_ESP_SYSTEM_PMP_IDRAM_SPLIT"),
    ],
)
def test_a_firmware_without_a_native_loader_is_too_old_or_was_built_so(version: str, words: str) -> None:
    said = sentence(read(natmod()), Loader(NO_NATIVE, version, "esp32c3"))
    assert "cannot load native modules at all" in said
    assert words in said


def test_old_firmware_that_may_free_a_module_s_variables_is_remarked() -> None:
    old, new = Loader(ESP32, "1.23.0", "esp32"), Loader(ESP32, "1.24.0-preview", "esp32")
    module = read(natmod(0x2B))
    [remark] = remarks(module, old)
    assert "1.24 and newer keep them" in str(remark)
    assert remarks(module, new) == ()
    assert remarks(read(natmod(0x2B, bss=0, rodata=b"")), old) == ()
    assert remarks(module, Loader(ESP32)) == ()


def test_floats_on_an_esp32_p4_are_remarked(tmp_path: Path) -> None:
    p4 = Loader(RV32_SIM, "1.28.0", "esp32p4")
    [remark] = remarks(read(natmod()), p4)
    assert "floating-point" in str(remark)
    assert remarks(read(compiled(tmp_path, PYTHON, arch="rv32imc", emit="native")), p4) == ()
