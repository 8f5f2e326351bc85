"""Who is at a port: a running MicroPython is asked first, else the loader, through real esptool."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

import pytest
import serial

from ide.board.errors import BoardBusy, BoardNotFound
from ide.board.flash import esptool
from ide.board.flash.detect import detect
from ide.board.flash.errors import NotInDownloadMode
from ide.board.flash.knock import knock, look
from ide.board.flash.trouble import NotThisPort
from tests.conftest import RecordingContext
from tests.fakes.board import FakeBoard
from tests.fakes.rom_chip import RomChip
from tests.fakes.usb_ports import CP2102, JTAG, ROM_S2, UsbPorts
from tests.fakes.wire import PtyBoard
from toolchains.errors import Cancelled
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.toolbox import Toolbox

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")


@pytest.fixture
def box(home: object) -> Iterator[Toolbox]:
    with Toolbox.of(Host.current()) as made:
        yield made


@pytest.mark.parametrize("chip", ["esp32", "esp32s2", "esp32s3", "esp32c2", "esp32c3", "esp32c5", "esp32c6", "esp32h2",
                                  "esp32p4"])  # fmt: skip
def test_a_bare_chip_tells_all_through_its_loader(ctx: RecordingContext, box: Toolbox, chip: str) -> None:
    with RomChip(chip, flash_size=8 << 20, mac="24:6f:28:00:00:42") as rom:
        facts = detect(ctx, box, rom.port)
    assert facts.chip is not None
    assert (facts.chip.chip, facts.chip.flash_size, facts.chip.mac) == (chip, 8 << 20, "24:6f:28:00:00:42")
    assert facts.chip.revision == rom.revision
    assert facts.chip.security.known
    assert not facts.chip.security.secure_boot
    assert (facts.running, facts.silence) == (None, "boot-loop")


def test_a_running_micropython_tells_it_without_a_reset(
    ctx: RecordingContext, box: Toolbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(esptool, "probe", None)  # nobody asks the loader
    with RomChip("esp32c6", mac="24:6f:28:00:00:43") as rom:
        rom.program()
        starts = rom.starts
        facts = detect(ctx, box, rom.port)
        assert rom.starts == starts
        assert rom.mode == "micropython"
    assert facts.running is not None
    assert facts.running.version == "1.26.1"
    assert facts.chip is not None
    assert (facts.chip.chip, facts.chip.flash_size, facts.chip.mac) == ("esp32c6", 4 << 20, "24:6f:28:00:00:43")


def test_a_thorough_look_asks_both(ctx: RecordingContext, box: Toolbox) -> None:
    with RomChip("esp32c3") as rom:
        rom.program()
        facts = detect(ctx, box, rom.port, thorough=True)
        assert rom.mode == "micropython"
    assert facts.running is not None
    assert facts.chip is not None
    assert facts.chip.revision == rom.revision
    assert facts.chip.crystal_mhz == 40


@pytest.mark.parametrize("chip", ["esp32", "esp32s3", "esp32c3"])
@pytest.mark.parametrize("lock", ["secure_boot", "flash_encryption"])
def test_a_lock_is_seen(ctx: RecordingContext, box: Toolbox, chip: str, lock: str) -> None:
    with RomChip(chip) as rom:
        setattr(rom.faults, lock, True)
        rom.reset()
        facts = detect(ctx, box, rom.port)
    assert facts.chip is not None
    assert facts.chip.security.known
    assert getattr(facts.chip.security, lock)


@pytest.mark.parametrize("chip", ["esp32", "esp32c3"])
def test_a_chip_that_waits_for_download_is_left_there(ctx: RecordingContext, box: Toolbox, chip: str) -> None:
    with RomChip(chip, wiring="button") as rom:
        rom.press_boot()
        assert look(ctx, rom.port).loader
        facts = detect(ctx, box, rom.port)
        assert rom.mode == "download"  # where the person brought it
    assert facts.silence == "bootloader"
    assert facts.chip is not None
    assert facts.chip.chip == chip
    assert facts.chip.security.known


def test_a_chip_that_cannot_be_reset_from_here_asks_for_its_buttons(ctx: RecordingContext, box: Toolbox) -> None:
    with RomChip("esp32c3", wiring="button") as rom, pytest.raises(NotInDownloadMode) as caught:
        detect(ctx, box, rom.port)
    assert caught.value.fields["silence"] == "boot-loop"
    assert "BOOT" in str(caught.value)
    assert "not one byte" not in str(caught.value)  # esptool says so, but the chip talks all the time


def test_the_coach_knows_the_chip_from_usb_alone(
    ctx: RecordingContext, box: Toolbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RomChip("esp32s2", wiring="button") as rom:
        UsbPorts(monkeypatch).plug(rom.port, ROM_S2)
        with pytest.raises(NotInDownloadMode) as caught:
            detect(ctx, box, rom.port)
    assert caught.value.chip == "esp32s2"


def test_micropython_on_something_else_is_no_chip_of_ours(ctx: RecordingContext, box: Toolbox) -> None:
    with PtyBoard(FakeBoard()) as board:
        facts = detect(ctx, box, board.path)
    assert facts.chip is None
    assert facts.running is not None


def test_a_port_that_is_taken_says_so(ctx: RecordingContext, box: Toolbox) -> None:
    with RomChip() as rom, serial.Serial(rom.port, exclusive=True), pytest.raises(BoardBusy):
        detect(ctx, box, rom.port)


def test_what_is_no_port_is_not_opened(ctx: RecordingContext, box: Toolbox) -> None:
    with pytest.raises(NotThisPort):
        detect(ctx, box, "/dev/null")
    with pytest.raises(BoardNotFound):
        detect(ctx, box, "/dev/ttyUSB99")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may open everything")
def test_without_permission_the_group_is_named(ctx: RecordingContext, box: Toolbox) -> None:
    from ide.board.errors import BoardNotAllowed

    with RomChip() as rom:
        os.chmod(rom.port, 0)
        with pytest.raises(BoardNotAllowed):
            detect(ctx, box, rom.port)
        os.chmod(rom.port, stat.S_IRUSR | stat.S_IWUSR)


def test_a_cancel_ends_the_look(box: Toolbox) -> None:
    ctx = JobContext()
    with RomChip("esp32c3", wiring="button") as rom:
        rom.program()
        ctx.sink = lambda event: ctx.cancel()
        with pytest.raises(Cancelled):
            detect(ctx, box, rom.port)


def test_the_connection_is_named(ctx: RecordingContext, box: Toolbox, monkeypatch: pytest.MonkeyPatch) -> None:
    bus = UsbPorts(monkeypatch)
    with RomChip("esp32s3") as rom:
        bus.plug(rom.port, JTAG, serial=rom.mac)
        assert detect(ctx, box, rom.port).usb == "usb-serial-jtag"
        bus.plug(rom.port, CP2102)
        assert detect(ctx, box, rom.port).usb == "uart"


def test_a_knock_is_heard_by_a_loader_alone(ctx: RecordingContext) -> None:
    with RomChip("esp32s2", wiring="button") as rom:
        assert not knock(ctx, rom.port).loader
        rom.program()
        assert not knock(ctx, rom.port).loader
        rom.press_boot()
        assert knock(ctx, rom.port).loader
        assert knock(ctx, rom.port).loader
        rom.reset()
        assert not knock(ctx, rom.port).loader
