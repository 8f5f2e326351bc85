"""The coach: what he shows for each chip, and that he sees by himself when the person has done it."""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator

import pytest
import serial

from ide.board.flash import coach
from ide.board.flash.coach import Seen, lesson, picture, wait_for_download
from ide.board.flash.errors import WrongChip
from ide.board.flash.usb import Track, UsbPort, coach_folder, port_at
from tests.conftest import RecordingContext
from tests.fakes.rom_chip import RomChip
from tests.fakes.usb_ports import CP2102, JTAG, MICROPYTHON, ROM_S2, UsbPorts
from tests.homes import CHECKOUT
from toolchains.chips import chips
from toolchains.errors import Cancelled
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.toolbox import Toolbox

_PICTURES = sorted(path.stem for path in (CHECKOUT / "resources" / "coach").glob("*.svg"))


@pytest.fixture
def box(home: object) -> Iterator[Toolbox]:
    with Toolbox.of(Host.current()) as made:
        yield made


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> UsbPorts:
    return UsbPorts(monkeypatch)


# --- what is shown -------------------------------------------------------------------------------------------------


def test_every_chip_has_a_lesson_with_words_and_pictures() -> None:
    assert {row["chip"] for row in coach._data()["chips"]} == set(chips())
    for chip in chips():
        for usb in ("uart", *coach.native_usb(chip), ""):
            found = lesson(chip, usb)
            assert f"GPIO{coach.boot_pin(chip)}" in " ".join(map(str, found.notes))
            for dance in found.dances:
                assert all(str(step.text) and step.picture in _PICTURES for step in dance.steps)


def test_a_chip_with_usb_of_its_own_is_told_about_the_port_that_goes_away() -> None:
    assert any("goes away" in str(note) for note in lesson("esp32s3", "usb-serial-jtag").notes)
    assert not any("goes away" in str(note) for note in lesson("esp32", "uart").notes)
    assert [dance.name for dance in lesson("esp32c3", "usb-serial-jtag").dances] == ["buttons", "replug"]
    assert [dance.name for dance in lesson("esp32", "uart").dances] == ["buttons"]


def test_an_s2_is_reset_by_hand_afterwards() -> None:
    assert [step.name for step in lesson("esp32s2", "usb-otg").afterwards] == ["only-reset"]
    assert lesson("esp32c3", "usb-serial-jtag").afterwards == ()


def test_an_unknown_chip_has_a_lesson_too() -> None:
    assert lesson().dances[0].steps[0].name == "hold-boot"


@pytest.mark.parametrize("name", _PICTURES)
def test_every_picture_is_there_in_light_and_dark(name: str) -> None:
    themes = json.loads((CHECKOUT / "resources" / "themes" / "colors.json").read_text("utf-8"))
    for dark in (False, True):
        drawing = picture(name, dark=dark, chip="esp32c3")
        ET.fromstring(drawing)
        used = set(re.findall(r'"(#[0-9a-f]{6})"', drawing))
        assert used <= {themes["dark" if dark else "light"][token] for token in coach._COLOURS}
        assert ">ESP32<" not in drawing


def test_every_picture_is_used() -> None:
    dances = {step for row in coach._data()["dances"] for step in row["steps"]}  # type: ignore[attr-defined]
    known = dances | {"only-reset", "plug-in", "cable", "socket-uart", "socket-usb"}
    assert set(_PICTURES) == known
    assert {path.name for path in coach_folder().glob("*.json")} == {"fuses.json", "steps.json", "usb.json"}


# --- which socket --------------------------------------------------------------------------------------------------


def test_the_socket_in_use_is_named_where_a_board_may_have_two() -> None:
    bridge, own = coach.socket("esp32s3", UsbPort("COM3", *CP2102)), coach.socket("esp32s3", UsbPort("COM4", *JTAG))
    assert bridge is not None
    assert own is not None
    assert "UART" in str(bridge.text)
    assert "CP210x" in str(bridge.text)
    assert "USB" in str(own.text)
    assert (bridge.picture, own.picture) == ("socket-uart", "socket-usb")
    assert coach.socket("esp32", UsbPort("COM3", *CP2102)) is None
    assert coach.socket("esp32s3", UsbPort("/dev/pts/1")) is None


def test_the_other_socket_of_the_same_board_is_found_by_its_mac() -> None:
    there = [
        UsbPort("COM3", *CP2102),
        UsbPort("COM4", *JTAG, "24:6F:28:00:00:01"),
        UsbPort("COM5", *JTAG, "24:6F:28:00:00:02"),
    ]
    other = coach.other_socket("COM3", "24:6f:28:00:00:02", there)
    assert other is not None
    assert other.address == "COM5"
    assert coach.other_socket("COM3", "", there) is None


