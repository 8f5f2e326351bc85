"""Many boards at once, with real esptool: each on its own, and none that fails stops another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from ide.board.boards import Boards
from ide.board.flash import job, many, sheet
from ide.board.flash.errors import NotInDownloadMode, SecureBoot, Unplugged, WrongChip, WrongImage
from ide.board.flash.firmware import FirmwareCatalog
from ide.board.flash.labels import Labels
from ide.board.flash.many import ManyBoards, Plan, Row, SameBoard, flash_all
from ide.board.flash.picks import NothingFits, Pick, Picker, by_word
from ide.board.flash.records import BoardFacts, ChipFacts, Firmware, FlashJob, Security
from ide.board.flash.smoke import Check, try_out
from ide.board.flash.trouble import NotThisPort
from ide.board.link import open_link
from tests.conftest import RecordingContext
from tests.fakes import images
from tests.fakes.board import FakeBoard
from tests.fakes.rom_chip import RomChip
from tests.fakes.wire import PtyBoard
from toolchains.errors import FetchError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.text import _
from toolchains.toolbox import Toolbox

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")

_CHIPS = ("esp32", "esp32s2", "esp32s3", "esp32c2", "esp32c3", "esp32c5", "esp32c6", "esp32h2", "esp32p4")


@pytest.fixture
def box(home: object) -> Iterator[Toolbox]:
    with Toolbox.of(Host.current()) as made:
        yield made


@pytest.fixture
def firmware(tmp_path: Path) -> Picker:
    """The right image for each board."""

    def pick(ctx: JobContext, facts: BoardFacts, chip: ChipFacts) -> Pick:
        image = tmp_path / f"{chip.chip}.bin"
        if not image.exists():
            image.write_bytes(images.firmware(chip.chip))
        return _pick(chip.chip, image)

    return pick


def _pick(chip: str, image: Path) -> Pick:
    return Pick(f"MicroPython for {chip}", _("It fits."), FlashJob("", chip, (job.place(chip, image),)), "all")


def _lab(stack: ExitStack, kinds: tuple[str, ...]) -> list[RomChip]:
    return [stack.enter_context(RomChip(kind, mac=f"24:6f:28:00:00:{n:02x}")) for n, kind in enumerate(kinds, 1)]


def _written(rom: RomChip, tmp_path: Path) -> bool:
    image = (tmp_path / f"{rom.chip}.bin").read_bytes()
    return rom.flash[rom.row.boot : rom.row.boot + len(image)] == image


@pytest.mark.slow
def test_twelve_boards_of_nine_kinds_at_once(
    ctx: RecordingContext, box: Toolbox, firmware: Picker, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        lab = _lab(stack, (*_CHIPS, "esp32", "esp32s3", "esp32c3"))
        Labels.of(box.paths).put(ctx, lab[4].mac, "bench 5")
        told: list[Row] = []
        rows = flash_all(ctx, box, Plan(tuple(rom.port for rom in lab), firmware), told.append)
        assert [str(row.error) for row in rows if row.error] == []
        assert all(row.good for row in rows)
        assert [row.port for row in rows] == [rom.port for rom in lab]
        assert all(_written(rom, tmp_path) and rom.mode == "micropython" for rom in lab)
    assert rows[4].label == "bench 5"
    assert [row.mac for row in rows] == [rom.mac for rom in lab]
    for row in rows:
        stages = list(dict.fromkeys(each.stage for each in told if each.port == row.port))
        assert stages == ["detecting", "choosing", "writing", "testing", "done"]
        percents = [each.percent for each in told if each.port == row.port and each.stage == "writing" and each.total]
        assert percents
        assert len(percents) < 150


def test_those_that_fail_stop_nobody(ctx: RecordingContext, box: Toolbox, firmware: Picker, tmp_path: Path) -> None:
    with ExitStack() as stack:
        lab = _lab(stack, ("esp32", "esp32s3", "esp32c3", "esp32c6"))
        locked, pulled, buttons, good = lab
        locked.faults.secure_boot = True
        locked.reset()
        pulled.faults.unplug_at = 60
        buttons.wiring = "button"
        rows = flash_all(ctx, box, Plan(tuple(rom.port for rom in lab), firmware))
        assert _written(good, tmp_path)
        assert locked.flash == b"\xff" * len(locked.flash)
    assert [row.stage for row in rows] == ["failed", "failed", "failed", "done"]
    assert [type(row.error) for row in rows[:1]] == [SecureBoot]
    assert isinstance(rows[1].error, Unplugged)
    assert isinstance(rows[2].error, NotInDownloadMode)


def test_a_patient_plan_waits_for_the_person_before_and_after(
    ctx: RecordingContext, box: Toolbox, firmware: Picker
) -> None:
    with RomChip("esp32c3", wiring="button") as rom:
        todo = [("BOOT was not down", rom.press_boot), ("Press RESET", rom.reset)]

        def person(row: Row) -> None:
            if row.stage == "help" and todo and todo[0][0] in str(row.step):
                todo.pop(0)[1]()

        (row,) = flash_all(ctx, box, Plan((rom.port,), firmware, patient=True), person)
    assert todo == []
    assert row.good
    assert row.flashed is not None
    assert row.flashed.running is not None


def test_one_board_can_be_stopped_alone(ctx: RecordingContext, box: Toolbox, firmware: Picker) -> None:
    with ExitStack() as stack:
        lab = _lab(stack, ("esp32c3", "esp32c6"))
        run: ManyBoards

        def watch(row: Row) -> None:
            if row.port == lab[0].port and row.stage == "choosing":
                run.stop(row.port)

        run = ManyBoards(ctx, box, Plan(tuple(rom.port for rom in lab), firmware), watch)
        rows = run.run()
    assert [row.stage for row in rows] == ["stopped", "done"]


def test_a_cancel_stops_all_and_each_says_what_it_left(box: Toolbox, firmware: Picker) -> None:
    ctx = JobContext()
    with ExitStack() as stack:
        lab = _lab(stack, ("esp32c3", "esp32c6"))
        rows = flash_all(
            ctx, box, Plan(tuple(rom.port for rom in lab), firmware),
            lambda row: ctx.cancel() if row.stage == "writing" and row.total else None,
        )  # fmt: skip
    assert [row.stage for row in rows] == ["stopped", "stopped"]
    assert all("flash" in str(row.error) or "written" in str(row.error) for row in rows)


def test_firmware_that_cannot_be_had_fails_the_row_alone(ctx: RecordingContext, box: Toolbox, firmware: Picker) -> None:
    def pick(ctx: JobContext, facts: BoardFacts, chip: ChipFacts) -> Pick:
        if chip.chip == "esp32c3":
            raise FetchError(_("There is no network."))
        return firmware(ctx, facts, chip)

    with ExitStack() as stack:
        lab = _lab(stack, ("esp32c3", "esp32c6"))
        rows = flash_all(ctx, box, Plan(tuple(rom.port for rom in lab), pick))
    assert [row.stage for row in rows] == ["failed", "done"]
    assert "no network" in str(rows[0].error)


def test_an_image_for_another_chip_is_not_written(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    image = tmp_path / "wrong.bin"
    image.write_bytes(images.firmware("esp32c6"))
    with RomChip("esp32c3") as rom:
        plan = Plan((rom.port,), lambda ctx, facts, chip: _pick("esp32c3", image))
        (row,) = flash_all(ctx, box, plan)
        assert rom.flash == b"\xff" * len(rom.flash)
    assert isinstance(row.error, WrongImage | WrongChip)


def test_the_official_firmware_that_fits_best_is_downloaded_once_for_all(
    ctx: RecordingContext, box: Toolbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def download(catalog: FirmwareCatalog, ctx: JobContext, firmware: Firmware, sources: object) -> Path:
        asked.append(firmware.url)
        image = tmp_path / f"{firmware.chip}.bin"
        image.write_bytes(images.firmware(firmware.chip))
        return image

    monkeypatch.setattr(FirmwareCatalog, "download", download)
    catalog, facts = FirmwareCatalog.of(box.paths), _facts("COM3", "uart")
    assert facts.chip is not None
    found = by_word(catalog)(ctx, facts, facts.chip)
    assert "ESP32_GENERIC_S3" in asked[0]
    assert [file.address for file in found.job.files] == [0]
    with pytest.raises(NothingFits) as caught:
        by_word(catalog, "1.0.0")(ctx, facts, facts.chip)
    assert "another release" in str(caught.value)


def test_one_file_is_for_every_board(ctx: RecordingContext, box: Toolbox, tmp_path: Path) -> None:
    image, facts = tmp_path / "ours.bin", _facts("COM3", "uart")
    image.write_bytes(images.firmware("esp32s3"))
    assert facts.chip is not None
    assert by_word(FirmwareCatalog.of(box.paths), str(image))(ctx, facts, facts.chip).title == "ours.bin"


def test_micropython_on_something_else_is_left_alone(ctx: RecordingContext, box: Toolbox, firmware: Picker) -> None:
    with PtyBoard(FakeBoard()) as board:
        (row,) = flash_all(ctx, box, Plan((board.path,), firmware))
    assert isinstance(row.error, NotThisPort)


def test_a_program_is_put_on_each_board_that_works(ctx: RecordingContext, box: Toolbox, firmware: Picker) -> None:
    put: list[str] = []

    def deploy(ctx: JobContext, boards: Boards, port: str) -> None:
        boards.open(ctx, port).exec(ctx, "note('deployed')")
        put.append(port)

    with RomChip("esp32c3") as rom:
        (row,) = flash_all(ctx, box, Plan((rom.port,), firmware, deploy=deploy))
        assert put == [rom.port]
    assert row.good


def _facts(port: str, usb: str, mac: str = "24:6f:28:00:00:01") -> BoardFacts:
    chip = ChipFacts("esp32s3", "", None, None, None, "", mac, None, Security(), ())
    return BoardFacts(port, chip, None, "", usb)


def test_two_sockets_of_one_board_are_done_once(ctx: RecordingContext, box: Toolbox, firmware: Picker) -> None:
    run = ManyBoards(ctx, box, Plan((), firmware))
    run.claim(_facts("COM3", "uart"))
    with pytest.raises(SameBoard) as caught:
        run.claim(_facts("COM4", "usb-serial-jtag"))
    assert "COM3" in str(caught.value)
    run.claim(_facts("COM5", "uart"))  # a copied MAC is no proof
    run.claim(_facts("COM6", "usb-serial-jtag", ""))


# --- the smoke test ------------------------------------------------------------------------------------------------


def test_the_smoke_test_asks_and_leaves_nothing(ctx: RecordingContext) -> None:
    with RomChip("esp32c3", mac="24:6f:28:00:00:01") as rom:
        rom.program()
        board = open_link(ctx, rom.port)
        checks = try_out(ctx, board, _facts(rom.port, ""))
        left = board.ask(ctx, "sorted(globals())")
        board.close()
    assert [(str(check.name), check.good) for check in checks] == [
        ("MicroPython", True), ("It computes", True), ("Memory", True), ("Files", True), ("The same board", True),
    ]  # fmt: skip
    assert "_file" not in str(left)


def test_the_smoke_test_notices_another_board(ctx: RecordingContext) -> None:
    with RomChip("esp32c3", mac="24:6f:28:00:00:09") as rom:
        rom.program()
        board = open_link(ctx, rom.port)
        checks = try_out(ctx, board, _facts(rom.port, ""))
        board.close()
    assert [str(check.name) for check in checks if not check.good] == ["The same board"]


# --- the sheet -----------------------------------------------------------------------------------------------------

_WHEN = datetime(2026, 1, 2, 3, 4, 5)


def test_the_sheet_says_who_passed_and_why_not(tmp_path: Path) -> None:
    good = Row("COM3", "done", "bench 1", _facts("COM3", "uart"), "MicroPython 1.26.1", seconds=12.4)
    good = replace(good, checks=(Check(_("Memory"), True, _("fine")),))
    rows = [
        good,
        replace(good, port="COM4", checks=(Check(_("Files"), False, _("there is no file system")),)),
        Row("COM5", "failed", error=SecureBoot("COM5", _("Secure boot is on."))),
        Row("COM6", "stopped"),
        Row("COM7", "failed"),
    ]
    page = sheet.html(rows, _WHEN, title="Class 7b")
    assert "<h1>Class 7b</h1>" in page
    assert "1 of 5 boards passed" in page
    assert page.count("✓ PASS") == 1
    assert page.count("✗ FAIL") == 3
    assert page.count("✗ STOPPED") == 1
    for words in ("bench 1", "24:6f:28:00:00:01", "Secure boot is on.", "there is no file system", "A fault of Natmod"):
        assert words in page
    file = sheet.write(rows, tmp_path / "sheets", _WHEN, title="Class 7b")
    assert file.name == "boards-20260102-030405.html"
    assert file.read_text("utf-8") == page


def test_what_boards_say_is_text_in_the_sheet() -> None:
    row = Row("COM3", "done", "<script>alert(1)</script>", firmware="<b>")
    page = sheet.html([row], _WHEN, title="<i>")
    assert "<script" not in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert "http" not in page


def test_a_row_knows_how_far_it_is() -> None:
    assert Row("COM3", done=50, total=200).percent == 25
    assert Row("COM3").percent == 0
    assert not Row("COM3").ended
    assert {"done", "failed", "stopped"} == many.ENDED
