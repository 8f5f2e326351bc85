"""From a blank chip to a verified firmware that answers, with real esptool and an emulated chip."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board.flash import esptool, silence
from ide.board.flash.compare import compare
from ide.board.flash.errors import (
    FlashFailed,
    FlashStopped,
    Mismatch,
    NotInDownloadMode,
    PortTaken,
    SecureBoot,
    TooLarge,
    Unplugged,
    WrongChip,
    WrongImage,
)
from ide.board.flash.records import Flashed, FlashFile, FlashJob
from ide.board.flash.write import write
from ide.board.wire import close_port, open_serial
from tests.conftest import RecordingContext
from tests.fakes import images
from tests.fakes.rom_chip import RomChip
from tests.fakes.rom_faults import RomFaults
from toolchains.chips import chips
from toolchains.host import Host
from toolchains.jobs import JobContext, Log, Note, Progress
from toolchains.toolbox import Toolbox

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")

PATIENCE_S = 10.0
#: So that what happens at the first progress happens long before the end.
SLOW_ENOUGH = 2_000_000


@pytest.fixture
def box(home: Path) -> Iterator[Toolbox]:
    with Toolbox.of(Host.current()) as made:
        yield made


class Bench:
    """A chip on the table, and a file with firmware for it."""

    def __init__(self, ctx: RecordingContext, box: Toolbox, folder: Path, rom: RomChip, image: bytes) -> None:
        self.ctx, self.box, self.folder, self.rom = ctx, box, folder, rom
        self.file = folder / "firmware.bin"
        self.put(image)

    def put(self, image: bytes) -> None:
        self.image = image
        self.file.write_bytes(image)

    def job(self, **changes: object) -> FlashJob:
        offset = chips()[self.rom.chip].flash_offset
        return FlashJob(self.rom.port, self.rom.chip, (FlashFile(offset, self.file),), **changes)  # type: ignore[arg-type]

    def write(self, **changes: object) -> Flashed:
        return write(self.ctx, self.box, self.job(**changes), patience=PATIENCE_S)

    @property
    def holds_it(self) -> bool:
        offset = chips()[self.rom.chip].flash_offset
        return self.rom.flash[offset : offset + len(self.image)] == self.image

    @property
    def lines(self) -> list[str]:
        return [event.line for event in self.ctx.events if isinstance(event, Log)]

    @property
    def notes(self) -> list[str]:
        return [str(event.text) for event in self.ctx.events if isinstance(event, Note)]


def bench(ctx: RecordingContext, box: Toolbox, folder: Path, rom: RomChip, **image: object) -> Bench:
    return Bench(ctx, box, folder, rom, images.firmware(rom.chip, **image))  # type: ignore[arg-type]


@pytest.mark.parametrize("chip", list(chips()))
def test_a_blank_chip_becomes_a_board_that_answers(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path, chip: str
) -> None:
    with RomChip(chip) as rom:
        at = bench(ctx, box, tmp_path, rom, version="1.26.1")
        done = at.write()
        assert at.holds_it
        assert rom.mode == "micropython"
    assert done.verified
    assert (done.written, done.skipped, done.attempts) == (len(at.image), 0, ())
    assert done.running is not None
    assert (done.running.version, done.running.chip, done.port) == ("1.26.1", chip, rom.port)
    steps = [event for event in ctx.events if isinstance(event, Progress)]
    assert steps[-1] == Progress(len(at.image), len(at.image), "B")
    assert [step.done for step in steps] == sorted(step.done for step in steps)


def test_the_command_that_is_shown_is_the_one_that_ran(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    with RomChip("esp32s3") as rom:
        at = bench(ctx, box, tmp_path, rom)
        done = at.write()
    assert f"$ {done.command}" in at.lines
    assert "-m esptool --chip esp32s3" in done.command
    assert done.command.endswith(f"0x0 {at.file}")


def test_the_same_firmware_again_is_not_written_again(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    with RomChip("esp32c3") as rom:
        at = bench(ctx, box, tmp_path, rom)
        at.write()
        done = at.write()
        assert at.holds_it
    assert (done.written, done.skipped, done.verified) == (0, len(at.image), True)


def test_only_what_differs_is_written(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    with RomChip("esp32") as rom:
        at = bench(ctx, box, tmp_path, rom, version="1.26.1", size=400 * 1024)
        at.write()
        at.put(images.firmware("esp32", version="1.26.2", size=400 * 1024))
        done = at.write()
        assert at.holds_it
    assert 0 < done.written < len(at.image) // 10
    assert done.running is not None
    assert done.running.version == "1.26.2"


def test_a_flash_that_somebody_else_changed_is_written_whole(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path
) -> None:
    with RomChip("esp32c3") as rom:
        at = bench(ctx, box, tmp_path, rom)
        at.write()
        rom.flash[0x12000:0x13000] = bytes(0x1000)
        done = at.write()
        assert at.holds_it
    assert done.verified
    assert done.written >= len(at.image)


def test_erase_all_leaves_nothing_of_before(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    with RomChip("esp32c3") as rom:
        rom.flash[0x300000:0x300010] = b"old files of me."
        at = bench(ctx, box, tmp_path, rom)
        at.write()
        assert rom.flash[0x300000:0x300010] == b"old files of me."
        at.write(erase="all")
        assert at.holds_it
        assert set(rom.flash[0x300000:0x300010]) == {0xFF}


def test_a_line_that_loses_bytes_at_full_speed_is_used_slowly(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path
) -> None:
    with RomChip("esp32c3", faults=RomFaults(good_up_to=115200)) as rom:
        at = bench(ctx, box, tmp_path, rom)
        done = at.write()
        assert at.holds_it
        again = at.write()
    assert [str(text) for text in done.attempts] == at.notes
    assert "at 115200 baud" in at.notes[0]
    assert "--baud 115200" in done.command
    assert again.attempts == ()  # what this board bears is remembered


@pytest.mark.parametrize("erase", ["keep", "all"])
def test_without_the_flash_program_the_loader_itself_writes(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, erase: str
) -> None:
    monkeypatch.setattr(silence, "STUB_S", 1.0)
    with RomChip("esp32s3", faults=RomFaults(refuse_stub="silent")) as rom:
        rom.flash[0x300000:0x300010] = b"old files of me."
        at = bench(ctx, box, tmp_path, rom)
        done = at.write(erase=erase)
        assert at.holds_it
        assert (set(rom.flash[0x300000:0x300010]) == {0xFF}) == (erase == "all")
    assert "--no-stub" in done.command
    assert len(done.attempts) == 1


def test_uncompressed_is_tried_when_the_chip_cannot_unpack(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    with RomChip("esp32c3", faults=RomFaults(fail={0x11: 0x0B})) as rom:
        at = bench(ctx, box, tmp_path, rom)
        done = at.write()
        assert at.holds_it
    assert "--no-compress" in done.command


def test_a_flash_mode_that_only_this_board_needs_is_remembered(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path
) -> None:
    with RomChip("esp32c3", faults=RomFaults(fail={0x11: 0x0B})) as rom:
        at = bench(ctx, box, tmp_path, rom, mode="qio")
        first = at.write()
        assert "in flash mode dio" in str(first.attempts[-1])
        assert rom.flash[2] == 2, "the header says dio"
        rom.faults.mend()
        again = at.write()
        assert rom.flash[2] == 2
        with pytest.raises(Mismatch):
            esptool.verify(ctx, ctx.host, rom.port, rom.chip, at.job().files)
        facts = esptool.probe(ctx, ctx.host, rom.port)
        found = compare(ctx, box, rom.port, at.job(), facts, tmp_path)
        assert "says flash mode dio, 4.0 MB" in str(found.header)
        assert "the file says flash mode qio" in str(found.header)
        rom.flash[0x80] ^= 1  # in the bootloader, behind its header
        with pytest.raises(Mismatch):
            compare(ctx, box, rom.port, at.job(), facts, tmp_path)
    assert (again.written, again.attempts) == (0, ())


def test_a_flash_that_does_not_keep_what_is_written_is_told(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path
) -> None:
    with RomChip("esp32c3", faults=RomFaults(dead_bits={0x11})) as rom:
        at = bench(ctx, box, tmp_path, rom)
        with pytest.raises(Mismatch) as failed:
            at.write()
    assert failed.value.state == "partial"
    assert len(at.notes) == 3  # slower, uncompressed, without the stub
    assert "lower speed" in str(failed.value)


def test_a_sector_that_cannot_be_written_is_told(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    with RomChip("esp32", faults=RomFaults(bad_sectors={0x11})) as rom, pytest.raises(FlashFailed) as failed:
        bench(ctx, box, tmp_path, rom).write()
    assert "refuses to be written" in str(failed.value)
    assert "does not start until it is written again" in str(failed.value)


def test_a_cable_that_is_pulled_says_in_what_state_the_board_is(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path
) -> None:
    class Pulled(RecordingContext):
        def progress(self, done: int, total: int | None = None, unit: str = "B") -> None:
            super().progress(done, total, unit)
            rom.unplug()

    with RomChip("esp32c3", baud=SLOW_ENOUGH) as rom:
        pulled = Pulled(ctx.host)
        at = bench(pulled, box, tmp_path, rom, size=600 * 1024)
        with pytest.raises(Unplugged) as failed:
            at.write(compress=False)
        assert failed.value.state == "partial"
        rom.plug()
        at.ctx = ctx
        at.write()
        assert at.holds_it


def test_a_cancel_says_what_it_leaves_and_a_retry_repairs_it(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path
) -> None:
    class Cancelling(RecordingContext):
        def progress(self, done: int, total: int | None = None, unit: str = "B") -> None:
            super().progress(done, total, unit)
            self.cancel()

    with RomChip("esp32c3", baud=SLOW_ENOUGH) as rom:
        at = bench(Cancelling(ctx.host), box, tmp_path, rom, size=600 * 1024)
        with pytest.raises(FlashStopped) as stopped:
            at.write(compress=False)
        assert stopped.value.state == "partial"
        assert "does not start until it is written again" in str(stopped.value)
        at.ctx = ctx
        assert at.write().verified
        assert at.holds_it


def test_a_cancel_before_the_first_byte_leaves_all_as_it_was(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path
) -> None:
    class Cancelling(RecordingContext):
        def log(self, line: str) -> None:
            if line.startswith("Connected to"):
                self.cancel()
            super().log(line)

    with RomChip("esp32c3") as rom:
        at = bench(Cancelling(ctx.host), box, tmp_path, rom)
        before = bytes(rom.flash)
        with pytest.raises(FlashStopped) as stopped:
            at.write()
        assert rom.flash == before
    assert stopped.value.state == "untouched"
    assert stopped.value.exit_code == 130


def test_another_chip_is_told_before_a_byte_is_written(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    with RomChip("esp32c6") as rom:
        before = bytes(rom.flash)
        image = tmp_path / "c3.bin"
        image.write_bytes(images.firmware("esp32c3"))
        with pytest.raises(WrongChip) as failed:
            write(ctx, box, FlashJob(rom.port, "esp32c3", (FlashFile(0, image),)))
        assert rom.flash == before
    assert (failed.value.wanted, failed.value.found) == ("esp32c3", "esp32c6")
    assert "is an ESP32-C6, and this is for an ESP32-C3" in str(failed.value)


def test_a_chip_that_is_not_in_download_mode(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    with RomChip("esp32c3", wiring="button") as rom:
        rom.program()
        at = bench(ctx, box, tmp_path, rom)
        with pytest.raises(NotInDownloadMode) as failed:
            at.write()
        assert "BOOT" in str(failed.value)
        assert failed.value.chip == "esp32c3"
        rom.press_boot()
        done = write(ctx, box, at.job(), reconnect=False)
        assert at.holds_it
    assert done.verified
    assert done.running is None


@pytest.mark.parametrize("chip", ["esp32", "esp32c3"])
@pytest.mark.parametrize(
    ("fuses", "word"), [({"secure_boot": True}, "Secure boot"), ({"flash_encryption": True}, "Flash encryption")]
)
def test_a_locked_chip_is_left_alone(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path, fuses: dict[str, bool], word: str, chip: str
) -> None:
    with RomChip(chip, faults=RomFaults(**fuses)) as rom:  # type: ignore[arg-type]
        before = bytes(rom.flash)
        with pytest.raises(SecureBoot, match=word):
            bench(ctx, box, tmp_path, rom).write()
        assert rom.flash == before


def test_who_insists_on_a_locked_chip_is_not_sent_for_another_cable(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path
) -> None:
    with RomChip("esp32c3", faults=RomFaults(secure_boot=True, bad_sectors={2})) as rom:
        at = bench(ctx, box, tmp_path, rom)
        with pytest.raises(SecureBoot, match="Secure boot is on") as failed:
            at.write(force=True)
    assert failed.value.state == "partial"
    assert "cable" not in str(failed.value)


def test_secure_download_mode_is_refused_before_an_erase_even_if_somebody_insists(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path
) -> None:
    with RomChip("esp32c3", faults=RomFaults(secure_download=True)) as rom:
        at = bench(ctx, box, tmp_path, rom)
        with pytest.raises(SecureBoot, match="secure download mode"):
            at.write(erase="all", force=True)
    assert not any("erase" in line for line in at.lines)


def test_a_port_that_somebody_holds(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    with RomChip("esp32c3") as rom:
        held = open_serial(rom.port, 115200)
        try:
            with pytest.raises(PortTaken, match="is taken"):
                bench(ctx, box, tmp_path, rom).write()
        finally:
            close_port(held)


def test_an_image_that_is_larger_than_the_flash(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    with RomChip("esp32c3", flash_size=1 << 20) as rom:
        at = bench(ctx, box, tmp_path, rom, size=1 << 20)
        with pytest.raises(TooLarge) as failed:
            at.write(force=True)
        assert set(rom.flash) == {0xFF}
    assert "does not fit" in str(failed.value)


def test_what_is_known_of_the_chip_spares_a_question(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    with RomChip("esp32c3") as rom:
        facts = esptool.probe(ctx, ctx.host, rom.port)
        at = bench(ctx, box, tmp_path, rom)
        ctx.events.clear()
        write(ctx, box, at.job(), facts=facts, reconnect=False)
    assert sum(line.startswith("$ ") for line in at.lines) == 1
    assert facts.mac == rom.mac


def test_a_job_for_a_chip_that_nobody_knows(ctx: JobContext, box: Toolbox, tmp_path: Path) -> None:
    from toolchains.errors import UsageError

    with pytest.raises(UsageError, match="esp8266"):
        write(ctx, box, FlashJob("nowhere", "esp8266", ()))


def test_a_wrong_image_is_refused_before_the_port_is_touched(ctx: JobContext, box: Toolbox, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("buy milk", "utf-8")
    with pytest.raises(WrongImage, match=r"notes\.txt is not written"):
        write(ctx, box, FlashJob("nowhere", "esp32", (FlashFile(0x1000, text),)))
