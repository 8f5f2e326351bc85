"""What a board has before it is erased: every filesystem is kept, and its port may be another one afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from serial.tools import list_ports as serial_ports

from ide.board.flash import by_hand, follow, fsimage, on_chip, restore
from ide.board.flash.detect import detect
from ide.board.flash.errors import Unplugged
from ide.board.flash.fsimage import BoardFile, FsKind
from ide.board.flash.keep import keep_files
from ide.board.flash.one_click import FlashRequest, flash
from ide.board.flash.picks import Pick
from ide.board.flash.records import BoardFacts, ChipFacts, FlashFile, FlashJob, Security
from ide.board.flash.usb import Track
from tests.conftest import RecordingContext
from tests.fakes import images
from tests.fakes.rom_chip import RomChip
from tests.fakes.usb_ports import JTAG, UsbPorts
from toolchains.host import Host
from toolchains.text import _
from toolchains.toolbox import Toolbox

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")

_MB = 1 << 20
_APP = images.Row("factory", 0, 0, 0x10000, 0x90000)
_VFS = images.Row("vfs", 1, 0x81, 0xA0000, 0x20000)
_WEB = images.Row("web", 1, 0x81, 0xC0000, 0x20000)
_OLD = images.Row("storage", 1, 0x82, 0xE0000, 0x10000)
_FILES = {"/main.py": b"print('mine')"}
_PAGES = {"/index.html": b"<h1>my garden</h1>"}
_SPIFFS = b"\x01\x80SPIFFS as nobody reads it" * 100


@pytest.fixture
def tools(host: Host) -> Iterator[Toolbox]:
    with Toolbox.of(host) as toolbox:
        yield toolbox


def _put(rom: RomChip, row: images.Row, files: dict[str, bytes], kind: FsKind = "littlefs") -> None:
    rows = [BoardFile(path, False, len(data), data) for path, data in files.items()]
    rom.flash[row.offset : row.offset + row.size] = fsimage.build_of(RecordingContext(), rows, row.size, kind)


@pytest.fixture
def rom() -> Iterator[RomChip]:
    """A board with three filesystems: MicroPython's, and two of another firmware."""
    with RomChip("esp32c3", flash_size=_MB) as chip:
        chip.program(images.firmware("esp32c3", rows=(_APP, _VFS, _WEB, _OLD), flash_size=_MB))
        _put(chip, _VFS, _FILES)
        _put(chip, _WEB, _PAGES, "fat")
        chip.flash[_OLD.offset : _OLD.offset + len(_SPIFFS)] = _SPIFFS
        yield chip


def _facts(rom: RomChip) -> BoardFacts:
    size = len(rom.flash)
    chip = ChipFacts(rom.chip, rom.chip, None, size, 0, "", rom.mac, None, Security(known=True), ())
    return BoardFacts(rom.port, chip, None, "", "uart")


def test_every_filesystem_is_kept_and_can_be_put_back(ctx: RecordingContext, tools: Toolbox, rom: RomChip) -> None:
    before = bytes(rom.flash)
    kept = keep_files(ctx, tools, _facts(rom))
    assert [one.manifest.partition for one in kept] == ["vfs", "web", "storage"]
    ours, web, old = kept
    assert (ours.place / "files" / "main.py").read_bytes() == _FILES["/main.py"]
    assert (web.place / "files" / "index.html").read_bytes() == _PAGES["/index.html"]
    assert old.image().startswith(_SPIFFS), "what nobody can read is kept as it is"
    for row in (_VFS, _WEB, _OLD):
        rom.flash[row.offset : row.offset + row.size] = b"\xff" * row.size
    for one in kept:
        restore.restore(ctx, tools, rom.port, one.place, facts=_facts(rom).chip, prove_it=False)
    assert bytes(rom.flash) == before


def test_what_is_blank_is_not_kept_and_one_partition_alone_can_be(
    ctx: RecordingContext, tools: Toolbox, rom: RomChip
) -> None:
    rom.flash[_WEB.offset : _WEB.offset + _WEB.size] = b"\xff" * _WEB.size
    assert [one.manifest.partition for one in keep_files(ctx, tools, _facts(rom))] == ["vfs", "storage"]
    assert [one.manifest.partition for one in keep_files(ctx, tools, _facts(rom), only="")] == ["vfs"]
    assert [one.manifest.partition for one in keep_files(ctx, tools, _facts(rom), only="storage")] == ["storage"]
    assert keep_files(ctx, tools, _facts(rom), only="web") == ()


