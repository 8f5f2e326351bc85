"""A chip that a person brought to its loader: it is not thrown out of it before all is done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board.flash import backup, by_hand, on_chip
from ide.board.flash.commands import Before
from ide.board.flash.detect import detect
from ide.board.flash.errors import NotInDownloadMode
from ide.board.flash.records import ChipFacts, Flashed, FlashFile, FlashJob
from ide.board.flash.write import write
from tests.conftest import RecordingContext
from tests.fakes import images
from tests.fakes.rom_chip import RomChip
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.text import Text
from toolchains.toolbox import Toolbox

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")


@pytest.fixture
def box(home: object) -> Iterator[Toolbox]:
    with Toolbox.of(Host.current()) as made:
        yield made


@pytest.fixture
def rom() -> Iterator[RomChip]:
    """A board whose reset and BOOT are not wired."""
    with RomChip("esp32c3", wiring="button") as made:
        yield made


class Hand:
    """A person who does as told."""

    def __init__(self, rom: RomChip) -> None:
        self.rom = rom
        self.asked: list[str] = []

    def to_download(self, ctx: JobContext, port: str, error: NotInDownloadMode) -> str:
        self.asked.append("boot")
        self.rom.press_boot()
        return port

    def to_start(self, ctx: JobContext, todo: Text) -> None:
        self.asked.append("reset")
        self.rom.reset()


def _job(rom: RomChip, tmp_path: Path) -> FlashJob:
    image = tmp_path / "firmware.bin"
    image.write_bytes(images.firmware(rom.chip))
    return FlashJob(rom.port, rom.chip, (FlashFile(rom.row.boot, image),), baud=115200)


def _resets(ctx: RecordingContext) -> list[tuple[bool, bool]]:
    """Of each command of esptool: whether it resets the chip before, and after."""
    lines = [line for line in ctx.said() if line.startswith("$ ")]
    return [("--before no-reset" not in line, "--after no-reset" not in line) for line in lines]


def test_it_is_written_without_a_reset_before(
    ctx: RecordingContext, box: Toolbox, rom: RomChip, tmp_path: Path
) -> None:
    rom.press_boot()
    done = write(ctx, box, _job(rom, tmp_path), before="no-reset", reconnect=False)
    assert done.verified
    assert _resets(ctx) == [(False, False), (False, True)]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # pyserial 3.5's rfc2217
def test_a_reset_of_ours_would_have_started_it(ctx: RecordingContext, box: Toolbox) -> None:
    with RomChip("esp32c3", wiring="no-boot", wire="rfc2217") as rom:
        rom.press_boot()
        with on_chip.opened(ctx, box, rom.port, before="no-reset") as chip:
            assert chip.read(0, 0x1000) == bytes(rom.flash[:0x1000])
        assert rom.mode == "download"


def test_what_is_read_of_it_leaves_it_there(ctx: RecordingContext, box: Toolbox, rom: RomChip, tmp_path: Path) -> None:
    rom.press_boot()
    facts = detect(ctx, box, rom.port)
    assert by_hand.waits(facts)
    assert rom.mode == "download"
    kept = backup.flash(ctx, box, rom.port, facts=facts.chip, into=tmp_path, before="no-reset")
    assert kept.image() == bytes(rom.flash)
    assert rom.mode == "download"
    with on_chip.opened(ctx, box, rom.port, before="no-reset") as chip:
        chip.erase((0x10000, 0x1000))
    assert rom.mode == "download"


def test_a_hand_is_asked_once_and_once_more_to_start(
    ctx: RecordingContext, box: Toolbox, rom: RomChip, tmp_path: Path
) -> None:
    hand = Hand(rom)
    done: Flashed = by_hand.write(ctx, box, _job(rom, tmp_path), helper=hand)
    assert hand.asked == ["boot", "reset"]
    assert done.running is not None


def test_one_that_waits_is_tried_without_a_hand(
    ctx: RecordingContext, box: Toolbox, rom: RomChip, tmp_path: Path
) -> None:
    seen = []
    rom.press_boot()

    def work(at: str, before: Before) -> ChipFacts:
        seen.append(before)
        with on_chip.opened(ctx, box, at, before=before) as chip:
            return chip.facts

    assert by_hand.helped(ctx, rom.port, work, None, waiting=True)[0].chip == "esp32c3"
    rom.reset()
    with pytest.raises(NotInDownloadMode):
        by_hand.helped(ctx, rom.port, work, None, waiting=True)
    assert seen == ["no-reset", "no-reset", "default-reset"]


def test_who_only_looked_is_told_how_to_go_on(ctx: RecordingContext, box: Toolbox, rom: RomChip) -> None:
    hand = Hand(rom)

    def ask(at: str, before: Before) -> ChipFacts:
        with on_chip.opened(ctx, box, at, before=before) as chip:
            return chip.facts

    assert by_hand.done(ctx, rom.port, ask, hand).chip == "esp32c3"
    assert hand.asked == ["boot", "reset"]
