"""Locks in words, and what fuses say of a chip, read as esptool reads them."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise

import pytest

from ide.board.flash import fuses, security
from ide.board.flash.errors import SecureBoot
from ide.board.flash.records import Security
from ide.board.inspect import Identity
from tests.fakes.rom_table import rows
from toolchains.chips import chips

_OPEN = Security(known=True)


def test_every_lock_has_its_sentence() -> None:
    all_on = Security(secure_boot=True, flash_encryption=True, secure_download=True, known=True)
    assert [str(text).split(" is on")[0] for text in security.words(all_on)] == [
        "Secure boot", "Flash encryption", "Secure download",
    ]  # fmt: skip
    assert [str(text) for text in security.words(_OPEN)] == ["The chip is not locked."]
    assert "not known" in str(security.words(Security())[0])


@pytest.mark.parametrize(
    "locked", [Security(secure_boot=True, known=True), Security(flash_encryption=True, known=True)]
)
def test_a_locked_chip_is_refused(locked: Security) -> None:
    with pytest.raises(SecureBoot) as caught:
        security.check("COM3", locked)
    assert "Nothing" not in str(caught.value)
    assert "use another board" in str(caught.value)


def test_an_open_chip_is_written_and_secure_download_cannot_be_read() -> None:
    security.check("COM3", _OPEN)
    assert security.can_be_read(_OPEN)
    assert not security.can_be_read(Security(secure_download=True, known=True))


def _read(chip: str, **fuse: int) -> dict[int, int]:
    """The registers of an emulated chip, with ``fuse`` bits blown."""
    row = rows()[chip]
    registers = dict.fromkeys(fuses.registers(chip), 0)
    registers |= row.efuses(bytes(6), (fuse.get("major", 0), fuse.get("minor", 0)), 0)
    return registers


@pytest.mark.parametrize("chip", sorted(chips()))
@pytest.mark.parametrize("revision", [(0, 0), (0, 3), (1, 1), (3, 1)])
def test_the_revision_is_read_from_the_fuses(chip: str, revision: tuple[int, int]) -> None:
    words = _read(chip, major=revision[0], minor=revision[1])
    assert fuses.revision(chip, words) == revision


@pytest.mark.parametrize("chip", sorted(chips()))
def test_locks_are_read_from_the_fuses(chip: str) -> None:
    words = _read(chip)
    row = rows()[chip]
    assert fuses.security(chip, words, (3, 1)) == _OPEN
    at, mask = row.boot_enable
    assert fuses.security(chip, words | {at: words.get(at, 0) | mask}, (3, 1)).secure_boot
    at, mask = row.crypt_count
    lowest = mask & -mask
    assert fuses.security(chip, words | {at: words.get(at, 0) | lowest}, (3, 1)).flash_encryption
    assert not fuses.security(chip, words | {at: words.get(at, 0) | 3 * lowest}, (3, 1)).flash_encryption


_ESPTOOL = """
import json
from esptool.targets import CHIP_DEFS
print(json.dumps({name: {key: getattr(rom, key, None) for key in (
    'EFUSE_SECURE_BOOT_EN_REG', 'EFUSE_SECURE_BOOT_EN_MASK', 'EFUSE_RD_ABS_DONE_REG', 'EFUSE_RD_ABS_DONE_0_MASK',
    'EFUSE_SPI_BOOT_CRYPT_CNT_REG', 'EFUSE_SPI_BOOT_CRYPT_CNT_MASK')} for name, rom in CHIP_DEFS.items()}))
"""


def test_the_places_of_the_locks_are_those_of_esptool() -> None:
    said = subprocess.run([sys.executable, "-c", _ESPTOOL], capture_output=True, check=True).stdout
    theirs = json.loads(said)
    for chip in chips():
        row, known = fuses._rows()[chip], theirs[chip]
        boot = (known["EFUSE_SECURE_BOOT_EN_REG"], known["EFUSE_SECURE_BOOT_EN_MASK"])
        if chip == "esp32":
            boot = (known["EFUSE_RD_ABS_DONE_REG"], known["EFUSE_RD_ABS_DONE_0_MASK"])
        for name, (register, mask) in {
            "secure_boot": boot,
            "encryption": (known["EFUSE_SPI_BOOT_CRYPT_CNT_REG"], known["EFUSE_SPI_BOOT_CRYPT_CNT_MASK"]),
        }.items():
            ((at, shift, width),) = row[name]
            assert (at, ((1 << width) - 1) << shift) == (register, mask), (chip, name)


def _identity(machine: str = "ESP32S3 module with ESP32S3", build: str = "ESP32_GENERIC_S3-SPIRAM_OCT") -> Identity:
    return Identity(
        "1.26.1", 0x2B06, machine, build, "esp32", 1, 2, "esp32s3", unique_id="246f28aabb01"
    )  # fmt: skip


def test_a_running_micropython_tells_flash_psram_mac_revision_and_locks() -> None:
    words = _read("esp32s3", minor=2)
    found = fuses.facts(_identity(), (16 << 20, 8_386_000, [words[at] for at in fuses.registers("esp32s3")]))
    assert found is not None
    assert (found.chip, found.description) == ("esp32s3", "ESP32-S3 (revision v0.2)")
    assert (found.flash_size, found.psram, found.psram_kind) == (16 << 20, 8 << 20, "octal")
    assert found.mac == "24:6f:28:aa:bb:01"
    assert found.security == _OPEN


@pytest.mark.parametrize("answer", [None, (), (None, None, None), (1, 2, ["x"]), (1, 2, [0]), "?", ("a", "b", [1, 2])])
def test_firmware_that_leaves_parts_out_is_no_error(answer: object) -> None:
    found = fuses.facts(_identity(), answer)
    assert found is not None
    assert found.revision is None
    assert not found.security.known


def test_what_is_asked_is_short_and_sorted() -> None:
    for chip in chips():
        addresses = fuses.registers(chip)
        assert all(a < b for a, b in pairwise(addresses))
        assert len(addresses) <= 6
