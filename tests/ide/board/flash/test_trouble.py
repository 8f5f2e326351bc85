"""Every way in which a board cannot be reached has its own sentence, and what to do."""

from __future__ import annotations

import errno
import json
import os
import plistlib
from collections.abc import Callable
from pathlib import Path

import pytest

from ide.board.errors import BoardBusy, BoardNotFound
from ide.board.flash import trouble, usb_tree
from ide.board.flash.errors import PortTaken
from ide.board.flash.trouble import (
    NoBoardPort,
    NoDataLines,
    NoDriver,
    NotThisPort,
    OtherDevice,
    Plugged,
    Sandboxed,
    TakenByBraille,
    why_no_port,
    why_not,
)
from ide.board.flash.usb import UsbPort
from ide.board.flash.usb_tree import UsbDevice
from ide.board.ports import open_error
from tests.fakes.usb_ports import CH340, CP2102, UsbPorts
from toolchains.host import Host
from toolchains.jobs import Completed, JobContext

_LINUX, _WINDOWS, _MAC = (Host(system, "x86_64") for system in ("linux", "windows", "macos"))
_BRIDGE = UsbDevice(*CH340, "USB Serial")
_MOUSE = UsbDevice(0x046D, 0xC077, "Logitech USB Optical Mouse")
_HUB = UsbDevice(0x05E3, 0x0608, "USB2.0 Hub")


def _plugged(*devices: UsbDevice, ports: tuple[UsbPort, ...] = ()) -> Plugged:
    return Plugged(ports, devices)


@pytest.mark.parametrize(
    ("host", "words"),
    [(_WINDOWS, "https://www.wch-ic.com"), (_MAC, "https://www.wch-ic.com"), (_LINUX, "dmesg")],
)
def test_a_bridge_without_a_port_lacks_its_driver(host: Host, words: str, tmp_path: Path) -> None:
    error = why_no_port(host, _plugged(_MOUSE, _BRIDGE), proc=tmp_path)
    assert isinstance(error, NoDriver)
    assert "CH340" in str(error)
    assert words in str(error)


def test_braille_that_took_the_bridge_is_named(tmp_path: Path) -> None:
    (tmp_path / "77").mkdir()
    (tmp_path / "77" / "comm").write_text("brltty\n")
    error = why_no_port(_LINUX, _plugged(_BRIDGE), proc=tmp_path)
    assert isinstance(error, TakenByBraille)
    assert "apt remove brltty" in str(error)


def test_when_nothing_appears_the_cable_has_no_data_lines() -> None:
    error = why_no_port(_LINUX, _plugged(_MOUSE), _plugged(_MOUSE))
    assert isinstance(error, NoDataLines)
    assert "cable that only charges" in str(error)


def test_what_was_plugged_in_instead_is_named() -> None:
    error = why_no_port(_LINUX, _plugged(_HUB, _MOUSE), _plugged())
    assert isinstance(error, OtherDevice)
    assert "Optical Mouse" in str(error)


def test_without_anything_to_go_by_the_advice_is_to_plug_in() -> None:
    assert isinstance(why_no_port(_LINUX, _plugged(_MOUSE)), NoBoardPort)


def test_a_sandbox_that_hides_ports_is_named() -> None:
    assert isinstance(why_no_port(Host("linux", "x86_64", {"SNAP": "/snap/x"}), _plugged()), Sandboxed)


def test_with_a_board_there_nothing_is_wrong() -> None:
    assert why_no_port(_LINUX, _plugged(ports=(UsbPort("/dev/ttyUSB0", *CP2102),))) is None


# --- what is at USB, by system -------------------------------------------------------------------------------------


def _device(root: Path, name: str, vid: str, pid: str, product: str, tty: str = "") -> None:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "idVendor").write_text(vid + "\n")
    (folder / "idProduct").write_text(pid + "\n")
    (folder / "product").write_text(product + "\n")
    if tty:
        (folder / f"{name}:1.0" / tty).mkdir(parents=True)


def test_linux_tells_by_its_folders(tmp_path: Path) -> None:
    _device(tmp_path, "1-1", "1a86", "7523", "USB Serial")
    _device(tmp_path, "1-2", "10c4", "ea60", "CP2102", "ttyUSB0")
    _device(tmp_path, "1-3", "303a", "1001", "USB JTAG/serial debug unit", "tty/ttyACM0")
    (tmp_path / "1-0:1.0").mkdir()
    found = usb_tree.devices(JobContext(_LINUX), sysfs=tmp_path)
    assert [(device.pid, device.has_port) for device in found] == [(0x7523, False), (0xEA60, True), (0x1001, True)]


def _says(monkeypatch: pytest.MonkeyPatch, output: bytes) -> None:
    monkeypatch.setattr(JobContext, "run", lambda self, argv, **more: Completed(tuple(argv), 0, output, b""))


def test_windows_tells_through_powershell(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {"InstanceId": "USB\\VID_1A86&PID_7523\\5&1", "FriendlyName": "USB Serial", "Class": None, "Status": "Error"},
        {"InstanceId": "USB\\VID_10C4&PID_EA60\\0001", "FriendlyName": "CP210x (COM3)", "Class": "Ports"},
        {"InstanceId": "USB\\ROOT_HUB30\\4&2", "FriendlyName": "Root Hub"},
    ]
    _says(monkeypatch, json.dumps(rows).encode())
    found = usb_tree.devices(JobContext(_WINDOWS))
    assert [(device.vid, device.has_port) for device in found] == [(0x1A86, False), (0x10C4, True)]
    _says(monkeypatch, json.dumps(rows[0]).encode())  # PowerShell makes no list of one
    assert len(usb_tree.devices(JobContext(_WINDOWS))) == 1


