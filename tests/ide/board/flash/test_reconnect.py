"""Where the board is after a write, and what it says."""

from __future__ import annotations

import os

import pytest

from ide.board.flash import esptool
from ide.board.flash.errors import DidNotStart
from ide.board.flash.reconnect import prove
from ide.board.flash.usb import Track, UsbPort
from tests.conftest import RecordingContext
from tests.fakes.rom_chip import RomChip
from tests.fakes.usb_ports import CP2102, JTAG, MICROPYTHON, ROM_S2, UsbPorts


@pytest.fixture
def usb(monkeypatch: pytest.MonkeyPatch) -> UsbPorts:
    return UsbPorts(monkeypatch)


def test_the_serial_number_of_native_usb_is_the_mac(usb: UsbPorts) -> None:
    usb.plug("COM5", JTAG, serial="7C:DF:A1:00:00:01")
    usb.plug("COM6", CP2102, serial="0001")
    assert Track.at("com5").mac == "7c:df:a1:00:00:01"
    assert Track.at("COM6").mac == ""
    assert Track.at("COM7").port == UsbPort("COM7")


def test_a_board_whose_port_changes_is_found_again(usb: UsbPorts) -> None:
    usb.plug("COM5", ROM_S2, serial="0")
    track = Track.at("COM5")
    usb.unplug("COM5")
    assert track.now("7c:df:a1:00:00:01") is None
    usb.plug("COM8", MICROPYTHON, serial="7cdfa1000002")
    assert track.now("7c:df:a1:00:00:01") is None
    usb.plug("COM9", MICROPYTHON, serial="7cdfa1000001")
    found = track.now("7c:df:a1:00:00:01")
    assert found is not None
    assert found.address == "COM9"


def test_a_bridge_stays_where_it_is(usb: UsbPorts) -> None:
    usb.plug("COM6", CP2102, serial="0001")
    for address in ("COM6", "socket://h:1"):
        track = Track.at(address)
        assert track.now("7c:df:a1:00:00:01") == track.port


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
def test_an_empty_board_is_told_at_once(ctx: RecordingContext) -> None:
    with RomChip("esp32c3") as rom, pytest.raises(DidNotStart) as failed:
        prove(ctx, ctx.host, Track.at(rom.port), "esp32c3", rom.mac)
    assert "choose another for the ESP32-C3" in str(failed.value)


def test_a_board_that_does_not_come_back_is_told(ctx: RecordingContext, usb: UsbPorts) -> None:
    usb.plug("COM5", JTAG, serial="7C:DF:A1:00:00:01")
    track = Track.at("COM5")
    usb.unplug("COM5")
    with pytest.raises(DidNotStart, match="did not come back on the USB bus"):
        prove(ctx, ctx.host, track, "esp32c3", track.mac, patience=0)


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
def test_native_usb_that_stays_in_the_loader_is_restarted_by_its_watchdog(
    ctx: RecordingContext, usb: UsbPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def restart(*args: object, watchdog: bool = False) -> None:
        asked.append(watchdog)
        rom.reset()

    monkeypatch.setattr(esptool, "restart", restart)
    with RomChip("esp32s3", wiring="button") as rom:
        rom.program()
        rom.press_boot()
        usb.plug(rom.port, JTAG, serial=rom.mac)
        identity, port = prove(ctx, ctx.host, Track.at(rom.port), "esp32s3", rom.mac)
    assert asked == [True]
    assert (identity.chip, port) == ("esp32s3", rom.port)
