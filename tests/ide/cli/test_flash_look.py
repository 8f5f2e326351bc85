"""``natmod flash detect`` and ``label``: what is on a port, what nobody asked it, what is newer, and its name."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator

import pytest

from ide.board.flash import download_page
from ide.cli import flash_parts
from tests.fakes.download_site import board_list, board_page, serve
from tests.fakes.rom_chip import RomChip
from tests.ide.cli.said import Said
from toolchains.chips import chips

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")


@pytest.fixture
def rom() -> Iterator[RomChip]:
    with RomChip("esp32c3") as chip:
        yield chip


def test_a_blank_board_is_told_with_what_it_should_get(natmod: Said, rom: RomChip) -> None:
    code, out, _err = natmod("flash", "--port", rom.port)
    assert code == 0
    assert "ESP32-C3 (QFN32) (revision v0.4) · 4.0 MB flash" in out
    assert "the board restarts again and again" in out
    assert "MicroPython 1.29.0, ESP32_GENERIC_C3" in out
    assert "It runs on any board with an ESP32-C3." in out
    assert f"natmod flash write --port {rom.port}" in out
    code, (record,) = natmod.records("flash", "detect", "--port", rom.port)
    (board,) = record["boards"]
    assert (record["kind"], board["chip"]["flash_size"], board["running"]) == ("flash-detect", 4 << 20, None)
    assert board["proposal"]["firmware"]["board"] == "ESP32_GENERIC_C3"
    assert board["proposal"]["fits"] is True


def test_nobody_is_sent_to_write_a_locked_chip(natmod: Said, rom: RomChip) -> None:
    rom.faults.secure_boot = True
    rom.reset()
    code, out, _err = natmod("flash", "--port", rom.port)
    assert code == 0
    assert "Secure boot is on: the chip starts only firmware that its maker signed." in out
    assert "natmod flash write" not in out


def test_what_nobody_asked_the_chip_itself_is_said_with_how_to_ask_it(natmod: Said, rom: RomChip) -> None:
    rom.program()
    code, out, _err = natmod("flash", "--port", rom.port)
    assert code == 0
    assert "MicroPython 1.26.1" in out
    assert "Whether the chip is locked is not known: its loader was not asked." in out
    assert "natmod flash detect --thorough" in out
    code, out, _err = natmod("flash", "detect", "--thorough", "--port", rom.port)
    assert code == 0
    assert "The chip is not locked." in out
    assert "--thorough" not in out


def test_newer_firmware_is_looked_for_when_that_is_asked_for(
    natmod: Said, rom: RomChip, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "ESP32_GENERIC_C3-20261101-v1.30.0.bin"
    site: dict[str, str | bytes | int] = {f"/download/?mcu={chip}": board_list({}) for chip in chips()}
    site["/download/?mcu=esp32c3"] = board_list({"ESP32_GENERIC_C3": ("Espressif", "ESP32-C3")})
    site["/download/ESP32_GENERIC_C3"] = board_page([name])
    with serve(site) as (address, requests):
        monkeypatch.setattr(download_page, "refresh", functools.partial(download_page.refresh, server=address))
        code, out, err = natmod("flash", "detect", "--refresh", "--port", rom.port)
        assert code == 0, err
        assert "1 new file was found." in out
        assert "MicroPython 1.30.0, ESP32_GENERIC_C3" in out
        asked = len(requests)
        assert "MicroPython 1.30.0, ESP32_GENERIC_C3" in natmod("flash", "--port", rom.port)[1], "it is remembered"
        assert len(requests) == asked
    code, out, err = natmod("flash", "detect", "--refresh", "--port", rom.port)  # the server is gone
    assert code == 0
    assert err.startswith("Error: ")
    assert "MicroPython 1.30.0, ESP32_GENERIC_C3" in out, "what is known will do"


def test_several_ports_one_of_which_is_none(natmod: Said, rom: RomChip) -> None:
    rom.program()
    code, out, err = natmod("flash", "detect", "--port", "/dev/not-there", "--port", rom.port)
    assert code == 1
    assert "There is no board at /dev/not-there." in err
    assert "MicroPython 1.26.1" in out


def test_a_board_has_a_name_wherever_it_is(natmod: Said, rom: RomChip) -> None:
    assert natmod("flash", "label", "bench", "3", "--port", rom.port)[0] == 0
    assert natmod("flash", "label")[1] == f"{rom.mac} is called bench 3.\n"
    assert "bench 3" in natmod("flash", "--port", rom.port)[1]
    assert natmod("flash", "label", rom.mac)[1] == f"{rom.mac} has no name.\n"
    code, _out, err = natmod("flash", "label", rom.mac)
    assert code == 2
    assert "How shall it be called?" in err


def test_without_a_board_it_says_so(natmod: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flash_parts, "list_ports", list)
    code, _out, err = natmod("flash", "write")
    assert code != 0
    assert err.startswith("Error: ")
    assert "plug" in err


def test_one_board_at_a_time_but_for_all(natmod: Said) -> None:
    code, _out, err = natmod("flash", "write", "--port", "/dev/a", "--port", "/dev/b")
    assert code == 2
    assert "natmod flash all" in err