def test_macos_tells_through_ioreg(monkeypatch: pytest.MonkeyPatch, bus: UsbPorts) -> None:
    tree = {"IORegistryEntryChildren": [
        {"IORegistryEntryName": "hub", "idVendor": 0x05E3, "idProduct": 0x0608, "USB Product Name": "Hub",
         "IORegistryEntryChildren": [{"idVendor": CH340[0], "idProduct": CH340[1], "USB Product Name": "USB Serial"}]},
    ]}  # fmt: skip
    _says(monkeypatch, plistlib.dumps(tree))
    found = Plugged.now(JobContext(_MAC))
    assert [device.title for device in found.devices] == ["Hub", "USB Serial"]
    assert isinstance(why_no_port(_MAC, found), NoDriver)
    bus.plug("/dev/cu.usbserial-10", CH340)
    assert why_no_port(_MAC, Plugged.now(JobContext(_MAC))) is None


@pytest.mark.parametrize("host", [_WINDOWS, _MAC])
@pytest.mark.parametrize("said", [b"", b"{", b"\xff\xfe", b"[1]", b'{"a": 1}', b"<plist><dict>"])
def test_what_a_system_says_is_not_trusted(monkeypatch: pytest.MonkeyPatch, host: Host, said: bytes) -> None:
    _says(monkeypatch, said)
    assert usb_tree.devices(JobContext(host)) == []


# --- a port that is something else ---------------------------------------------------------------------------------


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> UsbPorts:
    return UsbPorts(monkeypatch)


def test_another_microcontroller_is_named(bus: UsbPorts) -> None:
    bus.plug("COM5", (0x2E8A, 0x0005))
    error = why_not("COM5")
    assert isinstance(error, NotThisPort)
    assert "Raspberry Pi Pico" in str(error)


def test_a_bluetooth_port_is_no_board(bus: UsbPorts) -> None:
    bus.plug("/dev/cu.Bluetooth-Incoming-Port")
    assert isinstance(why_not("/dev/cu.Bluetooth-Incoming-Port"), NotThisPort)


@pytest.mark.skipif(os.name != "posix", reason="device files")
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: "/dev/null", "no serial port"),
        (lambda folder: str(_file(folder)), "a file or a folder"),
        (lambda folder: str(folder), "a file or a folder"),
    ],
)
def test_a_path_that_is_no_serial_port_is_said_to_be_none(
    make: Callable[[Path], str], words: str, tmp_path: Path
) -> None:
    error = why_not(make(tmp_path))
    assert isinstance(error, NotThisPort)
    assert words in str(error)


def _file(folder: Path) -> Path:
    file = folder / "firmware.bin"
    file.write_bytes(b"x")
    return file


@pytest.mark.skipif(os.name != "posix", reason="device files")
def test_the_mouse_is_said_to_be_an_input_device(monkeypatch: pytest.MonkeyPatch, bus: UsbPorts) -> None:
    character_device = os.stat("/dev/null").st_mode
    monkeypatch.setattr(trouble, "_mode", lambda path: character_device)
    error = why_not("/dev/input/mice")
    assert isinstance(error, NotThisPort)
    assert "mouse" in str(error)


@pytest.mark.skipif(os.name != "posix", reason="device files")
def test_a_port_that_is_not_there_names_those_that_are(bus: UsbPorts) -> None:
    bus.plug("/dev/ttyUSB7", CP2102)
    error = why_not("/dev/ttyUSB9")
    assert isinstance(error, BoardNotFound)
    assert "/dev/ttyUSB7" in str(error)


def test_an_ordinary_bridge_is_worth_a_try(bus: UsbPorts) -> None:
    bus.plug("COM3", CP2102)
    assert why_not("COM3") is None
    assert why_not("socket://localhost:4000") is None


# --- a port that somebody has --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("holder", "words"), [("ModemManager", "half a minute"), ("brltty", "Braille"), ("picocom", "Close that program")]
)
@pytest.mark.parametrize("kind", [BoardBusy, PortTaken])
def test_programs_that_are_known_for_taking_boards_get_their_own_advice(
    kind: type[BoardBusy] | type[PortTaken], holder: str, words: str
) -> None:
    error = kind("/dev/ttyUSB0", holder, 4321)
    trouble.better(error)
    assert holder in str(error)
    assert words in str(error)


def test_no_permission_stays_as_it_is(tmp_path: Path) -> None:
    error = open_error(str(tmp_path), OSError(errno.EACCES, "Permission denied"))
    before = str(error)
    trouble.better(error)
    assert str(error) == before


def test_a_silent_port_is_explained_by_what_it_is(bus: UsbPorts) -> None:
    bus.plug("COM9", (0x046D, 0xC52B), product="USB Receiver")
    bus.plug("COM1")
    bus.plug("COM3", CP2102)
    assert "USB Receiver" in str(trouble.silent_words("COM9"))
    assert "not at USB" in str(trouble.silent_words("COM1"))
    assert "cable carries power only" in str(trouble.silent_words("COM3"))