def test_another_firmware_s_flash_is_kept_whole(ctx: RecordingContext, tools: Toolbox, rom: RomChip) -> None:
    rom.flash[_VFS.offset : _VFS.offset + _VFS.size] = b"\xff" * _VFS.size
    (kept,) = keep_files(ctx, tools, _facts(rom))
    assert kept.manifest.kind == "flash"
    assert kept.image() == rom.flash
    assert any("the whole flash is kept" in said for said in ctx.said())


def test_a_littlefs_whose_first_block_is_lost_is_not_empty(ctx: RecordingContext, tools: Toolbox, rom: RomChip) -> None:
    rom.flash[_VFS.offset : _VFS.offset + 0x1000] = b"\xff" * 0x1000
    kept = keep_files(ctx, tools, _facts(rom))
    assert kept[0].manifest.partition == "vfs"
    assert kept[0].image() == rom.flash[_VFS.offset : _VFS.offset + _VFS.size]


# --- the port moves --------------------------------------------------------------------------------------------------


class Moving(RomChip):
    """A board whose own USB gets another name each time that its loader is left, like one that is plugged in anew."""

    ports_it_had: tuple[str, ...] = ()

    def _look_at_host(self) -> None:
        assert self._line is not None
        if self._was_present and not self._line.present() and self._loader is not None:
            self._unplug()
            self._plug()
            self.ports_it_had += (self.port,)
            self._start()
            return
        super()._look_at_host()


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Moving]:
    with Moving("esp32c3", flash_size=_MB) as chip:
        monkeypatch.setattr(serial_ports, "comports", lambda: [_listed(chip)])
        chip.program(images.firmware("esp32c3", rows=(_APP, _VFS), flash_size=_MB))
        _put(chip, _VFS, _FILES)
        yield chip


def _listed(chip: RomChip) -> SimpleNamespace:
    return SimpleNamespace(device=chip.port, vid=JTAG[0], pid=JTAG[1], serial_number=chip.mac.replace(":", "").upper(),
                           location="1-2:1.0", product="USB JTAG/serial", description="n/a")  # fmt: skip


def test_a_board_is_kept_and_written_though_its_port_moves_all_the_time(
    ctx: RecordingContext, tools: Toolbox, moving: Moving, tmp_path: Path
) -> None:
    image = tmp_path / "new.bin"
    image.write_bytes(images.firmware("esp32c3", rows=(_APP, _VFS), flash_size=_MB, version="1.27.0"))
    pick = Pick("new.bin", _("It is a test."), FlashJob("", "esp32c3", (FlashFile(0, image),)), "all")
    first = moving.port
    report = flash(ctx, tools, FlashRequest(first, lambda *_facts: pick))
    (kept,) = report.kept
    assert [file.path for file in kept.manifest.files] == ["/main.py"]
    assert report.flashed.running is not None
    assert (report.flashed.running.version, report.flashed.port) == ("1.27.0", moving.port)
    assert moving.port != first
    assert len(moving.ports_it_had) >= 3


def test_steps_with_one_chip_follow_it(ctx: RecordingContext, tools: Toolbox, moving: Moving) -> None:
    with on_chip.opened(ctx, tools, moving.port) as chip:
        table = chip.table()
        assert table.vfs is not None
        image = chip.read(table.vfs.offset, table.vfs.size)
        done = chip.write([(table.vfs.offset, image)], patience=60)
    assert (done.port, done.written) == (moving.port, 0)
    assert len(set(moving.ports_it_had)) >= 3


def test_by_hand_it_stays_where_it_was_brought(ctx: RecordingContext, tools: Toolbox, rom: RomChip) -> None:
    """Nobody follows a port that USB does not know."""
    facts = detect(ctx, tools, rom.port)
    assert follow.now(ctx, facts) == facts
    rom.wiring = "button"
    rom.press_boot()
    (kept, _pressed) = by_hand.helped(
        ctx, rom.port, lambda at, before: keep_files(ctx, tools, _facts(rom), None, before), None, waiting=True
    )
    assert len(kept) == 3
    assert rom.mode in ("download", "stub")


def test_one_that_does_not_come_back_is_told_with_its_state(
    ctx: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    usb = UsbPorts(monkeypatch)
    usb.plug("COM3", JTAG, serial="246F28AABB01")
    track = Track.at("COM3")
    assert follow.where(ctx, track) == "COM3"
    usb.unplug("COM3")
    usb.plug("COM8", JTAG, serial="246F28AABB01")
    assert follow.where(ctx, track) == "COM8"
    usb.unplug("COM8")
    usb.plug("COM3", JTAG, serial="246F28AABB99")  # another board
    with pytest.raises(Unplugged) as gone:
        follow.where(ctx, track, seconds=0, state="partial")
    assert gone.value.state == "partial"
    assert "does not start until it is written again" in str(gone.value)