# --- who watches ---------------------------------------------------------------------------------------------------

_pty = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")


class Person:
    """Reads what the coach says, and does something the first time that he says ``state``."""

    def __init__(self, **does: Callable[[], object]) -> None:
        self.does = does
        self.heard: list[tuple[str, str]] = []

    def __call__(self, seen: Seen) -> None:
        self.heard.append((seen.state, str(seen.text)))
        act = self.does.pop(seen.state, None)
        if act is not None:
            act()

    @property
    def states(self) -> list[str]:
        return [state for state, _text in self.heard]


@_pty
def test_he_goes_on_when_the_buttons_were_pressed_and_leaves_the_loader_running(
    ctx: RecordingContext, box: Toolbox
) -> None:
    with RomChip("esp32c3", wiring="button") as rom:
        person = Person(waiting=rom.press_boot)
        assert wait_for_download(ctx, box, rom.port, "esp32c3", person) == rom.port
        assert rom.mode in ("download", "stub")
    assert person.states == ["waiting", "answers"]
    assert "ESP32-C3 is in download mode" in person.heard[-1][1]


@_pty
def test_a_board_that_started_without_boot_is_told_why(ctx: RecordingContext, box: Toolbox) -> None:
    with RomChip("esp32s3", wiring="button") as rom:
        person = Person(waiting=rom.press_boot)
        wait_for_download(ctx, box, rom.port, "", person)
    assert "BOOT was not down" in person.heard[0][1]


@_pty
def test_a_board_that_comes_back_under_another_name_is_followed(
    ctx: RecordingContext, box: Toolbox, bus: UsbPorts
) -> None:
    with RomChip("esp32s2", wiring="button") as rom:
        rom.program()
        bus.plug(rom.port, MICROPYTHON, serial="246f28000001", location="1-3:1.0")
        first = rom.port

        def press() -> None:
            rom.unplug()
            bus.unplug(first)

        def come_back() -> None:
            ptys = []
            while True:  # the system gives the name that was just freed
                ptys.append(os.openpty())
                rom.plug()
                if rom.port != first:
                    break
                rom.unplug()
            for pty in ptys:
                os.close(pty[0])
                os.close(pty[1])
            rom.press_boot()
            bus.plug(rom.port, ROM_S2, serial="0", location="1-3:1.0")

        person = Person(waiting=press, away=come_back)
        found = wait_for_download(ctx, box, first, "esp32s2", person)
        assert found == rom.port != first
    assert person.states == ["waiting", "away", "back", "answers"]


@_pty
def test_a_program_that_has_the_port_is_waited_for(ctx: RecordingContext, box: Toolbox) -> None:
    with RomChip("esp32c3", wiring="button") as rom:
        rom.press_boot()
        monitor = serial.Serial(rom.port, exclusive=True)
        person = Person(trouble=monitor.close)
        wait_for_download(ctx, box, rom.port, "", person)
    assert person.states == ["trouble", "answers"]
    assert "is taken" in person.heard[0][1]


@_pty
def test_another_chip_than_wanted_is_said_at_once(ctx: RecordingContext, box: Toolbox) -> None:
    with RomChip("esp32s3", wiring="button") as rom:
        rom.press_boot()
        with pytest.raises(WrongChip):
            wait_for_download(ctx, box, rom.port, "esp32c3")


@_pty
def test_a_neighbour_in_download_mode_is_not_taken_for_the_board(ctx: RecordingContext, box: Toolbox) -> None:
    with RomChip("esp32c3", wiring="button", mac="24:6f:28:00:00:07") as rom:
        rom.press_boot()
        inner = JobContext()
        person = Person(trouble=inner.cancel)
        with pytest.raises(Cancelled):
            wait_for_download(inner, box, rom.port, "esp32c3", person, mac="24:6f:28:00:00:08")
    assert "Another board" in person.heard[0][1]


@_pty
def test_he_stops_when_he_is_told_to(box: Toolbox) -> None:
    ctx = JobContext()
    with RomChip("esp32c3", wiring="button") as rom, pytest.raises(Cancelled):
        wait_for_download(ctx, box, rom.port, "", Person(waiting=ctx.cancel))


def test_ports_without_usb_are_there_as_long_as_their_file_is(bus: UsbPorts) -> None:
    assert Track.at("socket://h:1").now() == port_at("socket://h:1", [])
    assert Track.at("/dev/ttyUSB99").now() is None
