"""Which board answers, by what its MicroPython says of itself."""

from __future__ import annotations

import pytest

from ide.board.flash.known_boards import board_title, identify, identify_text, known_board, known_boards, read_name
from ide.board.inspect import Identity
from toolchains.chips import chips
from toolchains.micropython_releases import firmware


def test_all_boards_with_official_firmware_are_known_and_agree() -> None:
    for one in firmware():
        assert known_boards()[one.board, one.variant].chip == one.chip
    assert {row.chip for row in known_boards().values()} == set(chips())


@pytest.mark.parametrize(
    ("build", "machine", "board", "variant"),
    [
        ("ESP32_GENERIC_S3-SPIRAM_OCT", "anything", "ESP32_GENERIC_S3", "SPIRAM_OCT"),
        ("MY_OWN_BOARD", "Mine with ESP32", "MY_OWN_BOARD", ""),
        ("", "Generic ESP32 module with ESP32", "ESP32_GENERIC", ""),
        ("", "Generic ESP32 module with SPIRAM with ESP32", "ESP32_GENERIC", "SPIRAM"),
        ("", "ESP32 module (spiram) with ESP32", "ESP32_GENERIC", "SPIRAM"),
        ("", "Generic ESP32S3 module with Octal-SPIRAM with ESP32S3", "ESP32_GENERIC_S3", "SPIRAM_OCT"),
        ("", "LOLIN_S2_MINI with ESP32-S2FN4R2", "LOLIN_S2_MINI", ""),
        ("", "TinyS3 with ESP32-S3-FN8", "UM_TINYS3", ""),
    ],
)
def test_a_running_board_is_found(build: str, machine: str, board: str, variant: str) -> None:
    assert identify_text(build, machine) == (board, variant)
    assert identify(Identity("1.26.1", 0, machine, build, "esp32", 0, 0, "esp32")) == (board, variant)


@pytest.mark.parametrize("machine", ["", "QEMU RV32", "Olimex ESP32 ETH with ESP32"])
def test_who_is_nobody_or_one_of_two_is_not_guessed(machine: str) -> None:
    assert identify_text("", machine) is None


def test_older_releases_needed_more_flash() -> None:
    older, newer = known_board("UM_TINYS3", "", "1.25.0"), known_board("UM_TINYS3", "", "1.26.0")
    assert older is not None
    assert newer is not None
    assert (older.flash, newer.flash) == (8 << 20, 4 << 20)
    assert known_board("NOBODY", "", "1.26.0") is None


def test_names_of_files() -> None:
    said = read_name("ESP32_GENERIC-SPIRAM-20250911-v1.26.1.bin")
    assert said is not None
    assert (said.board, said.variant, said.date, said.version) == ("ESP32_GENERIC", "SPIRAM", "2025-09-11", "1.26.1")
    preview = read_name("UM_TINYS3-20261101-v1.30.0-preview.12.g0123456789.bin")
    assert preview is not None
    assert preview.version == "1.30.0-preview.12.g0123456789"
    for name in ("firmware.bin", "../ESP32_GENERIC-20250911-v1.26.1.bin", "ESP32_GENERIC-20250911-v1.26.1.uf2",
                 "ESP32_GENERIC-20250911-unstable-v1.26.1.bin", "ESP32_GENERIC-20250911-v1.26.1.bin\n"):  # fmt: skip
        assert read_name(name) is None


def test_titles() -> None:
    assert str(board_title("NEW_BOARD")) == "NEW_BOARD"
    assert str(board_title("NEW_BOARD", "", "Maker {0} Board")) == "Maker {0} Board"
    assert str(board_title("UM_TINYS3", "NEW_VARIANT")) == "Unexpected Maker TinyS3, NEW_VARIANT"
