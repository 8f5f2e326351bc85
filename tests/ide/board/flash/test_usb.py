"""Which port a board has after it went and came back, and what kind of connection that is."""

from __future__ import annotations

import pytest

from ide.board.flash import usb
from ide.board.flash.usb import UsbPort, follow, mac_of
from tests.fakes.usb_ports import CH340, CP2102, JTAG, MAC, MICROPYTHON, ROM_S2, UsbPorts

_SERIAL = MAC.upper()
_BARE = MAC.replace(":", "")


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> UsbPorts:
    return UsbPorts(monkeypatch)


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [
        (JTAG, "usb-serial-jtag"),
        (ROM_S2, "usb-otg"),
        (MICROPYTHON, "usb-otg"),
        ((0x303A, 0x80D1), "usb-otg"),  # a board of Unexpected Maker
        (CP2102, "uart"),
        (CH340, "uart"),
        ((0x2E8A, 0x0005), "other"),
        ((0x046D, 0xC52B), ""),  # a mouse
    ],
)
def test_the_kind_of_a_connection_follows_from_its_usb_numbers(
    bus: UsbPorts, numbers: tuple[int, int], kind: str
) -> None:
    bus.plug("/dev/ttyACM0", numbers)
    assert usb.port_at("/dev/ttyACM0").kind == kind


def test_ports_without_usb_have_no_kind(bus: UsbPorts) -> None:
    bus.plug("/dev/ttyS0")
    assert [usb.port_at(address).kind for address in ("/dev/ttyS0", "/dev/pts/7", "socket://h:1")] == ["", "", ""]
    assert usb.port_at("sim:esp32").kind == "simulated"


def test_the_names_of_windows_have_no_case(bus: UsbPorts) -> None:
    bus.plug("COM3", JTAG)
    assert usb.port_at("com3").kind == "usb-serial-jtag"


@pytest.mark.parametrize(
    ("text", "mac"),
    [
        ("24:6F:28:AA:BB:01", MAC),
        ("246f28aabb01", MAC),
        ("24-6F-28-AA-BB-01", MAC),
        ("0", ""),
        ("", ""),
        ("0001", ""),
        ("246f28aabbzz", ""),
        ("b8f0c1d2e3a4b5c6d7e8f9a0b1c2d3e4", ""),  # a CP2102N
    ],
)
def test_a_mac_is_read_in_every_spelling_and_nowhere_else(text: str, mac: str) -> None:
    assert mac_of(text) == mac


def _move(bus: UsbPorts, was: str, now: str, numbers: tuple[int, int], **more: str) -> UsbPort | None:
    before = usb.ports()
    board = usb.port_at(was, before)
    bus.unplug(was)
    bus.plug(now, numbers, **more)
    return follow(board, before, usb.ports())


def test_a_board_is_found_again_by_its_mac_although_its_name_changed(bus: UsbPorts) -> None:
    bus.plug("COM7", JTAG, serial="24:6F:28:00:00:99")
    bus.plug("COM3", MICROPYTHON, serial=_BARE)
    found = _move(bus, "COM3", "COM9", JTAG, serial=_SERIAL)
    assert found is not None
    assert found.address == "COM9"


def test_a_loader_without_a_serial_number_is_found_by_its_socket(bus: UsbPorts) -> None:
    bus.plug("/dev/ttyACM0", MICROPYTHON, serial=_BARE, location="1-2.1:1.0")
    bus.plug("/dev/ttyACM1", MICROPYTHON, serial="246f28aabb02", location="1-2.2:1.0")
    found = _move(bus, "/dev/ttyACM0", "/dev/ttyACM2", ROM_S2, serial="0", location="1-2.1:1.0")
    assert found is not None
    assert found.address == "/dev/ttyACM2"


def test_where_the_system_tells_no_socket_the_only_new_one_is_it(bus: UsbPorts) -> None:
    bus.plug("/dev/cu.usbmodem01", MICROPYTHON, serial=_BARE)
    found = _move(bus, "/dev/cu.usbmodem01", "/dev/cu.usbmodem1", ROM_S2, serial="0")
    assert found is not None
    assert found.address == "/dev/cu.usbmodem1"


def test_of_two_new_ones_nobody_guesses(bus: UsbPorts) -> None:
    bus.plug("COM3", MICROPYTHON, serial=_BARE)
    before = usb.ports()
    board = usb.port_at("COM3", before)
    bus.unplug("COM3")
    bus.plug("COM8", ROM_S2, serial="0")
    bus.plug("COM9", ROM_S2, serial="0")
    assert follow(board, before, usb.ports()) is None


def test_a_board_that_is_away_is_not_mistaken_for_its_neighbour(bus: UsbPorts) -> None:
    bus.plug("COM3", MICROPYTHON, serial=_BARE, location="1-1")
    bus.plug("COM4", MICROPYTHON, serial="246f28aabb02", location="1-2")
    before = usb.ports()
    bus.unplug("COM3")
    assert follow(usb.port_at("COM3", before), before, usb.ports()) is None


def test_a_bridge_that_was_pulled_out_is_found_in_its_socket_again(bus: UsbPorts) -> None:
    bus.plug("/dev/ttyUSB0", CH340, location="1-4:1.0")
    found = _move(bus, "/dev/ttyUSB0", "/dev/ttyUSB1", CH340, location="1-4:1.0")
    assert found is not None
    assert found.address == "/dev/ttyUSB1"


def test_a_board_that_is_away_for_a_moment_is_known_as_it_was(bus: UsbPorts) -> None:
    """Between two steps: whoever asks for its old name gets the board, wherever it is then."""
    bus.plug("COM3", JTAG, serial=MAC, location="1-1")
    assert usb.Track.at("COM3").port.vid is not None
    bus.unplug("COM3")
    track = usb.Track.at("COM3")
    assert track.now() is None
    bus.plug("COM9", JTAG, serial=MAC, location="1-1")
    found = track.now()
    assert found is not None
    assert found.address == "COM9"
    assert usb.Track.at("COM4").port.vid is None, "a port that nobody has seen"
