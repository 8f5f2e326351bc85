"""esptool's output, as it comes without a terminal."""

from __future__ import annotations

import pytest

from ide.board.flash import esptool
from ide.board.flash.progress import Heard, Region, Stage

_HEAD = """\
esptool v5.6.0
Serial port /dev/ttyUSB0:
Connecting....
Connected to ESP32-S3 on /dev/ttyUSB0:
Chip type:          ESP32-S3 (QFN56) (revision v0.2)
Features:           Wi-Fi, BT 5 (LE), Dual Core + LP Core, 240MHz, Embedded PSRAM 8MB (AP_3v3)
Crystal frequency:  40MHz
USB mode:           USB-Serial/JTAG
MAC:                34:85:18:AC:00:01

Uploading stub flasher...
Running stub flasher...
Stub flasher running.
"""
_WRITE = """\
Configuring flash size...
Flash will be erased from 0x00000000 to 0x00001fff...
Compressed 8192 bytes to 300...
Writing at 0x00001000 ━━━━━━━━━━━━━━━               50.0% 150B/300B [0s]
Writing at 0x00002000 ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 100.0% 300B/300B [1s]
Wrote 8192 bytes (300 compressed) at 0x00000000 in 0.1 seconds (1.0 kbit/s).
Verifying written data...
Hash of data verified.

Hard resetting via RTS pin...
"""


def _heard(text: str, regions: tuple[Region, ...] = ()) -> Heard:
    heard = Heard(regions)
    for line in text.splitlines():
        heard.hear(line)
    return heard


def test_what_the_chip_is() -> None:
    heard = _heard(_HEAD + "Detected flash size: 16MB\n")
    facts = esptool.facts_of(heard)
    assert (facts.chip, facts.revision, facts.crystal_mhz) == ("esp32s3", (0, 2), 40)
    assert (facts.flash_size, facts.psram, facts.psram_kind) == (16 << 20, 8 << 20, "octal")
    assert facts.mac == "34:85:18:ac:00:01"
    assert facts.description == "ESP32-S3 (QFN56) (revision v0.2)"
    assert not facts.security.known


@pytest.mark.parametrize(
    ("chip", "features", "psram", "kind"),
    [
        ("ESP32-S3", "Wi-Fi, Embedded PSRAM 2MB (AP_3v3)", 2 << 20, "quad"),
        ("ESP32-S2", "Wi-Fi, No Embedded Flash, No Embedded PSRAM", None, ""),  # a WROVER has some beside the chip
        ("ESP32", "Wi-Fi, BT, Dual Core", None, ""),
        ("ESP32-C3", "Wi-Fi, BT 5 (LE)", 0, ""),
    ],
)
def test_psram(chip: str, features: str, psram: int | None, kind: str) -> None:
    facts = esptool.facts_of(_heard(f"Connected to {chip} on COM3:\nFeatures:           {features}\n"))
    assert (facts.psram, facts.psram_kind) == (psram, kind)


def test_the_base_address_of_a_chip_with_a_longer_one() -> None:
    said = "MAC:                40:4c:ca:ff:fe:00:00:01\nBASE MAC:           40:4c:ca:00:00:01\n"
    assert _heard(said).mac == "40:4c:ca:00:00:01"


def test_the_stages_and_what_became_of_the_flash() -> None:
    stages: list[Stage] = []
    done: list[tuple[int, int]] = []
    heard = Heard((Region(0, 8192),))
    heard.on_stage = stages.append
    heard.on_progress = lambda at, total: done.append((at, total))
    states = []
    for line in (_HEAD + _WRITE).splitlines():
        heard.hear(line)
        states.append(heard.state)
    assert stages == ["stub", "write", "compare", "reset"]
    assert done == [(4096, 8192), (8192, 8192)]
    assert list(dict.fromkeys(states)) == ["untouched", "partial", "verified"]
    assert (heard.written, heard.verified, heard.said != "") == (8192, 1, True)


def test_the_bars_of_older_versions() -> None:
    done: list[int] = []
    heard = Heard((Region(0x1000, 0x20000),), on_progress=lambda at, _total: done.append(at))
    assert not heard.hear("Writing at 0x00011000 [==============>               ]  50.0% 16384/32768 bytes...")
    assert not heard.hear("Writing at 0x00021000 [==============================] 100.0% 32768/32768 bytes...")
    assert done == [0x10000, 0x20000]


def test_several_files_are_one_progress() -> None:
    done: list[int] = []
    regions = (Region(0, 0x5000), Region(0x8000, 0x1000), Region(0x10000, 0x8000))
    heard = Heard(regions, on_progress=lambda at, _total: done.append(at))
    for address in (0x4000, 0x5000, 0x9000, 0x14000, 0x18000):
        heard.hear(f"Writing at 0x{address:08x} ━━ 10.0% 1/2 [0s]")
    assert done == [0x4000, 0x5000, 0x6000, 0xA000, 0xE000]
    assert done[-1] == heard.total


def test_erased_and_not_yet_written() -> None:
    heard = _heard("Erasing flash memory (this may take a while)...\n")
    assert str(heard.state) == "partial"
    heard.hear("Flash memory erased successfully in 3.1 seconds.")
    assert heard.state == "erased"


def test_nothing_to_write_leaves_the_flash_untouched() -> None:
    heard = _heard("No changed sectors found, verifying if data is in flash...\n'/x/fw.bin' at 0x00000000 verified.\n",
                   (Region(0, 10),))  # fmt: skip
    assert (heard.state, heard.verified, heard.in_place) == ("untouched", 1, 1)


def test_what_failed_is_kept_apart_from_what_it_did_before_it_said_so() -> None:
    heard = _heard(_HEAD + "Hard resetting via RTS pin...\n\nERROR: A fatal error occurred: Oh no.\nSee there.\n")
    assert heard.said == "A fatal error occurred: Oh no.\nSee there."
    assert (heard.stage, heard.failed_at) == ("reset", "stub")


def test_lines_come_as_they_are_written() -> None:
    pieces = iter([b"one\r\ntw", b"o\rthree", b"\n\xe2\x94", b"\x81\n", b"end", b""])
    assert [line for line in esptool.lines_of(lambda _n: next(pieces)) if line] == ["one", "two", "three", "━", "end"]
