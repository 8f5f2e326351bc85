"""Which firmware is proposed, and why; and why others are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide.board.flash.choose import from_build, from_file, propose, why_not
from ide.board.flash.errors import WrongImage
from ide.board.flash.firmware import FirmwareCatalog
from ide.board.flash.records import BoardFacts, ChipFacts, Security
from ide.board.inspect import Identity
from tests.fakes import images
from toolchains.chips import chips
from toolchains.paths import Paths

_MB = 1 << 20


@pytest.fixture
def catalog(paths: Paths) -> FirmwareCatalog:
    return FirmwareCatalog.of(paths)


def _chip(chip: str, **more: object) -> ChipFacts:
    values = {"description": chip, "revision": None, "flash_size": 4 * _MB, "psram": 0, "psram_kind": "", "mac": "",
              "crystal_mhz": 40, "security": Security(), "features": (), **more}  # fmt: skip
    return ChipFacts(chip, **values)  # type: ignore[arg-type]


def _running(machine: str, build: str = "", version: str = "1.26.1", chip: str | None = None) -> Identity:
    return Identity(version, 0, machine, build, "esp32", 0, 0, chip)


def _facts(chip: ChipFacts | None, running: Identity | None = None) -> BoardFacts:
    return BoardFacts("/dev/ttyUSB0", chip, running, "" if running else "silent", "uart")


_CASES = [
    (_chip("esp32"), "", "ESP32_GENERIC", "", "It runs on any board with an ESP32."),
    (_chip("esp32", flash_size=None, psram=None), "", "ESP32_GENERIC", "", "It runs on any board with an ESP32."),
    (_chip("esp32", psram=4 * _MB, psram_kind="quad"), "", "ESP32_GENERIC", "SPIRAM",
     "The board has 4.0 MB of extra memory (PSRAM), which this one uses."),
    (_chip("esp32", flash_size=2 * _MB), "", "ESP32_GENERIC", "D2WD",
     "The board has 2.0 MB of flash; the others need more."),
    (_chip("esp32", features=("Wi-Fi", "BT", "Single Core", "240MHz")), "", "ESP32_GENERIC", "UNICORE",
     "This ESP32 has one core."),
    (_chip("esp32s2", flash_size=4 * _MB), "", "ESP32_GENERIC_S2", "", "It runs on any board with an ESP32-S2."),
    (_chip("esp32s3", psram=2 * _MB, psram_kind="quad"), "", "ESP32_GENERIC_S3", "",
     "It runs on any board with an ESP32-S3."),
    (_chip("esp32s3", psram=8 * _MB, psram_kind="octal", flash_size=16 * _MB), "", "ESP32_GENERIC_S3", "SPIRAM_OCT",
     "The board has 8.0 MB of extra memory (PSRAM), which this one uses."),
    (_chip("esp32s3", psram=8 * _MB, psram_kind="octal"), "1.25.0", None, "", ""),
    (_chip("esp32s3"), "1.25.0", "ESP32_GENERIC_S3", "FLASH_4M",
     "The board has 4.0 MB of flash; the others need more."),
    (_chip("esp32c2", flash_size=2 * _MB), "", "ESP32_GENERIC_C2", "FLASH_2M",
     "The board has 2.0 MB of flash; the others need more."),
    (_chip("esp32p4", flash_size=16 * _MB, revision=(1, 3)), "", "ESP32_GENERIC_P4", "PRE_REV3",
     "It is for chips like this one, of revision v1.3."),
    (_chip("esp32p4", flash_size=16 * _MB, revision=(3, 1)), "", "ESP32_GENERIC_P4", "",
     "It is for chips like this one, of revision v3.1."),
    (_chip("esp32p4", flash_size=16 * _MB, revision=(1, 3)), "1.28.0", "ESP32_GENERIC_P4", "",
     "It is for chips like this one, of revision v1.3."),
]  # fmt: skip


@pytest.mark.parametrize(("chip", "version", "board", "variant", "reason"), _CASES)
def test_the_first_proposal(
    catalog: FirmwareCatalog, chip: ChipFacts, version: str, board: str | None, variant: str, reason: str
) -> None:
    first = propose(_facts(chip), catalog, version or None)[0]
    if board is None:
        assert first.firmware.variant == "FLASH_4M"  # the octal one needs 8 MB in that release
        return
    assert (first.firmware.board, first.firmware.variant, str(first.reason)) == (board, variant, reason)
    assert first.fits
    assert first.why_not is None
    assert first.firmware.version == (version or catalog.newest)


@pytest.mark.parametrize("chip", chips())
def test_every_chip_has_one_and_what_does_not_fit_comes_last(catalog: FirmwareCatalog, chip: str) -> None:
    found = propose(_facts(_chip(chip, flash_size=16 * _MB)), catalog)
    assert found[0].fits
    assert [one.fits for one in found] == sorted((one.fits for one in found), reverse=True)
    assert all(str(one.reason) and one.fits == (one.why_not is None) for one in found)
    assert {one.firmware.chip for one in found} == {chip}


def test_what_runs_there_now_is_proposed_again(catalog: FirmwareCatalog) -> None:
    running = _running("TinyS3 with ESP32-S3-FN8", "UM_TINYS3", chip="esp32s3")
    first = propose(_facts(_chip("esp32s3", flash_size=8 * _MB), running), catalog)[0]
    assert first.firmware.board == "UM_TINYS3"
    assert str(first.reason) == "The board runs this firmware now, in version 1.26.1."
    same = propose(_facts(None, _running("", "UM_TINYS3", catalog.newest, "esp32s3")), catalog)[0]
    assert str(same.reason) == "The board runs exactly this firmware now."


def test_a_variant_that_a_person_chose_is_kept(catalog: FirmwareCatalog) -> None:
    running = _running("Generic ESP32 module with OTA with ESP32", "ESP32_GENERIC-OTA", chip="esp32")
    assert propose(_facts(_chip("esp32"), running), catalog)[0].firmware.variant == "OTA"


def test_plain_firmware_on_a_board_with_more_memory_gives_way(catalog: FirmwareCatalog) -> None:
    running = _running("Generic ESP32 module with ESP32", chip="esp32")
    found = propose(_facts(_chip("esp32", psram=4 * _MB, psram_kind="quad"), running), catalog)
    assert found[0].firmware.variant == "SPIRAM"
    plain = next(one for one in found if (one.firmware.board, one.firmware.variant) == ("ESP32_GENERIC", ""))
    assert str(plain.reason) == "It is what runs there now, but another one fits better."


def test_the_wi_fi_chip_beside_a_p4_is_remembered(catalog: FirmwareCatalog) -> None:
    running = _running("", "ESP32_GENERIC_P4-C6_WIFI", "1.28.0", "esp32p4")
    chip = _chip("esp32p4", flash_size=16 * _MB, revision=(1, 0))
    assert propose(_facts(chip, running), catalog)[0].firmware.variant == "PRE_REV3_C6_WIFI"


def test_a_board_that_runs_a_makers_firmware_that_nobody_knows(catalog: FirmwareCatalog) -> None:
    running = _running("My board with ESP32C3", "MY_BOARD", chip="esp32c3")
    assert propose(_facts(_chip("esp32c3"), running), catalog)[0].firmware.board == "ESP32_GENERIC_C3"


def test_nobody_knows_the_chip(catalog: FirmwareCatalog) -> None:
    assert propose(_facts(None), catalog) == []
    assert propose(_facts(_chip("esp8266")), catalog) == []


_REFUSED = [
    (_chip("esp32"), "ESP32_GENERIC_S3", "", "1.29.0", "It is for the ESP32-S3, and the board has an ESP32."),
    (_chip("esp32", flash_size=2 * _MB), "ESP32_GENERIC", "", "1.29.0",
     "It needs 4.0 MB of flash, and the board has 2.0 MB."),
    (_chip("esp32"), "ESP32_GENERIC", "SPIRAM", "1.29.0",
     "It is for boards with extra memory (PSRAM), and this one has none."),
    (_chip("esp32s3", psram=2 * _MB, psram_kind="quad"), "ESP32_GENERIC_S3", "SPIRAM_OCT", "1.29.0",
     "It is for another kind of extra memory (PSRAM) than this board has."),
    (_chip("esp32", features=("Single Core",)), "ESP32_GENERIC", "", "1.29.0",
     "It needs two cores, and this chip has one."),
    (_chip("esp32p4", flash_size=16 * _MB, revision=(1, 0)), "ESP32_GENERIC_P4", "", "1.29.0",
     "It is for the chip's revisions v3.0 to v3.99, and this one is v1.0."),
    (_chip("esp32p4", flash_size=16 * _MB, revision=(3, 0)), "ESP32_GENERIC_P4", "", "1.28.0",
     "It is for the chip's revisions v0.0 to v1.99, and this one is v3.0."),
]  # fmt: skip


@pytest.mark.parametrize(("chip", "board", "variant", "version", "sentence"), _REFUSED)
def test_a_wrong_one_is_refused_in_words(
    catalog: FirmwareCatalog, chip: ChipFacts, board: str, variant: str, version: str, sentence: str
) -> None:
    row = catalog.find(board, variant, version)
    assert row is not None
    assert str(why_not(row, _facts(chip))) == sentence


# --- what a person has ----------------------------------------------------------------------------------------------


def test_a_file_is_known_by_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.bin"
    path.write_bytes(images.firmware("esp32s3", version="1.27.0", machine="TinyS3 with ESP32-S3-FN8"))
    found = from_file(path)
    assert (found.board, found.chip, found.version, found.source) == ("UM_TINYS3", "esp32s3", "1.27.0", "file")
    assert found.title == "Unexpected Maker TinyS3"
    assert found.size == path.stat().st_size


def test_a_file_of_nobody_has_the_name_of_its_file_or_of_its_machine(tmp_path: Path) -> None:
    path = tmp_path / "mine.bin"
    path.write_bytes(images.firmware("esp32c3", machine="My board with ESP32C3"))
    assert from_file(path).title == "My board with ESP32C3"
    program = images.image("esp32c3", [(0x3C000020, images.app_description())])
    path.write_bytes(images.joined("esp32c3", images.bootloader("esp32c3"), images.table(), program))
    assert from_file(path).title == "mine.bin"


def test_an_official_name_tells_the_variant(tmp_path: Path) -> None:
    path = tmp_path / "ESP32_GENERIC-SPIRAM-20250911-v1.26.1.bin"
    path.write_bytes(images.firmware("esp32"))
    assert (from_file(path).board, from_file(path).variant) == ("ESP32_GENERIC", "SPIRAM")


def test_a_program_alone_is_no_firmware(tmp_path: Path) -> None:
    path = tmp_path / "micropython.bin"
    path.write_bytes(images.app("esp32"))
    with pytest.raises(WrongImage, match="program alone"):
        from_file(path)


def test_the_result_of_a_build(tmp_path: Path) -> None:
    folder = tmp_path / "build-ESP32_GENERIC_S3-SPIRAM_OCT"
    folder.mkdir()
    with pytest.raises(WrongImage, match=r"There is no firmware\.bin"):
        from_build(folder)
    (folder / "firmware.bin").write_bytes(images.firmware("esp32s3", version="1.30.0-preview.3.g0123456789"))
    found = from_build(folder)
    assert (found.board, found.variant, found.source) == ("ESP32_GENERIC_S3", "SPIRAM_OCT", "build")
    assert found.version == "1.30.0-preview.3.g0123456789"
