"""Where a board is after its port went away: played by a list of ports that a test plugs and pulls."""

from __future__ import annotations

import pytest

from ide.board.whereabouts import Place, Whereabouts
from tests.fakes.usb_ports import CH340, CP2102, JTAG, MICROPYTHON, ROM_S2, UsbPorts

PICO = (0x2E8A, 0x0005)
MAC = "24:6F:28:AA:BB:01"


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> UsbPorts:
    return UsbPorts(monkeypatch)


def seen(address: str, unique_id: str | None = None) -> Whereabouts:
    found = Whereabouts.at(address)
    assert found is not None
    found.unique_id = unique_id
    return found


@pytest.mark.parametrize(
    ("numbers", "serial"),
    [(JTAG, MAC), (MICROPYTHON, "246f28aabb01"), (PICO, "e6614c311b7f7a2a"), (CP2102, "01A2B3C4")],
)
def test_a_number_of_its_own_is_followed_into_any_socket(bus: UsbPorts, numbers: tuple[int, int], serial: str) -> None:
    bus.plug("/dev/ttyACM0", numbers, serial=serial, location="1-1:1.0")
    board = seen("/dev/ttyACM0")
    bus.unplug("/dev/ttyACM0")
    assert board.now() is None
    bus.plug("/dev/ttyACM0", numbers, serial=serial[:-1] + "9", location="1-1:1.0")
    assert board.now() is None
    assert board.taken()
    bus.plug("/dev/ttyACM1", numbers, serial=serial, location="1-2:1.0")
    assert board.now() == Place("/dev/ttyACM1", True)


def test_a_chip_that_changes_what_it_is_at_usb_is_followed_by_its_mac(bus: UsbPorts) -> None:
    bus.plug("COM3", JTAG, serial=MAC)
    board = seen("COM3")
    bus.unplug("COM3")
    bus.plug("COM5", MICROPYTHON, serial="246f28aabb01")
    assert board.now() == Place("COM5", True)
    assert board.native


@pytest.mark.parametrize("serial", [None, "0001", "000000000000"])
def test_numbers_that_thousands_have_prove_nothing(bus: UsbPorts, serial: str | None) -> None:
    bus.plug("/dev/ttyUSB0", CP2102, serial=serial, location="1-1:1.0")
    board = seen("/dev/ttyUSB0")
    assert board.now() == Place("/dev/ttyUSB0", False)
    assert not board.native
    bus.unplug("/dev/ttyUSB0")
    bus.plug("/dev/ttyUSB1", CP2102, serial=serial, location="1-1:1.0")
    assert board.now() == Place("/dev/ttyUSB1", False)


def test_in_another_socket_it_is_only_looked_for_where_the_board_can_say_who_it_is(bus: UsbPorts) -> None:
    bus.plug("/dev/ttyUSB0", CH340, location="1-1:1.0")
    bus.plug("/dev/ttyUSB1", CH340, location="1-2:1.0")
    unknown, known = seen("/dev/ttyUSB0"), seen("/dev/ttyUSB0", "246f28aabb01")
    bus.unplug("/dev/ttyUSB0")
    assert known.now() is None  # the other one was there before
    bus.plug("/dev/ttyUSB2", CH340, location="1-3:1.0")
    assert unknown.now() is None
    assert known.now() == Place("/dev/ttyUSB2", False)
    bus.plug("/dev/ttyUSB3", CH340, location="1-4:1.0")
    assert known.now() is None


def test_a_loader_with_a_mute_number_is_followed_by_its_socket(bus: UsbPorts) -> None:
    bus.plug("/dev/ttyACM0", MICROPYTHON, serial="246f28aabb01", location="1-2.1:1.0")
    board = seen("/dev/ttyACM0")
    bus.unplug("/dev/ttyACM0")
    bus.plug("/dev/ttyACM1", ROM_S2, serial="0", location="1-2.1:1.0")
    assert board.now() == Place("/dev/ttyACM1", False)


@pytest.mark.parametrize("address", ["sim:rv32", "socket://localhost:1", "rfc2217://x:2"])
def test_what_is_no_port_of_this_computer_is_not_looked_for(address: str) -> None:
    assert Whereabouts.at(address) is None
